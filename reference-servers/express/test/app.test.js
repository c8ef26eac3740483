// What the contract cannot see: services that are not there, and errors that nobody foresaw.

import assert from 'node:assert/strict';
import test from 'node:test';

import helmet from 'helmet';

import { makeToken } from '../credentials.js';
import { settingsOf } from '../settings.js';
import { serving } from './serving.js';

function problem(response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  return response.json();
}

test('an error that nobody foresaw is a 500 that does not say how', async (t) => {
  t.mock.method(console, 'error', () => {});
  const ask = await serving(t, {
    runKernel: () => {
      throw new Error('the secret is 42');
    },
  });
  const response = await ask('/cpu/sieve?n=10');
  assert.equal(response.status, 500);
  const { title, detail } = await problem(response);
  assert.equal(title, 'Internal Server Error');
  assert.ok(!detail.includes('42'));
  assert.equal(console.error.mock.callCount(), 1);
});

test('without its upstream a call of it is a 502', async (t) => {
  const ask = await serving(t);
  const response = await ask('/upstream?calls=2');
  assert.equal(response.status, 502);
  assert.equal((await problem(response)).title, 'Bad Gateway');
});

test('without its database a query is a 503, and so is a transaction', async (t) => {
  const ask = await serving(t);
  assert.equal((await ask('/db/row?id=1')).status, 503);
  assert.equal((await ask('/db/read-write?id=1', { method: 'POST' })).status, 503);
});

test('what is sent wrong is told so without its database too', async (t) => {
  const ask = await serving(t);
  const authorization = `Bearer ${await makeToken(1)}`;
  const send = (method, path, body, headers = {}) =>
    ask(path, { method, body, headers: { 'content-type': 'application/json', ...headers } });
  const wrong = [
    [400, ask('/db/row?id=0')],
    [400, ask('/db/rows?count=501')],
    [400, ask('/db/search?name=')],
    [400, send('POST', '/db/read-write?id=x')],
    [400, send('POST', '/mobile/login', '{}')],
    [401, ask('/mobile/tasks')],
    [400, ask('/mobile/tasks?limit=0', { headers: { authorization } })],
    [400, send('POST', '/mobile/tasks', '{', { authorization })],
    [401, send('PUT', '/mobile/tasks/1', '{}')],
    [400, send('PUT', '/mobile/tasks/1', '{}', { authorization })],
    [400, send('POST', '/iot/readings', '[]')],
  ];
  const answers = await Promise.all(wrong.map(async ([status, asked]) => [status, await asked]));
  for (const [status, response] of answers) {
    assert.equal(response.status, status, response.url);
    await problem(response);
  }
});

test('without a database its routes are not there', async (t) => {
  const ask = await serving(t, { database: undefined });
  assert.equal((await ask('/db/row?id=1')).status, 404);
  assert.equal((await ask('/plain')).status, 200);
});

test('another method is told what the route takes', async (t) => {
  const ask = await serving(t);
  const response = await ask('/mobile/tasks/1', { method: 'PATCH' });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get('allow'), 'HEAD, GET, PUT, DELETE');
});

test('helmet puts its headers on every answer', async (t) => {
  const ask = await serving(t, { middleware: [helmet()] });
  for (const path of ['/plain', '/no-such-route']) {
    const { headers } = await ask(path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.ok(headers.has('content-security-policy'), path);
  }
});

test('nothing says what serves, and nothing is cached', async (t) => {
  const ask = await serving(t);
  const { headers } = await ask('/json');
  for (const name of ['x-powered-by', 'etag', 'set-cookie']) {
    assert.equal(headers.get(name), null, name);
  }
});

test('a newcomer gets what Express does by itself', async (t) => {
  const ask = await serving(t, { settings: settingsOf('stock') });
  const { headers } = await ask('/json');
  assert.match(headers.get('etag'), /^W\//);
  assert.equal(headers.get('x-powered-by'), 'Express');
});
