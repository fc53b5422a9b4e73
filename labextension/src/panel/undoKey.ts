/** The keys of undo and redo, where JupyterLab's own shortcuts are kept away. */
import type { Direction } from './undoing';

type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** Which of the two a key press asks for; null: neither. */
export function undoKey({ key, ctrlKey, metaKey, shiftKey, altKey }: Keys): Direction | null {
  if ((!ctrlKey && !metaKey) || altKey) {
    return null;
  }
  switch (key.toLowerCase()) {
    case 'z':
      return shiftKey ? 'redo' : 'undo';
    default:
      return null;
  }
}
