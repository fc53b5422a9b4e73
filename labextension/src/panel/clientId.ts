/** Which client this page is: kept over reloads of a tab, never shared by two tabs. */
import { newId } from '../session/ids';

const KEY = 'graph-ext:client-id';

/**
 * Give this browser tab's client id.
 *
 * It is kept in sessionStorage, so a reload keeps one's undo. A duplicated tab starts with a copy
 * of that storage: whoever does not get the id's lock takes a new one. Web locks exist in secure
 * contexts only; without them a duplicated tab shares the id.
 */
export async function tabClientId(
  storage: Storage = sessionStorage,
  locks: LockManager | undefined = 'locks' in navigator ? navigator.locks : undefined
): Promise<string> {
  const stored = storage.getItem(KEY);
  if (stored !== null && (await hold(stored, locks))) {
    return stored;
  }
  const fresh = newId();
  storage.setItem(KEY, fresh);
  await hold(fresh, locks);
  return fresh;
}

/** Try to hold the id's lock until the page is left; tell whether that worked. */
function hold(id: string, locks: LockManager | undefined): Promise<boolean> {
  if (!locks) {
    return Promise.resolve(true);
  }
  return new Promise((resolve, reject) => {
    locks
      .request(`${KEY}:${id}`, { ifAvailable: true }, lock => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}
