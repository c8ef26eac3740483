// What the contract cannot see of WebSocket, events and large bodies: who comes late, who goes early, and who is slow.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'node:test';

import { WebSocket } from 'ws';

import { edited } from '../documents.js';
import { requestCount } from '../request-count.js';
import { broadcast } from '../rooms.js';
import { openSharedRooms } from '../shared-rooms.js';
import { webSocketPaths } from '../websockets.js';
import { startRedis } from './redis.js';
import { listening } from './serving.js';

const webSockets = webSocketPaths({ processes: 1 });

/** A connection that is open; what comes to it is kept, so that nothing is missed between two questions. */
async function joined(t, { base }, path) {
  const socket = new WebSocket(base.replace('http', 'ws') + path);
  t.after(() => socket.terminate());
  const [kept, asked] = [[], []];
  socket.on('message', (message) => {
    const resolve = asked.shift();
    return resolve === undefined ? kept.push(message.toString()) : resolve(message.toString());
  });
  await once(socket, 'open');
  const hear = () => (kept.length > 0 ? Promise.resolve(kept.shift()) : new Promise((resolve) => asked.push(resolve)));
  return { socket, hear };
}

async function closed({ socket }) {
  socket.close();
  await once(socket, 'close');
}

test('who joins a document late gets the text as it is, and who comes after all have gone an empty one', async (t) => {
  const served = await listening(t, { webSockets });
  const first = await joined(t, served, '/ws/documents/d');
  assert.equal(await first.hear(), 'document 0000000000 ');
  first.socket.send('0 0 hello');
  assert.equal(await first.hear(), 'edit 0000000001 0 0 hello');
  const second = await joined(t, served, '/ws/documents/d');
  assert.equal(await second.hear(), 'document 0000000001 hello');
  await closed(first);
  await closed(second);
  const third = await joined(t, served, '/ws/documents/d');
  assert.equal(await third.hear(), 'document 0000000000 ');
});

test('an edit is taken in as the contract says', () => {
  assert.equal(edited('hello', 1, 3, 'ipp'), 'hippo');
  assert.equal(edited('hello', 99, 99, '!'), 'hello!');
  assert.equal(edited('x'.repeat(65_536), 0, 0, 'ab').length, 65_536);
  assert.ok(edited('x'.repeat(65_536), 0, 0, 'ab').startsWith('abx'));
});

test('a room has no members left once they have gone', async (t) => {
  const served = await listening(t, { webSockets });
  const [first, second] = [await joined(t, served, '/ws/rooms/r'), await joined(t, served, '/ws/rooms/r')];
  await closed(first);
  second.socket.send('alone');
  assert.equal(await second.hear(), 'alone');
});

test('a member who is far behind is disconnected, and the others are served', () => {
  const heard = [];
  const slow = { bufferedAmount: 2 ** 20 + 1, terminate: () => heard.push('gone'), send: () => heard.push('sent to') };
  const quick = { bufferedAmount: 0, send: (message) => heard.push(message) };
  broadcast(new Set([slow, quick]), 'hello', false);
  assert.deepEqual(heard, ['gone', 'hello']);
});

test('where several processes serve, what lives in one is not there', async (t) => {
  const served = await listening(t, { webSockets: webSocketPaths({ processes: 2 }) });
  const socket = new WebSocket(`${served.base.replace('http', 'ws')}/ws/rooms/r`);
  const [error] = await once(socket, 'error');
  assert.match(error.message, /404/);
});

test('a member of a shared room loses its place where Redis is gone', async (t) => {
  t.mock.method(console, 'error', () => {});
  const redis = await startRedis();
  const sharedRooms = await openSharedRooms(redis.url);
  t.after(() => sharedRooms.close());
  const served = await listening(t, { webSockets: webSocketPaths({ processes: 2, sharedRooms }) });
  const { socket } = await joined(t, served, '/ws/shared-rooms/r');
  redis.stop();
  socket.send('lost');
  const [code] = await once(socket, 'close', { signal: AbortSignal.timeout(2_000) });
  assert.equal(code, 1011);
});

test('each message counts, and a stream of events once, though its client goes', async (t) => {
  const served = await listening(t, { webSockets });
  const before = requestCount();
  const echo = await joined(t, served, '/ws/echo');
  echo.socket.send('one');
  await echo.hear();
  const abort = new AbortController();
  const response = await fetch(`${served.base}/events?count=0&gap_ms=5`, { signal: abort.signal });
  await response.body.getReader().read();
  abort.abort();
  assert.equal(requestCount() - before, 2);
});

test('a client that goes in the middle of a body does no harm', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { server, base } = await listening(t);
  const socket = connect(server.address().port, '127.0.0.1');
  socket.write('GET /body?bytes=67108864 HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  const response = await fetch(`${base}/body?bytes=3`);
  assert.equal(await response.text(), '012');
  assert.equal(console.error.mock.callCount(), 0);
});
