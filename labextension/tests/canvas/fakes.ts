/** A renderer without WebGL: one pixel for each graph unit at first, the mouse is the test's. */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Event } from '../../src/protocol';
import type { IExtent, ISize, IView, Point } from '../../src/canvas/geometry';
import { fitView } from '../../src/canvas/geometry';
import type { IPointer, IRenderer, PointerKind } from '../../src/canvas/renderer';
import { toScreen } from '../../src/canvas/renderer';
import { themeOf } from '../../src/canvas/theme';

export const THEME = themeOf([255, 255, 255], [0, 0, 0], [0, 0, 255], 'sans');

export class FakeRenderer implements IRenderer {
  readonly size: ISize = { width: 800, height: 600 };
  view: IView = { x: 0, y: 0, scale: 1 };
  readonly costMs = 0;
  isDisposed = false;
  /** What was asked of it, in order. */
  readonly calls: string[] = [];

  get pointer(): ISignal<IRenderer, IPointer> {
    return this._pointer;
  }

  get viewMoved(): ISignal<IRenderer, void> {
    return this._viewMoved;
  }

  get lost(): ISignal<IRenderer, void> {
    return this._lost;
  }

  setView(view: IView): void {
    this.view = view;
    this.calls.push('setView');
  }

  fit(extent: IExtent): void {
    this.view = fitView(extent, this.size);
    this.calls.push('fit');
  }

  setTheme(): void {
    this.calls.push('setTheme');
  }

  update(): void {
    this.calls.push('update');
  }

  redraw(): void {
    this.calls.push('redraw');
  }

  resize(): void {
    this.calls.push('resize');
  }

  pixelsOf(size: number): number {
    return size;
  }

  picture(): HTMLCanvasElement {
    return document.createElement('canvas');
  }

  dispose(): void {
    this.isDisposed = true;
  }

  /** The mouse does something; gives whether the renderer was told to let it be. */
  mouse(kind: PointerKind, at: Point, nodeId: string | null = null, isShift = false): boolean {
    let isPrevented = false;
    const prevent = () => (isPrevented = true);
    this._pointer.emit({ kind, nodeId, at, isExtending: isShift, isShift, prevent });
    return isPrevented;
  }

  /** Where a point of the graph is on the screen. */
  at(point: Point): Point {
    return toScreen(point, this.view, this.size);
  }

  /** The person pans. */
  pan(): void {
    this._viewMoved.emit();
  }

  /** The browser takes the graphics memory. */
  lose(): void {
    this._lost.emit();
  }

  private readonly _pointer = new Signal<IRenderer, IPointer>(this);
  private readonly _viewMoved = new Signal<IRenderer, void>(this);
  private readonly _lost = new Signal<IRenderer, void>(this);
}

export function node(
  node_id: string,
  position: [number, number] | null = null,
  more: object = {}
): Event {
  return { type: 'node-created', node_id, position, ...more };
}

export function link(link_id: string, source_id: string, target_id: string): Event {
  return { type: 'node-linked', link_id, source_id, target_id };
}

export function unlink(link_id: string, source_id: string, target_id: string): Event {
  return { type: 'node-unlinked', link_id, source_id, target_id };
}
