import { expect, test } from 'vitest';
import { newId } from '../../src/session/ids';

test('ids are ULIDs, ascending even within a millisecond and when the clock goes back', () => {
  const now = Date.now() + 1_000;
  const ids = [...Array.from({ length: 1_000 }, () => newId(now)), newId(now - 5), newId(now + 1)];
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  }
});

test('the time is in the first ten digits', () => {
  // the example of the specification
  expect(newId(Number.parseInt('1', 10)).length).toBe(26);
  const later = newId(2 ** 47);
  expect(later.slice(0, 10)).toBe('4000000000');
});
