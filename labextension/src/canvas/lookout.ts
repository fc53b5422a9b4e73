/** What is seen: it follows the graph as it grows, until a person pans, zooms or drags. */
import type { IExtent, Point } from './geometry';
import { heightOf, widthOf } from './geometry';
import type { IRenderer } from './renderer';
import type { Scene } from './scene';

/** How long the view takes to another place. */
export const VIEW_MS = 300;
/** A node that is looked for is shown in such a part of the graph, if less is seen now. */
const FOCUS_SHARE = 1 / 3;
/** A node farther from the middle than this part of a side is brought there. */
const EDGE_SHARE = 0.45;

export class Lookout {
  constructor(private readonly _scene: Scene) {}

  /** What draws; null: nothing does at the moment. */
  set renderer(renderer: IRenderer | null) {
    this._renderer = renderer;
    renderer?.viewMoved.connect(() => this.hold());
  }

  /** Stop following: a person has chosen what to see, or holds a node. */
  hold(): void {
    this._isFollowing = false;
  }

  /** Show the whole graph, and follow it. */
  fit(): void {
    this._isFollowing = true;
    this.follow(VIEW_MS);
  }

  /** Keep a box in view, mostly that around all nodes, if that is wanted. */
  follow(durationMs: number, extent: IExtent | null = this._scene.extent()): void {
    if (this._isFollowing && extent !== null) {
      this._renderer?.fit(extent, durationMs);
    }
  }

  zoom(factor: number): void {
    if (this._renderer !== null) {
      const { view } = this._renderer;
      this.hold();
      this._renderer.setView({ ...view, scale: view.scale * factor }, VIEW_MS / 2);
    }
  }

  /** Bring a node to the middle, near enough to read its name. */
  focus(nodeId: string): void {
    const at = this._scene.positionOf(nodeId);
    const extent = this._scene.extent();
    if (this._renderer === null || at === null || extent === null) {
      return;
    }
    const { size, view } = this._renderer;
    const side = Math.max(widthOf(extent), heightOf(extent)) * FOCUS_SHARE;
    const near = side > 0 ? Math.min(size.width, size.height) / side : 0;
    this.hold();
    this._renderer.setView({ x: at[0], y: at[1], scale: Math.max(view.scale, near) }, VIEW_MS);
  }

  /** Move the view just far enough that a node is seen. */
  reveal(nodeId: string): void {
    const at = this._scene.positionOf(nodeId);
    if (this._renderer === null || at === null) {
      return;
    }
    const { size, view } = this._renderer;
    const isSeen =
      Math.abs(at[0] - view.x) * view.scale <= size.width * EDGE_SHARE &&
      Math.abs(at[1] - view.y) * view.scale <= size.height * EDGE_SHARE;
    if (!isSeen) {
      this.hold();
      this._renderer.setView({ ...view, x: at[0], y: at[1] }, VIEW_MS);
    }
  }

  /** The middle of what is seen, graph units. */
  centre(): Point {
    const view = this._renderer?.view;
    return view === undefined ? [0, 0] : [view.x, view.y];
  }

  private _renderer: IRenderer | null = null;
  private _isFollowing = true;
}
