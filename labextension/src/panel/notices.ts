/** Refusals as people read them, where there is no field to show them at. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { GraphError } from '../session/errors';
import { kindText } from './refusals';

/** How long a notice stays on screen, ms. */
const STAYS_MS = 6000;

/** Codes that tell of a state rather than a mistake. */
const INFOS: ReadonlySet<string> = new Set(['UNDO_EMPTY', 'UNDO_NOTHING_LEFT']);

/** Show a failure as a notification; one that is no refusal is a mistake of ours, and logged too. */
export function notify(error: unknown, trans: TranslationBundle): void {
  if (!(error instanceof GraphError)) {
    console.error(error);
    Notification.error(error instanceof Error ? error.message : String(error));
    return;
  }
  if (INFOS.has(error.code)) {
    show(error.text, 'info');
  } else {
    show(`${kindText(error.code, trans)}: ${error.text}`, 'error');
  }
}

/** Tell people something that needs no answer. */
export function inform(text: string): void {
  show(text, 'info');
}

/** Show a notice; one that says the same as the last takes its place. */
function show(text: string, type: 'info' | 'error'): void {
  const shown = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  if (last?.text === shown) {
    Notification.dismiss(last.id);
  }
  last = { text: shown, id: Notification.emit(shown, type, { autoClose: STAYS_MS }) };
}

let last: { text: string; id: string } | null = null;

/** Do it; show a failure. Tells whether it worked. */
export async function attempt(work: Promise<unknown>, trans: TranslationBundle): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    notify(error, trans);
    return false;
  }
}
