/**
 * The canvas: one session's graph, seen and touched. Used by the panel and the widget alike.
 *
 * It follows the store by its change signal, never rebuilding for one change, and it changes nothing
 * by itself: what a person wants changed comes out as signals, for the host to submit.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { GraphStore, IGraphChange } from '../store/graph';
import type { LayoutName } from './arranger';
import { Arranger, rounded } from './arranger';
import type { Point } from './geometry';
import { frameAround } from './geometry';
import { nodeNearest, nodeTowards } from './hit';
import type { IKeyboardHost } from './keyboard';
import { handleKey } from './keyboard';
import { Overlay } from './overlay';
import type { IPointerHost } from './pointer';
import { Pointer } from './pointer';
import type { IRenderer } from './renderer';
import { Scene } from './scene';
import type { ISelection } from './selection';
import { NOTHING, existing, isSame, toggled } from './selection';
import { Shell } from './shell';
import type { ISigmaOptions } from './sigma';
import { SigmaRenderer } from './sigma';
import type { ITheme } from './theme';
import { readTheme, watchTheme } from './theme';

export type { LayoutName } from './arranger';
export type { ISelection } from './selection';

export interface IMovedNode {
  readonly node_id: string;
  readonly position: [number, number];
}

export interface ICanvasOptions {
  /** Filled by the canvas; it needs a size of its own. */
  host: HTMLElement;
  store: GraphStore;
  translate?: (text: string) => string;
  /** 'focused': the wheel zooms only when the canvas has the focus; else the page scrolls. */
  wheel?: 'always' | 'focused';
  /** What arranges nodes that nobody has placed. */
  layout?: LayoutName;
  /** What draws; sigma where it is not given. */
  makeRenderer?: (options: ISigmaOptions) => IRenderer;
}

/** How long the drawing may be worked on in one go. */
const SYNC_MS = 8;
/** After a rendering of a large graph, so many times as long goes to the page. */
const REST = 3;
const REST_MOST_MS = 3_000;
const VIEW_MS = 300;
/** `focusNode` goes closer until a third of the graph is seen across, or about so many nodes. */
const FOCUS_SHARE = 3;
const FOCUS_NODES = 40;

export class GraphCanvas implements IDisposable, IPointerHost, IKeyboardHost {
  constructor(private readonly _options: ICanvasOptions) {
    const { host, store } = _options;
    this._translate = _options.translate ?? (text => text);
    this._shell = new Shell(host, this._translate);
    this._theme = readTheme(this._shell.root);
    this._scene = new Scene(store, this._theme);
    this._overlay = new Overlay(store, this._scene);
    this._arranger = new Arranger(store, this._scene, {
      moving: (extent, durationMs) => this._follow(durationMs, extent),
      draw: () => this._renderer?.update()
    });
    this._arranger.quietLayout = _options.layout ?? 'force';
    this._startRenderer();
    store.changed.connect(this._onChanged);
    this._unwatch = watchTheme(() => this.refreshTheme());
    this._observer = new ResizeObserver(() => this.resize());
    this._observer.observe(this._shell.stage);
    this._shell.root.addEventListener('keydown', this._onKey);
    this._shell.root.addEventListener('wheel', this._onWheel, { capture: true, passive: true });
    this._schedule();
    this._describe();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get selection(): ISelection {
    return this._selection;
  }

  get selectionChanged(): ISignal<this, void> {
    return this._selectionChanged;
  }

  /** Nodes were dragged and dropped: the host submits update-node. */
  get nodesMoved(): ISignal<this, IMovedNode[]> {
    return this._nodesMoved;
  }

  /** Double click or Enter on a node. */
  get activated(): ISignal<this, string> {
    return this._activated;
  }

  /** Delete was pressed with something selected: the host deletes it. */
  get deleteRequested(): ISignal<this, void> {
    return this._deleteRequested;
  }

  /** Select what exists of this; what is left out is unselected. */
  select(selection: Partial<ISelection>): void {
    const next = existing(selection, this._options.store);
    if (!isSame(next, this._selection)) {
      this._selection = next;
      this._renderer?.redraw();
      this._shell.say(this._selectionText());
      this._selectionChanged.emit();
    }
  }

  /** Show the whole graph, and follow it as it grows until somebody pans or zooms. */
  fit(): void {
    this._isFollowing = true;
    this._follow(VIEW_MS);
  }

  /** Arrange all nodes; it is for the host to store the positions, or not. */
  async layout(name: LayoutName): Promise<Map<string, [number, number]>> {
    this._flushAll();
    this._isFollowing = true;
    return this._arranger.layout(name);
  }

  zoom(factor: number): void {
    const view = this._renderer?.view;
    if (view !== undefined) {
      this._isFollowing = false;
      this._renderer?.setView({ ...view, scale: view.scale * factor }, VIEW_MS / 2);
    }
  }

  /** Make some nodes stand out, as a search does; null: no longer. */
  highlight(nodeIds: ReadonlySet<string> | null): void {
    this._highlighted = nodeIds;
    this._renderer?.redraw();
  }

  /** Select a node and bring it into view. */
  focusNode(nodeId: string): void {
    this._flushAll();
    this.select({ nodes: [nodeId] });
    const at = this._scene.positionOf(nodeId);
    const extent = this._scene.extent();
    if (this._renderer === null || at === null || extent === null) {
      return;
    }
    const closer = Math.min(FOCUS_SHARE, Math.sqrt(this._scene.graph.order / FOCUS_NODES));
    if (closer <= 1) {
      this._reveal(nodeId);
      return;
    }
    const { size, view } = this._renderer;
    const share = (closer * Math.min(size.width, size.height)) / frameAround(extent).side;
    this._isFollowing = false;
    this._renderer.setView({ x: at[0], y: at[1], scale: Math.max(view.scale, share) }, VIEW_MS);
  }

  /** Give the canvas the keyboard. */
  focus(): void {
    this._shell.root.focus();
  }

  refreshTheme(): void {
    this._theme = readTheme(this._shell.root);
    this._scene.setTheme(this._theme);
    this._renderer?.setTheme(this._theme);
    this._schedule();
  }

  resize(): void {
    if (this._shell.stage.clientWidth > 0) {
      this._renderer?.resize();
      this._follow(0);
    }
  }

  /** A picture of what is seen; null where nothing can be drawn. */
  async snapshot(): Promise<Blob | null> {
    const picture = this._renderer?.picture();
    return picture === undefined ? null : new Promise(done => picture.toBlob(done));
  }

  /** Where a node is drawn, graph units; null: it is not. */
  positionOf(nodeId: string): [number, number] | null {
    const position = this._scene.positionOf(nodeId);
    return position === null ? null : [...position];
  }

  /** The middle of what is seen, graph units: where a new node may go. */
  centre(): [number, number] {
    const { x, y } = this._renderer?.view ?? { x: 0, y: 0 };
    return rounded(new Map([['', [x, y] as const]])).get('') ?? [x, y];
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._options.store.changed.disconnect(this._onChanged);
    clearTimeout(this._timer ?? undefined);
    this._unwatch();
    this._observer.disconnect();
    this._arranger.stop();
    this._renderer?.dispose();
    this._shell.root.remove();
    Signal.clearData(this);
  }

  // --- what the pointer does ---

  hover(nodeId: string | null): void {
    this._hovered = nodeId;
    this._shell.stage.classList.toggle('gx-on-node', nodeId !== null);
    this._renderer?.redraw();
  }

  activate(nodeId: string): void {
    this._activated.emit(nodeId);
  }

  grabbed(): void {
    this._isFollowing = false;
    this._arranger.stop();
  }

  moved(nodeIds: readonly string[]): void {
    this._scene.pin(nodeIds);
    const positions = new Map<string, Point>();
    for (const id of nodeIds) {
      positions.set(id, this._scene.positionOf(id) ?? [0, 0]);
    }
    this._nodesMoved.emit(
      [...rounded(positions)].map(([node_id, position]) => ({ node_id, position }))
    );
  }

  showBox(from: Point, to: Point): void {
    this._shell.showBox(from, to);
  }

  hideBox(): void {
    this._shell.hideBox();
  }

  // --- what the keyboard does ---

  step(direction: Point, extend: boolean): void {
    const { store } = this._options;
    const last = this._selection.nodes.at(-1);
    const next =
      last === undefined
        ? nodeNearest(this.centre(), store, this._scene)
        : nodeTowards(last, direction, store, this._scene);
    if (next !== null) {
      const isNew = extend && !this._selection.nodes.includes(next);
      this.select(isNew ? toggled(this._selection, next, null) : { nodes: [next] });
      this._reveal(next);
    }
  }

  activateSelected(): void {
    const last = this._selection.nodes.at(-1);
    if (last !== undefined) {
      this.activate(last);
    }
  }

  deleteSelected(): void {
    if (!isSame(this._selection, NOTHING)) {
      this._deleteRequested.emit();
    }
  }

  clearSelection(): void {
    this.select(NOTHING);
  }

  selectAll(): void {
    this.select({ nodes: [...this._options.store.nodes.keys()] });
  }

  private _startRenderer(): void {
    const options: ISigmaOptions = {
      host: this._shell.stage,
      scene: this._scene,
      theme: this._theme,
      overlay: context => this._drawOverlay(context)
    };
    try {
      this._renderer = this._options.makeRenderer?.(options) ?? new SigmaRenderer(options);
    } catch (error) {
      console.warn('graph_ext: the canvas can not be drawn', error);
      this._shell.stage.replaceChildren();
      this._renderer = null;
    }
    this._renderer?.viewMoved.connect(() => (this._isFollowing = false));
    this._renderer?.lost.connect(() => this._stopRenderer());
    if (this._renderer !== null) {
      new Pointer(this._scene, this._renderer, this);
    }
    this._tellState();
  }

  /** Browsers give graphics memory to a few views only, and take it from the oldest. */
  private _stopRenderer(): void {
    this._renderer?.dispose();
    this._renderer = null;
    this._isPaused = true;
    this._shell.stage.replaceChildren();
    this._tellState();
  }

  private readonly _onChanged = (_: GraphStore, change: IGraphChange): void => {
    const before = this._scene.graph.order;
    this._scene.mark(change);
    if (change.structure || change.links.size > 0) {
      this._arranger.changed(
        change.structure ? Math.max(0, this._options.store.nodes.size - before) : 0
      );
    }
    this._schedule();
  };

  /** Bring the drawing up to date soon; where drawing takes long, the page gets its rest first. */
  private _schedule(waitMs = Math.min(REST_MOST_MS, (this._renderer?.costMs ?? 0) * REST)): void {
    this._timer ??= setTimeout(() => {
      this._timer = null;
      const until = performance.now() + SYNC_MS;
      this._flush(() => performance.now() >= until);
    }, waitMs);
  }

  private _flushAll(): void {
    while (this._scene.isDirty) {
      this._flush(() => false);
    }
  }

  private _flush(isTimeUp: () => boolean): void {
    if (!this._scene.flush(isTimeUp)) {
      this._schedule(0);
      return;
    }
    this._renderer?.update();
    this.select(this._selection);
    this._describe();
    this._tellState();
    this._follow(VIEW_MS);
  }

  /** Keep all nodes in view, unless a person has chosen what to see. */
  private _follow(durationMs: number, extent = this._scene.extent()): void {
    if (this._isFollowing && extent !== null) {
      this._renderer?.fit(extent, durationMs);
    }
  }

  /** Move the view just far enough that a node is seen. */
  private _reveal(nodeId: string): void {
    const at = this._scene.positionOf(nodeId);
    if (this._renderer === null || at === null) {
      return;
    }
    const { view, size } = this._renderer;
    const isHidden =
      Math.abs(at[0] - view.x) * view.scale > size.width * 0.45 ||
      Math.abs(at[1] - view.y) * view.scale > size.height * 0.45;
    if (isHidden) {
      this._isFollowing = false;
      this._renderer.setView({ ...view, x: at[0], y: at[1] }, VIEW_MS);
    }
  }

  private _drawOverlay(context: CanvasRenderingContext2D): void {
    if (this._renderer !== null) {
      this._overlay.draw(context, this._renderer, this._theme, {
        selection: this._selection,
        hovered: this._hovered,
        highlighted: this._highlighted
      });
    }
  }

  private _tellState(): void {
    const translate = this._translate;
    if (this._isPaused) {
      this._shell.message(
        translate('Paused: the browser gave its graphics memory to other views'),
        {
          label: translate('Show again'),
          run: () => {
            this._isPaused = false;
            this._startRenderer();
          }
        }
      );
    } else if (this._renderer === null) {
      this._shell.message(
        translate('This browser can’t draw graphs: WebGL is switched off or missing.')
      );
    } else {
      this._shell.message(this._options.store.nodes.size === 0 ? translate('No nodes yet') : null);
    }
  }

  private _describe(): void {
    const { nodes, links } = this._options.store;
    const translate = this._translate;
    this._shell.label(`${nodes.size} ${translate('nodes')}, ${links.size} ${translate('links')}`);
  }

  private _selectionText(): string {
    const { nodes, links } = this._selection;
    const { store } = this._options;
    const translate = this._translate;
    const [first] = nodes;
    if (nodes.length === 1 && links.length === 0 && first !== undefined) {
      const type = store.nodes.get(first)?.blueprint_type_id ?? '';
      const count = `${store.linksOf(first).length} ${translate('links')}`;
      return [store.label(first), type, count].filter(text => text !== '').join(', ');
    }
    return nodes.length + links.length === 0
      ? translate('Nothing selected')
      : `${nodes.length} ${translate('nodes')}, ${links.length} ${translate('links')} ${translate('selected')}`;
  }

  private readonly _onKey = (event: KeyboardEvent): void => {
    if (event.target === this._shell.root && handleKey(event, this)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  private readonly _onWheel = (event: WheelEvent): void => {
    const hasFocus = this._shell.root.contains(document.activeElement);
    if (this._options.wheel === 'focused' && !hasFocus && !event.ctrlKey && !event.metaKey) {
      event.stopPropagation();
    }
  };

  private readonly _translate: (text: string) => string;
  private readonly _shell: Shell;
  private readonly _scene: Scene;
  private readonly _overlay: Overlay;
  private readonly _arranger: Arranger;
  private readonly _observer: ResizeObserver;
  private readonly _unwatch: () => void;
  private _theme: ITheme;
  /** Null: there is no WebGL, or the browser has taken it away. */
  private _renderer: IRenderer | null = null;
  private _selection: ISelection = NOTHING;
  private _hovered: string | null = null;
  private _highlighted: ReadonlySet<string> | null = null;
  /** The view follows the graph as it grows: until a person pans, zooms or drags. */
  private _isFollowing = true;
  private _isPaused = false;
  private _isDisposed = false;
  /** Brings the drawing up to date; null: nothing is due. */
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private readonly _selectionChanged = new Signal<this, void>(this);
  private readonly _nodesMoved = new Signal<this, IMovedNode[]>(this);
  private readonly _activated = new Signal<this, string>(this);
  private readonly _deleteRequested = new Signal<this, void>(this);
}
