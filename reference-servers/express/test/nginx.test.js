// The configuration that nginx is started with.

import assert from 'node:assert/strict';
import test from 'node:test';

import { configuration, socketOf } from '../nginx.js';

test('every server has its socket, and nothing listens beyond loopback', () => {
  const text = configuration({ port: '8123', state: '/tmp/state', servers: 2 });
  for (const slot of [0, 1]) {
    assert.ok(text.includes(`server unix:${socketOf('/tmp/state', slot)} `));
  }
  assert.deepEqual(text.match(/listen \S+/g), ['listen 127.0.0.1:8123']);
});

test('no connection is closed after a number of requests: of clients none, of servers none', () => {
  const [upstream, server] = configuration({ port: '8123', state: '/tmp/state', servers: 1 }).split('listen ');
  for (const part of [upstream, server]) {
    assert.match(part, /keepalive_requests 1000000000;/);
  }
});
