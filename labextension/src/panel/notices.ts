/** Refusals as people read them, where there is no field to show them at. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { GraphError } from '../session/errors';
import { NO_EXTENSION, OFFLINE } from './api';

/** How long a notice stays on screen, ms. */
const STAYS_MS = 6000;

/** Codes that tell of a state rather than a mistake. */
const INFOS: ReadonlySet<string> = new Set(['UNDO_EMPTY', 'UNDO_NOTHING_LEFT']);

/** What kind of refusal this is, in a few words; the server's message says the rest. */
export function kindText(code: string, trans: TranslationBundle): string {
  switch (code) {
    case 'SCHEMA':
      return trans.__('Not allowed here');
    case 'NOT_FOUND':
      return trans.__('No longer there');
    case 'GONE':
      return trans.__('The graph is gone');
    case 'CONFLICT':
      return trans.__('Somebody else was quicker');
    case 'CYCLE':
      return trans.__('This would make a circle');
    case 'FORBIDDEN':
      return trans.__('You may not do this');
    case 'READ_ONLY':
      return trans.__('The graph is read only');
    case 'TOO_LARGE':
      return trans.__('Too large');
    case 'RATE_LIMITED':
      return trans.__('Too fast');
    case 'DUPLICATE_ID':
      return trans.__('The name is taken');
    case 'UNDO_EMPTY':
      return trans.__('Nothing to undo or redo');
    case 'UNDO_NOTHING_LEFT':
      return trans.__('Nothing left to undo');
    case 'UNDO_CONFLICT':
      return trans.__('Others have built on this');
    case NO_EXTENSION:
      return trans.__('The server extension is missing');
    case OFFLINE:
    case 'UNAVAILABLE':
      return trans.__('The server cannot take this now');
    case 'BAD_MESSAGE':
      return trans.__('The server does not understand this page');
    default:
      return trans.__('Refused');
  }
}

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
