// A database that goes away in the middle of a transaction; what stands for it speaks no more of PostgreSQL's protocol than that takes.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test from 'node:test';

import { SETTINGS } from '../settings.js';
import { serving } from './serving.js';

// PostgreSQL documentation, Frontend/Backend Protocol, Message Formats.
const AUTHENTICATED = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const DONE = message('C', Buffer.from('BEGIN\0'));
const SIMPLE_QUERY = 'Q'.charCodeAt(0);

function message(type, content) {
  const head = Buffer.from(`${type}\0\0\0\0`);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

/** Lets `begun` transactions begin, and ends each connection with what comes after. */
async function databaseThatGoes(t, { begun }) {
  let left = begun;
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([AUTHENTICATED, READY]));
      socket.on('data', (sent) => {
        if (sent[0] === SIMPLE_QUERY && left > 0) {
          left -= 1;
          socket.write(Buffer.concat([DONE, READY]));
        } else {
          socket.destroy();
        }
      });
    });
    socket.on('error', () => {});
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return { url: `postgresql://somebody@127.0.0.1:${server.address().port}/none`, pool: SETTINGS.pool(1) };
}

for (const [begun, when] of [
  [0, 'before it begins'],
  [1, 'within it'],
]) {
  test(`a database that goes away under a transaction, ${when}, is a 503, and the server lives`, async (t) => {
    const ask = await serving(t, { database: await databaseThatGoes(t, { begun }) });
    const response = await ask('/db/read-write?id=1', { method: 'POST' });
    assert.equal(response.status, 503);
    assert.equal((await response.json()).detail, 'The database cannot be reached.');
    assert.equal((await ask('/plain')).status, 200);
  });
}
