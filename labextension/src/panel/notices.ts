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
  const kind = kindText(error.code, trans);
  if (INFOS.has(error.code)) {
    Notification.info(kind, { autoClose: STAYS_MS });
  } else {
    Notification.error(`${kind}: ${error.text}`, { autoClose: STAYS_MS });
  }
}

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
