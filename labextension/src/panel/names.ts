/** What a session may be called, as far as a page can tell before asking the server. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { GraphError } from '../session/errors';

/** How long a name may be: UTF-8 bytes. */
export const NAME_BYTES = 256;

/**
 * Say what is wrong with a name.
 *
 * @param taken - Names of the other sessions.
 * @returns The complaint; empty when the name is fine.
 */
export function nameProblem(
  name: string,
  taken: Iterable<string>,
  trans: TranslationBundle
): string {
  const wanted = name.trim();
  if (wanted === '') {
    return trans.__('Give the graph a name.');
  }
  if (/\p{Cc}/u.test(wanted)) {
    return trans.__('A name cannot have line breaks or other control characters.');
  }
  if (new TextEncoder().encode(wanted).length > NAME_BYTES) {
    return trans.__('This name is too long.');
  }
  for (const other of taken) {
    if (other === wanted) {
      return trans.__('There is a graph named "%1" already. Choose another name.', wanted);
    }
  }
  return '';
}

/** A name that nobody has yet: `untitled`, `untitled-2`, ... */
export function freshName(taken: Iterable<string>, stem = 'untitled'): string {
  const names = new Set(taken);
  let name = stem;
  for (let n = 2; names.has(name); n++) {
    name = `${stem}-${n}`;
  }
  return name;
}

/** What to tell people when making or renaming a graph was refused. */
export function nameRefusal(error: unknown, name: string, trans: TranslationBundle): string {
  if (error instanceof GraphError && error.code === 'DUPLICATE_ID') {
    return trans.__('There is a graph named "%1" already. Choose another name.', name);
  }
  return error instanceof GraphError ? error.text : String(error);
}
