// The middleware of the mode `protected`: what it lets through and what it refuses.

import assert from 'node:assert/strict';
import test from 'node:test';

import { refuseCrossSite, refuseForeignHosts } from '../protection.js';

function refused(middleware, request) {
  let error;
  middleware(request, undefined, (given) => (error = given));
  return error?.status;
}

test('forms of other sites are refused, and those of the own page are not', () => {
  const post = (headers) => refused(refuseCrossSite, { method: 'POST', headers: { host: '127.0.0.1:80', ...headers } });
  assert.equal(post({ cookie: 'a=b', 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(post({ cookie: 'a=b', origin: 'http://evil.example' }), 403);
  assert.equal(post({ cookie: 'a=b' }), 403);
  assert.equal(post({ cookie: 'a=b', 'sec-fetch-site': 'same-origin' }), undefined);
  assert.equal(post({ cookie: 'a=b', origin: 'http://127.0.0.1:80' }), undefined);
  assert.equal(post({}), undefined);
  assert.equal(refused(refuseCrossSite, { method: 'GET', headers: { cookie: 'a=b', 'sec-fetch-site': 'cross-site' } }), undefined);
});

test('only the own hosts are served', () => {
  assert.equal(refused(refuseForeignHosts, { hostname: 'evil.example' }), 400);
  assert.equal(refused(refuseForeignHosts, { hostname: '127.0.0.1' }), undefined);
});
