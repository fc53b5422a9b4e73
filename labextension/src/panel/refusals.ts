/** The codes of refusals, in words. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { NO_EXTENSION, OFFLINE } from './rest';

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
