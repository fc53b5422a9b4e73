/**
 * Where nodes stand: layouts that a person asks for, and a quiet one for nodes without a place.
 *
 * The quiet one runs after changes; it never moves what somebody has placed.
 */
import type { GraphStore } from '../store/graph';
import type { IExtent, Point } from './geometry';
import { extentOf } from './geometry';
import { AT_ONCE_NODES, forceLayout } from './layouts/force';
import type { ILayoutInput, Positions } from './layouts/input';
import { layoutInput } from './layouts/input';
import { circleLayout, gridLayout } from './layouts/simple';
import { treeLayout } from './layouts/tree';
import { tween } from './motion';
import type { Scene } from './scene';

export type LayoutName = 'force' | 'tree' | 'circle' | 'grid';

/** How long a change must be over before loose nodes are arranged. */
export const SETTLE_MS = 150;
/** A graph larger than this is only arranged when somebody asks for it. */
const SETTLE_MOST = 100_000;
/** In a graph too large to be arranged at once: so large a share must be new. */
const SETTLE_SHARE = 0.1;
const MOVE_MS = 500;
/** More nodes than this jump: moving them would stutter. */
const MOVE_MOST = 3_000;

export interface IArrangerHost {
  /** Nodes move, and so long; afterwards they all lie in this box. */
  moving(extent: IExtent, durationMs: number): void;
  /** They have moved by a step. */
  draw(): void;
}

export class Arranger {
  constructor(
    private readonly _store: GraphStore,
    private readonly _scene: Scene,
    private readonly _host: IArrangerHost
  ) {}

  /** What arranges nodes that have no place. */
  quietLayout: LayoutName = 'force';

  /** Nodes or links came or went: arrange what is loose, soon. */
  changed(newNodes: number): void {
    this._new += newNodes;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      if (this._scene.isDirty) {
        this.changed(0);
      } else {
        void this._settle();
      }
    }, SETTLE_MS);
  }

  /** Arrange everything; the result is shown, and it is for the caller to store it. */
  async layout(name: LayoutName): Promise<Positions> {
    const signal = this._start();
    const input = this._input(() => false);
    const show = (positions: Positions) => this._show(positions, 0);
    const positions = rounded(await compute(name, input, signal, show));
    if (!signal.aborted) {
      this._scene.pin(positions.keys());
      this._show(positions, MOVE_MS);
    }
    return positions;
  }

  /** Stop moving things: somebody has taken hold of one. */
  stop(): void {
    clearTimeout(this._timer);
    this._running?.abort();
    this._stopMove();
  }

  private async _settle(): Promise<void> {
    const count = this._store.nodes.size;
    const isWorth = count <= AT_ONCE_NODES || this._new >= count * SETTLE_SHARE;
    const loose = count <= SETTLE_MOST && isWorth ? this._loose() : [];
    if (count < 2 || loose.length === 0) {
      return;
    }
    this._new = 0;
    const signal = this._start();
    const input = this._input(id => !this._scene.isLoose(id));
    const only = (positions: Positions) =>
      new Map([...positions].filter(([id]) => this._scene.isLoose(id)));
    const show = (positions: Positions) => this._show(only(positions), 0);
    const positions = await compute(this.quietLayout, input, signal, show);
    if (!signal.aborted) {
      this._show(only(positions), MOVE_MS);
    }
  }

  private _loose(): string[] {
    return this._scene.nodeIds().filter(id => this._scene.isLoose(id));
  }

  private _start(): AbortSignal {
    this.stop();
    this._running = new AbortController();
    return this._running.signal;
  }

  private _input(isFixed: (nodeId: string) => boolean): ILayoutInput {
    const { _scene: scene } = this;
    const isShown = (id: string): boolean => scene.positionOf(id) !== null;
    return layoutInput(this._store, id => scene.positionOf(id) ?? [0, 0], isFixed, isShown);
  }

  private _show(targets: Positions, durationMs: number): void {
    this._stopMove();
    const from = new Map<string, Point>();
    const ends: Point[] = [];
    for (const id of this._scene.nodeIds()) {
      const position = this._scene.positionOf(id);
      const target = targets.get(id);
      if (position !== null && target !== undefined) {
        from.set(id, position);
      }
      ends.push(target ?? position ?? [0, 0]);
    }
    const extent = extentOf(ends);
    if (extent === null) {
      return;
    }
    const moveMs = from.size > MOVE_MOST ? 0 : durationMs;
    this._host.moving(extent, moveMs);
    this._stopMove = tween(moveMs, t => {
      const positions: Positions = new Map();
      for (const [id, [x, y]] of from) {
        const [toX, toY] = targets.get(id) ?? [x, y];
        positions.set(id, [x + (toX - x) * t, y + (toY - y) * t]);
      }
      this._scene.move(positions);
      this._host.draw();
    });
  }

  private _running: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _stopMove: () => void = () => undefined;
  /** Nodes that came since loose ones were last arranged. */
  private _new = 0;
}

function compute(
  name: LayoutName,
  input: ILayoutInput,
  signal: AbortSignal,
  progress: (positions: Positions) => void
): Promise<Positions> {
  switch (name) {
    case 'force':
      return forceLayout(input, { signal, progress });
    case 'tree':
      return Promise.resolve(treeLayout(input));
    case 'circle':
      return Promise.resolve(circleLayout(input));
    case 'grid':
      return Promise.resolve(gridLayout(input));
  }
}

/** Positions are stored and sent as text: digits that nobody sees are left out. */
export function rounded(positions: ReadonlyMap<string, readonly [number, number]>): Positions {
  const digits = (value: number) => Number(value.toPrecision(7));
  return new Map([...positions].map(([id, [x, y]]) => [id, [digits(x), digits(y)]]));
}
