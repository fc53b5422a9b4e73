import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { GraphStore } from '../store/graph';

export type LayoutName = 'force' | 'tree' | 'circle' | 'grid';
export interface ISelection {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
}
export interface IMovedNode {
  readonly node_id: string;
  readonly position: [number, number];
}
export interface ICanvasOptions {
  host: HTMLElement;
  store: GraphStore;
  translate?: (text: string) => string;
  /** 'always': the wheel zooms; 'focused': only when the canvas has the focus, else the page scrolls. */
  wheel?: 'always' | 'focused';
}
export class GraphCanvas implements IDisposable {
  constructor(readonly options: ICanvasOptions) {}
  readonly isDisposed: boolean = false;
  readonly selection: ISelection = { nodes: [], links: [] };
  readonly selectionChanged: ISignal<this, void> = new Signal<this, void>(this);
  /** After a drag: the host submits update-node. */
  readonly nodesMoved: ISignal<this, IMovedNode[]> = new Signal<this, IMovedNode[]>(this);
  /** Double click or Enter on a node. */
  readonly activated: ISignal<this, string> = new Signal<this, string>(this);
  /** Delete or Backspace with a selection: the host deletes it. */
  readonly deleteRequested: ISignal<this, void> = new Signal<this, void>(this);
  select(_selection: Partial<ISelection>): void {}
  fit(): void {}
  /** Compute a layout and animate to it; the host writes it to the session if it likes. */
  layout(_name: LayoutName): Promise<Map<string, [number, number]>> {
    return Promise.resolve(new Map());
  }
  zoom(_factor: number): void {}
  highlight(_ids: ReadonlySet<string> | null): void {}
  /** Bring a node into view and select it. */
  focusNode(_id: string): void {}
  /** Give the canvas the keyboard. */
  focus(): void {}
  refreshTheme(): void {}
  resize(): void {}
  /** A PNG of what is seen; null without WebGL. */
  snapshot(): Promise<Blob | null> {
    return Promise.resolve(null);
  }
  /** A node's position as it is drawn, graph units; null if it is not drawn. */
  positionOf(_id: string): [number, number] | null {
    return null;
  }
  /** The middle of what is seen, graph units: where a new node may go. */
  centre(): [number, number] {
    return [0, 0];
  }
  dispose(): void {}
}
