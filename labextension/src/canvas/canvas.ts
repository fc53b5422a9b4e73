/**
 * The canvas: one session's graph, seen and touched. Used by the panel and the widget alike.
 *
 * It follows the store by its change signal, never rebuilding for one change, and it changes nothing
 * by itself: what a person wants changed comes out as signals, for the host to submit. Here the parts
 * meet: scene (what is drawn), renderer (who draws), lookout (what is seen), arranger (where nodes
 * stand), pointer and keyboard. It is long for the two interfaces that these last two call.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { GraphStore, IGraphChange } from '../store/graph';
import type { LayoutName } from './arranger';
import { Arranger, rounded } from './arranger';
import type { Point } from './geometry';
import { nodeNearest, nodeTowards } from './hit';
import type { IKeyboardHost } from './keyboard';
import { handleKey } from './keyboard';
import type { IChannels, ILegend } from './looks';
import { Lookout, VIEW_MS } from './lookout';
import type { IOther } from './others';
import { Overlay } from './overlay';
import type { IPointerHost } from './pointer';
import { Pointer } from './pointer';
import { Pointing } from './pointing';
import type { IRenderer } from './renderer';
import { Scene } from './scene';
import type { ISelection } from './selection';
import { NOTHING, existing, isSame, toggled } from './selection';
import { Shell } from './shell';
import type { ISigmaOptions } from './sigma';
import { SigmaRenderer } from './sigma';
import type { ITheme } from './theme';
import { readTheme, watchTheme } from './theme';
import type { Translate } from './words';
import * as words from './words';

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
  translate?: Translate;
  /** 'focused': the wheel zooms only when the canvas has the focus; else the page scrolls. */
  wheel?: 'always' | 'focused';
  /** What arranges nodes that nobody has placed. */
  layout?: LayoutName;
  /** What nodes' looks are taken from. */
  channels?: IChannels;
  /** What draws; sigma where it is not given. */
  makeRenderer?: (options: ISigmaOptions) => IRenderer;
}

/** How long the drawing may be worked on in one go. */
const SYNC_MS = 8;
/** After a rendering of a large graph, so many times as long goes to the page. */
const REST = 3;
const REST_MOST_MS = 3_000;

export class GraphCanvas implements IDisposable, IPointerHost, IKeyboardHost {
  constructor(private readonly _options: ICanvasOptions) {
    const { host, store } = _options;
    this._translate = _options.translate ?? (text => text);
    this._shell = new Shell(host, this._translate);
    this._theme = readTheme(this._shell.root);
    this._scene = new Scene(store, this._theme);
    this._scene.channels = _options.channels ?? {};
    this.pointing = new Pointing(this._scene);
    this._overlay = new Overlay(store, this._scene);
    this._lookout = new Lookout(this._scene);
    this._arranger = new Arranger(store, this._scene, {
      moving: (extent, durationMs) => this._lookout.follow(durationMs, extent),
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
    this._arranger.changed(store.nodes.size);
    this._schedule();
    this._describe();
  }

  /** What is under the pointer, and what was clicked. */
  readonly pointing: Pointing;

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

  /** The drawing is up to date again. */
  get drawn(): ISignal<this, void> {
    return this._drawn;
  }

  /** What nodes' looks are taken from. */
  get channels(): IChannels {
    return this._scene.channels;
  }

  set channels(channels: IChannels) {
    this._scene.channels = channels;
    this._arranger.changed(0);
    this._schedule();
  }

  /** What the colours mean; null: nothing that needs words. */
  get legend(): ILegend | null {
    return this._scene.legend();
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
    const { store } = this._options;
    const next = existing(selection, store);
    if (!isSame(next, this._selection)) {
      this._selection = next;
      this._renderer?.redraw();
      this._shell.say(words.describeSelection(next, store, this._translate));
      this._selectionChanged.emit();
    }
  }

  /** Show the whole graph, and follow it as it grows until somebody pans or zooms. */
  fit(): void {
    this._lookout.fit();
  }

  /** Arrange all nodes; it is for the host to store the positions, or not. */
  async layout(name: LayoutName): Promise<Map<string, [number, number]>> {
    this._flushAll();
    this._lookout.fit();
    return this._arranger.layout(name);
  }

  zoom(factor: number): void {
    this._lookout.zoom(factor);
  }

  /** Make some nodes stand out, as a search does; null: no longer. */
  highlight(nodeIds: ReadonlySet<string> | null): void {
    this._highlighted = nodeIds;
    this._renderer?.redraw();
  }

  /** Outline what others have selected. */
  showOthers(others: readonly IOther[]): void {
    this._others = others;
    this._renderer?.redraw();
  }

  /** Select a node and bring it into view. */
  focusNode(nodeId: string): void {
    this._flushAll();
    this.select({ nodes: [nodeId] });
    this._lookout.focus(nodeId);
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
    const { clientWidth, clientHeight } = this._shell.stage;
    if (clientWidth > 0) {
      if (JSON.stringify(readTheme(this._shell.root)) !== JSON.stringify(this._theme)) {
        // it was made before it was in the page, where no colours are known
        this.refreshTheme();
      }
      this._scene.setArea(clientWidth * clientHeight);
      this._schedule();
      this._renderer?.resize();
      this._lookout.follow(0);
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
    return [...this._lookout.centre()];
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
    this._lookout.renderer = null;
    this._renderer?.dispose();
    this._shell.root.remove();
    this.pointing.dispose();
    Signal.clearData(this);
  }

  // --- what the pointer does ---

  hover(nodeId: string | null): void {
    this._hovered = nodeId;
    this._shell.stage.classList.toggle('gx-on-node', nodeId !== null);
    this._renderer?.redraw();
    this.pointing.hover(nodeId);
  }

  pointAt(at: Point): void {
    if (this._renderer !== null) {
      this.pointing.at(at, this._renderer);
    }
  }

  click(nodeId: string | null, linkId: string | null): void {
    this.pointing.click(nodeId, linkId);
  }

  activate(nodeId: string): void {
    this._activated.emit(nodeId);
  }

  grabbed(): void {
    this._lookout.hold();
    this._arranger.stop();
  }

  moved(nodeIds: readonly string[]): void {
    this._scene.pin(nodeIds);
    const positions = new Map<string, Point>();
    for (const id of nodeIds) {
      const position = this._scene.positionOf(id);
      if (position !== null) {
        positions.set(id, position);
      }
    }
    this._nodesMoved.emit(
      [...rounded(positions)].map(([node_id, position]) => ({ node_id, position }))
    );
    // what others did to them meanwhile
    this._schedule();
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
        ? nodeNearest(this._lookout.centre(), store, this._scene)
        : nodeTowards(last, direction, store, this._scene);
    if (next !== null) {
      const isNew = extend && !this._selection.nodes.includes(next);
      this.select(isNew ? toggled(this._selection, next, null) : { nodes: [next] });
      this._lookout.reveal(next);
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
      this._renderer.lost.connect(() => this._pause());
      new Pointer(this._scene, this._renderer, this);
    } catch (error) {
      console.warn('graph_ext: the canvas can not be drawn', error);
      this._shell.stage.replaceChildren();
      this._renderer = null;
    }
    this._lookout.renderer = this._renderer;
    this._tellState();
  }

  /** Browsers give graphics memory to a few views only, and take it from the oldest. */
  private _pause(): void {
    this._lookout.renderer = null;
    this._renderer?.dispose();
    this._renderer = null;
    this._shell.stage.replaceChildren();
    this._shell.message(this._translate(words.PAUSED), {
      label: this._translate(words.SHOW_AGAIN),
      run: () => this._startRenderer()
    });
  }

  private readonly _onChanged = (store: GraphStore, change: IGraphChange): void => {
    this._scene.mark(change);
    if (change.structure || change.links.size > 0) {
      this._arranger.changed(Math.max(0, store.nodes.size - this._scene.graph.order));
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
    // what was deleted is no longer selected
    this.select(this._selection);
    this._describe();
    this._tellState();
    this._lookout.follow(VIEW_MS);
    this._drawn.emit();
  }

  private _drawOverlay(context: CanvasRenderingContext2D): void {
    if (this._renderer !== null) {
      this._overlay.draw(context, this._renderer, this._theme, {
        selection: this._selection,
        hovered: this._hovered,
        highlighted: this._highlighted,
        others: this._others
      });
    }
  }

  private _tellState(): void {
    if (this._renderer !== null) {
      const isEmpty = this._options.store.nodes.size === 0;
      this._shell.message(isEmpty ? this._translate(words.NO_NODES) : null);
    } else if (!this._shell.hasMessage) {
      this._shell.message(this._translate(words.NO_WEBGL));
    }
  }

  private _describe(): void {
    this._shell.label(words.describeGraph(this._options.store, this._translate));
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

  private readonly _translate: Translate;
  private readonly _shell: Shell;
  private readonly _scene: Scene;
  private readonly _overlay: Overlay;
  private readonly _lookout: Lookout;
  private readonly _arranger: Arranger;
  private readonly _observer: ResizeObserver;
  private readonly _unwatch: () => void;
  private _theme: ITheme;
  /** Null: there is no WebGL, or the browser has taken it away. */
  private _renderer: IRenderer | null = null;
  private _selection: ISelection = NOTHING;
  private _hovered: string | null = null;
  private _highlighted: ReadonlySet<string> | null = null;
  private _others: readonly IOther[] = [];
  private _isDisposed = false;
  /** Brings the drawing up to date; null: nothing is due. */
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private readonly _selectionChanged = new Signal<this, void>(this);
  private readonly _nodesMoved = new Signal<this, IMovedNode[]>(this);
  private readonly _drawn = new Signal<this, void>(this);
  private readonly _activated = new Signal<this, string>(this);
  private readonly _deleteRequested = new Signal<this, void>(this);
}
