// Lengths of texts, which are in characters.

import assert from 'node:assert/strict';
import test from 'node:test';

import { hasCharacters, isShortText } from '../texts.js';

test('a character counts once, however many units it has', () => {
  assert.ok(hasCharacters('\u{1F600}'.repeat(50), 1, 50));
  assert.ok(!hasCharacters('\u{1F600}'.repeat(51), 1, 50));
  assert.ok(!hasCharacters('x'.repeat(51), 1, 50));
  assert.ok(!hasCharacters('', 1, 50));
});

test('half of a character, the character zero and what is no text are refused', () => {
  for (const wrong of ['\ud83d', 'a\0b', 7, undefined, ['a']]) {
    assert.ok(!isShortText(wrong), JSON.stringify(wrong));
  }
  assert.ok(isShortText('x'.repeat(200)));
});
