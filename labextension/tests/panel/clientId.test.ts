import { afterEach, expect, test } from 'vitest';
import { tabClientId } from '../../src/panel/clientId';

afterEach(() => {
  sessionStorage.clear();
});

/** A page's locks, as far as they are asked for: who holds a name, and nobody lets go. */
function locksOf(held: Set<string>): LockManager {
  const request = (
    name: string,
    _options: LockOptions,
    granted: (lock: Lock | null) => unknown
  ): Promise<unknown> => {
    const isFree = !held.has(name);
    held.add(name);
    return Promise.resolve(granted(isFree ? { name, mode: 'exclusive' } : null));
  };
  return { request, query: () => Promise.resolve({}) } as unknown as LockManager;
}

test('a reload keeps the id', async () => {
  const first = await tabClientId(sessionStorage, locksOf(new Set()));
  expect(await tabClientId(sessionStorage, locksOf(new Set()))).toBe(first);
});

test('a duplicated tab, whose storage is a copy, takes another', async () => {
  const held = new Set<string>();
  const first = await tabClientId(sessionStorage, locksOf(held));
  const second = await tabClientId(sessionStorage, locksOf(held));
  expect(second).not.toBe(first);
  expect(sessionStorage.getItem('graph-ext:client-id')).toBe(second);
});

test('without locks, as on plain http, the stored id is taken', async () => {
  const first = await tabClientId(sessionStorage, undefined);
  expect(await tabClientId(sessionStorage, undefined)).toBe(first);
});
