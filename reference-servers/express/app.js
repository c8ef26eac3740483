// The routes of CONTRACT.md in Express.

import { pbkdf2 } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';

import express from 'express';
import { Pool } from 'undici';

import { KERNELS } from './kernels.js';
import { countRequests } from './request-count.js';

const derive = promisify(pbkdf2);
const UPSTREAM_TIMEOUTS = { connect: { timeout: 5_000 }, headersTimeout: 30_000, bodyTimeout: 30_000 };

/**
 * The app. `runKernel` takes a kernel and its n, and gives the result or a promise of it; `serverStats` gives a promise of
 * what /stats answers; `upstreamUrl` is the base URL of the upstream.
 */
export function createApp({ runKernel, serverStats, upstreamUrl }) {
  const app = express();
  app.disable('etag');
  app.disable('x-powered-by');

  // Before the middleware that counts: these two are questions about the server, not part of its work.
  get(app, '/health', (_request, response) => response.type('text/plain').send('ok'));
  get(app, '/stats', async (_request, response) => response.json(await serverStats()));
  app.use(countRequests);

  get(app, '/plain', (_request, response) => response.type('text/plain').send('Hello, World!'));
  get(app, '/json', answerItems);
  get(app, '/upstream', answerUpstream(new Pool(upstreamUrl, UPSTREAM_TIMEOUTS)));
  for (const kernel of KERNELS) {
    get(app, `/cpu/${kernel.name}`, async (request, response) => {
      const n = wholeNumber(request, 'n', kernel.low, kernel.high);
      response.json({ kernel: kernel.name, n, result: await runKernel(kernel, n) });
    });
  }
  get(app, '/cpu-released', answerDigest);
  get(app, '/bystander', (_request, response) => response.json({ ok: true }));

  app.use((_request, _response, next) => next(new HttpError(404, 'There is no such route.')));
  app.use(answerProblem);
  return app;
}

class HttpError extends Error {
  constructor(status, detail, options) {
    super(detail, options);
    this.status = status;
    this.expose = true;
  }
}

/** A route that takes GET and says so when asked otherwise. */
function get(app, path, handler) {
  app
    .route(path)
    .get(handler)
    .all((_request, response, next) => {
      response.set('Allow', 'GET, HEAD');
      next(new HttpError(405, 'The method is not allowed for this route.'));
    });
}

function answerItems(request, response) {
  const count = wholeNumber(request, 'items', 1, 1_000, 10);
  const items = [];
  for (let i = 0; i < count; i += 1) {
    items.push({ id: i, name: `item-${i}`, price: i + 0.5, tags: ['a', 'b'] });
  }
  response.json({ count, items });
}

function answerUpstream(pool) {
  return async (request, response) => {
    const delayMs = wholeNumber(request, 'delay_ms', 0, 10_000, 20);
    const calls = wholeNumber(request, 'calls', 1, 16, 1);
    const answers = await Promise.all(Array.from({ length: calls }, () => callUpstream(pool, delayMs)));
    response.json({ calls, answers });
  };
}

async function callUpstream(pool, delayMs) {
  try {
    const { statusCode, body } = await pool.request({ path: `/delay?ms=${delayMs}`, method: 'GET' });
    const text = await body.text();
    if (statusCode === 200) {
      return text;
    }
  } catch (cause) {
    throw new HttpError(502, 'The upstream did not answer.', { cause });
  }
  throw new HttpError(502, 'The upstream did not answer.');
}

async function answerDigest(request, response) {
  const rounds = wholeNumber(request, 'rounds', 1, 5_000_000, 20_000);
  const digest = await derive('claimbench', 'released', rounds, 32, 'sha256');
  response.json({ rounds, digest: digest.toString('hex') });
}

/** A parameter of the query as a whole number within its bounds, or a 400. */
function wholeNumber(request, name, low, high, whenMissing) {
  const text = request.query[name];
  if (text === undefined && whenMissing !== undefined) {
    return whenMissing;
  }
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) {
    return value;
  }
  throw new HttpError(400, `${name} must be a whole number from ${low} to ${high}.`);
}

/** Every error as a problem document (RFC 9457). Express knows an error handler by its four parameters. */
function answerProblem(error, _request, response, next) {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status ?? 500;
  if (status === 500) {
    console.error(error);
  }
  const detail = error.expose ? error.message : 'The server failed.';
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail }));
}
