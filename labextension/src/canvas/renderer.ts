/**
 * What the canvas needs of whatever draws it: the thin adapter around sigma.
 *
 * Points are pixels of the host, y downwards, unless a name says graph units.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { IExtent, ISize, IView, Point } from './geometry';
import type { ITheme } from './theme';

export type PointerKind = 'down' | 'move' | 'up' | 'click' | 'doubleClick' | 'enter' | 'leave';

/** Something that a mouse or a finger did. */
export interface IPointer {
  readonly kind: PointerKind;
  /** The node under it. */
  readonly nodeId: string | null;
  readonly at: Point;
  /** Shift, Ctrl or Cmd was held: add to the selection. */
  readonly isExtending: boolean;
  /** Shift was held. */
  readonly isShift: boolean;
  /** Keep the renderer from panning or zooming by it. */
  readonly prevent: () => void;
}

export interface IRenderer extends IDisposable {
  readonly size: ISize;
  /** What is seen. */
  readonly view: IView;
  /** Show something else, at once or in a smooth move (ms). */
  setView(view: IView, durationMs: number): void;
  /** Show a box, mostly that around all nodes; there, things have the size that the scene gives them. */
  fit(extent: IExtent, durationMs: number): void;
  setTheme(theme: ITheme): void;
  /** How long the last look at the graph took: ms. */
  readonly costMs: number;
  /** Draw what the scene has touched. */
  update(): void;
  /** Draw the overlay again: selection or highlight has changed. */
  redraw(): void;
  /** The host has another size. */
  resize(): void;
  /** Half the width of something of this size in the graph, pixels. */
  pixelsOf(size: number): number;
  readonly pointer: ISignal<IRenderer, IPointer>;
  /** The person has panned or zoomed. */
  readonly viewMoved: ISignal<IRenderer, void>;
  /** The browser took the graphics memory away. */
  readonly lost: ISignal<IRenderer, void>;
  /** A picture of what is seen. */
  picture(): HTMLCanvasElement;
}

export function toGraph([x, y]: Point, view: IView, size: ISize): Point {
  return [view.x + (x - size.width / 2) / view.scale, view.y - (y - size.height / 2) / view.scale];
}

export function toScreen([x, y]: Point, view: IView, size: ISize): Point {
  return [size.width / 2 + (x - view.x) * view.scale, size.height / 2 - (y - view.y) * view.scale];
}
