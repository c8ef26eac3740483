// Tokens and passwords, without a database.

import assert from 'node:assert/strict';
import test from 'node:test';

import { authenticate, makeToken, passwordIsRight } from '../credentials.js';

function asking(authorization) {
  return { get: (name) => (name === 'Authorization' ? authorization : undefined) };
}

test('a token names its user', async () => {
  const request = asking(`Bearer ${await makeToken(7)}`);
  await authenticate(request, undefined, () => {});
  assert.equal(request.user, 7);
});

test('a token with one changed letter is refused', async () => {
  const token = await makeToken(7);
  const at = token.indexOf('.') + 5;
  const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
  for (const header of [`Bearer ${changed}`, `Basic ${token}`, token, 'Bearer', undefined]) {
    await assert.rejects(
      authenticate(asking(header), undefined, () => assert.fail('it let it pass')),
      { status: 401 },
    );
  }
});

test('only the right password of a known user is right', async () => {
  const user = {
    password_salt: 'c1a1b3c4d5e6f708192a3b4c5d6e7f80',
    password_hash: '6ebf62916ff577ccf152f7f8b46c0da3e448a36cc03e0250ba78a31211b35a68',
  };
  assert.equal(await passwordIsRight('correct horse battery staple', user), true);
  assert.equal(await passwordIsRight('correct horse battery stable', user), false);
  assert.equal(await passwordIsRight('correct horse battery staple', undefined), false);
});
