/** What the keyboard does to the graph: the same as the mouse. */
import type { Point } from './geometry';

export interface IKeyboardHost {
  /** Select the neighbour in a direction (y upwards); `extend`: besides what is selected. */
  step(direction: Point, extend: boolean): void;
  zoom(factor: number): void;
  fit(): void;
  activateSelected(): void;
  deleteSelected(): void;
  clearSelection(): void;
  selectAll(): void;
}

/** Zooming by one key press. */
export const ZOOM_STEP = 1.4;

/** Told to those who can't see the canvas. */
export const KEYBOARD_HELP =
  'Arrow keys go from node to node, with Shift they add to the selection. Enter opens a node, ' +
  'Delete deletes the selection, Escape clears it. Plus and minus zoom, 0 shows the whole graph.';

const DIRECTIONS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1]
};

/** Act on a key; true: it was one of ours, and nobody else may have it. */
export function handleKey(event: KeyboardEvent, host: IKeyboardHost): boolean {
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.altKey || (isCommand && event.key.toLowerCase() !== 'a')) {
    return false;
  }
  const direction = DIRECTIONS[event.key];
  if (direction !== undefined) {
    host.step(direction, event.shiftKey);
    return true;
  }
  switch (event.key) {
    case '+':
    case '=':
      host.zoom(ZOOM_STEP);
      return true;
    case '-':
      host.zoom(1 / ZOOM_STEP);
      return true;
    case '0':
      host.fit();
      return true;
    case 'Enter':
      host.activateSelected();
      return true;
    case 'Delete':
    case 'Backspace':
      host.deleteSelected();
      return true;
    case 'Escape':
      host.clearSelection();
      return true;
    case 'a':
    case 'A':
      if (isCommand) {
        host.selectAll();
      }
      return isCommand;
    default:
      return false;
  }
}
