/** What is under the pointer, and what was clicked: nodes as the renderer tells, links looked for. */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Point } from './geometry';
import { linkAt } from './hit';
import type { IRenderer } from './renderer';
import type { Scene } from './scene';

/** A node, a link, or neither. */
export interface IElement {
  readonly nodeId: string | null;
  readonly linkId: string | null;
}

/** Links are looked for so often at most, and not among more of them. */
const LOOK_MS = 40;
const MOST_LINKS = 20_000;

export class Pointing {
  constructor(private readonly _scene: Scene) {}

  /** What is under the pointer has changed. */
  get pointed(): ISignal<this, IElement> {
    return this._pointed;
  }

  get clicked(): ISignal<this, IElement> {
    return this._clicked;
  }

  /** The node under the pointer has changed. */
  hover(nodeId: string | null): void {
    this._become({ nodeId, linkId: null });
  }

  /** The pointer is somewhere on the page, pixels of the canvas. */
  at(point: Point, renderer: IRenderer): void {
    const now = performance.now();
    if (this._element.nodeId !== null || now - this._lookedAt < LOOK_MS) {
      return;
    }
    this._lookedAt = now;
    const { width, height } = renderer.size;
    const isOver = point[0] >= 0 && point[1] >= 0 && point[0] <= width && point[1] <= height;
    const isWorth = isOver && this._scene.drawnLinks.size <= MOST_LINKS;
    this._become({ nodeId: null, linkId: isWorth ? linkAt(point, this._scene, renderer) : null });
  }

  click(nodeId: string | null, linkId: string | null): void {
    this._clicked.emit({ nodeId, linkId });
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private _become(element: IElement): void {
    const { nodeId, linkId } = this._element;
    if (nodeId !== element.nodeId || linkId !== element.linkId) {
      this._element = element;
      this._pointed.emit(element);
    }
  }

  private _element: IElement = { nodeId: null, linkId: null };
  /** When links were last looked for. */
  private _lookedAt = -LOOK_MS;
  private readonly _pointed = new Signal<this, IElement>(this);
  private readonly _clicked = new Signal<this, IElement>(this);
}
