// The routes of CONTRACT.md for large bodies: /body sends one, /upload takes one; neither holds it.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { HttpError } from './problems.js';
import { route, wholeNumber } from './routing.js';

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const UPLOAD_BYTES_MAX = 256 * 1024 * 1024;
const BLOCK = Buffer.from('0123456789abcdef'.repeat(4_096));

export function addLargeBodies(app) {
  route(app, '/body', { get: answerBody });
  route(app, '/upload', { post: answerUpload });
}

async function answerBody(request, response) {
  const bytes = wholeNumber(request, 'bytes', 0, BODY_BYTES_MAX);
  response.set({ 'Content-Type': 'application/octet-stream', 'Content-Length': bytes });
  try {
    await pipeline(Readable.from(blocks(bytes), { objectMode: false, highWaterMark: BLOCK.length }), response);
  } catch (error) {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      throw error;
    } // else: the client went away.
  }
}

function* blocks(bytes) {
  for (let left = bytes; left > 0; left -= BLOCK.length) {
    yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
  }
}

async function answerUpload(request, response) {
  if (Number(request.get('Content-Length') ?? 0) > UPLOAD_BYTES_MAX) {
    throw tooLarge(response);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > UPLOAD_BYTES_MAX) {
      throw tooLarge(response);
    }
    hash.update(part);
  }
  response.json({ bytes, sha256: hash.digest('hex') });
}

/** What is left of the body is not read, so the connection is of no more use. */
function tooLarge(response) {
  response.set('Connection', 'close');
  return new HttpError(413, `The body has more than ${UPLOAD_BYTES_MAX} bytes.`);
}
