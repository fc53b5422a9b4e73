/** What mouse and fingers do to the graph: select, drag, draw a box, point at. */
import type { Point } from './geometry';
import { linkAt } from './hit';
import type { IPointer, IRenderer } from './renderer';
import { toScreen } from './renderer';
import type { Scene } from './scene';
import type { ISelection } from './selection';
import { NOTHING, toggled } from './selection';

/** What the pointer needs of the canvas. */
export interface IPointerHost {
  readonly selection: ISelection;
  select(selection: ISelection): void;
  /** The node under the pointer has changed. */
  hover(nodeId: string | null): void;
  activate(nodeId: string): void;
  /** The pointer is over the graph, and does nothing there. */
  pointAt(at: Point): void;
  /** A node or a link was clicked; neither: the ground. */
  click(nodeId: string | null, linkId: string | null): void;
  /** Nodes were dragged to where they are drawn now. */
  moved(nodeIds: readonly string[]): void;
  /** A drag begins: nothing else may move nodes or the view. */
  grabbed(): void;
  /** The rectangle that is being drawn, pixels; null: none. */
  showBox(from: Point, to: Point): void;
  hideBox(): void;
}

/** A press that moves less than this is a click: pixels. */
const DRAG_PX = 4;

interface IDrag {
  readonly start: Point;
  /** Where the dragged nodes were, graph units. */
  readonly from: ReadonlyMap<string, Point>;
  hasMoved: boolean;
}

export class Pointer {
  constructor(
    private readonly _scene: Scene,
    private readonly _renderer: IRenderer,
    private readonly _host: IPointerHost
  ) {
    _renderer.pointer.connect((_, pointer) => this._handle(pointer));
  }

  private _handle(pointer: IPointer): void {
    switch (pointer.kind) {
      case 'down':
        this._down(pointer);
        break;
      case 'move':
        this._move(pointer);
        break;
      case 'up':
        this._up(pointer);
        break;
      case 'click':
        this._click(pointer);
        break;
      case 'doubleClick':
        if (pointer.nodeId !== null) {
          pointer.prevent();
          this._host.activate(pointer.nodeId);
        }
        break;
      case 'enter':
        this._host.hover(pointer.nodeId);
        break;
      case 'leave':
        this._host.hover(null);
        break;
    }
  }

  private _down(pointer: IPointer): void {
    if (pointer.nodeId !== null) {
      pointer.prevent();
      const { nodes } = this._host.selection;
      const ids = nodes.includes(pointer.nodeId) ? nodes : [pointer.nodeId];
      const from = new Map<string, Point>();
      for (const id of ids) {
        const position = this._scene.positionOf(id);
        if (position !== null) {
          from.set(id, position);
        }
      }
      this._drag = { start: pointer.at, from, hasMoved: false };
    } else if (pointer.isShift) {
      pointer.prevent();
      this._box = pointer.at;
    }
  }

  private _move(pointer: IPointer): void {
    if (this._drag !== null) {
      pointer.prevent();
      this._dragTo(this._drag, pointer.at);
    } else if (this._box !== null) {
      pointer.prevent();
      this._host.showBox(this._box, pointer.at);
    } else {
      this._host.pointAt(pointer.at);
    }
  }

  private _dragTo(drag: IDrag, at: Point): void {
    const dx = at[0] - drag.start[0];
    const dy = at[1] - drag.start[1];
    if (!drag.hasMoved) {
      if (Math.hypot(dx, dy) < DRAG_PX) {
        return;
      }
      drag.hasMoved = true;
      this._host.grabbed();
      this._scene.hold([...drag.from.keys()]);
    }
    const { scale } = this._renderer.view;
    const moved = new Map<string, Point>();
    for (const [id, [x, y]] of drag.from) {
      moved.set(id, [x + dx / scale, y - dy / scale]);
    }
    this._scene.move(moved);
    this._renderer.update();
  }

  private _up(pointer: IPointer): void {
    const drag = this._drag;
    const box = this._box;
    this._drag = null;
    this._box = null;
    if (drag?.hasMoved === true) {
      this._scene.hold([]);
      this._host.moved([...drag.from.keys()]);
      this._isDone = true;
    } else if (box !== null) {
      this._host.hideBox();
      if (Math.hypot(pointer.at[0] - box[0], pointer.at[1] - box[1]) >= DRAG_PX) {
        this._selectBox(box, pointer.at);
        this._isDone = true;
      }
    }
  }

  private _selectBox(a: Point, b: Point): void {
    const { view, size } = this._renderer;
    const inside = (id: string) => {
      const position = this._scene.positionOf(id);
      if (position === null) {
        return false;
      }
      const [x, y] = toScreen(position, view, size);
      return between(x, a[0], b[0]) && between(y, a[1], b[1]);
    };
    const { nodes, links } = this._host.selection;
    const found = this._scene.nodeIds().filter(inside);
    this._host.select({ nodes: [...new Set([...nodes, ...found])], links });
  }

  private _click(pointer: IPointer): void {
    if (this._isDone) {
      // the end of a drag or a box, not a click
      this._isDone = false;
      return;
    }
    const { nodeId } = pointer;
    const linkId = nodeId === null ? linkAt(pointer.at, this._scene, this._renderer) : null;
    if (pointer.isExtending) {
      this._host.select(toggled(this._host.selection, nodeId, linkId));
    } else {
      this._host.select({
        nodes: nodeId === null ? NOTHING.nodes : [nodeId],
        links: linkId === null ? NOTHING.links : [linkId]
      });
    }
    this._host.click(nodeId, linkId);
  }

  /** The drag under way. */
  private _drag: IDrag | null = null;
  /** Where the box under way began. */
  private _box: Point | null = null;
  /** What the mouse did is done with: the click that follows it means nothing. */
  private _isDone = false;
}

function between(value: number, a: number, b: number): boolean {
  return value >= Math.min(a, b) && value <= Math.max(a, b);
}
