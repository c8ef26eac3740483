// What a text is: lengths are in characters, as everywhere in CONTRACT.md, and not in JavaScript's units of 16 bits.

/** Whether a value is a text of so many whole characters. */
export function hasCharacters(value, low, high) {
  // No character has more than two units, so that only what may be short enough is counted.
  if (typeof value !== 'string' || value.length > 2 * high || !value.isWellFormed()) {
    return false;
  }
  const characters = Array.from(value).length;
  return characters >= low && characters <= high;
}

/** Whether a value is a text of 1 to 200 characters that PostgreSQL can hold: all but U+0000. */
export function isShortText(value) {
  return hasCharacters(value, 1, 200) && !value.includes('\0');
}
