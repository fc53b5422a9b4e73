/**
 * The renderer: sigma behind the canvas's own interface.
 *
 * Sigma draws within a frame that it fits into the viewport. Left to itself, that frame follows the
 * outermost nodes, and every new one would shift the picture. Here the frame is set by hand, and
 * whenever it changes the camera changes with it, so that what is seen stays as it is.
 */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { createEdgeCurveProgram } from '@sigma/edge-curve';
import { Sigma } from 'sigma';
import { EdgeLineProgram, EdgeRectangleProgram, createEdgeArrowProgram } from 'sigma/rendering';
import type { MouseCoords } from 'sigma/types';
import type { IExtent, IFrame, ISize, IView } from './geometry';
import { cameraOf, fitView, frameAround, frameFits, viewOf } from './geometry';
import { idOf } from './keys';
import type { IDisc } from './labels';
import { LABEL_PX, LabelLayer } from './labels';
import type { ILineLook } from './look';
import { tween } from './motion';
import type { IPointer, IRenderer, PointerKind } from './renderer';
import type { Scene } from './scene';
import type { INodeAttributes } from './silentGraph';
import type { ITheme } from './theme';

/** Arrow heads, as multiples of their line's width. */
const ARROW = { lengthToThicknessRatio: 5.5, widenessToThicknessRatio: 4.5 };
/** Names of nodes that are drawn smaller than this are left out: pixels. */
const LEAST_LABELLED_PX = 1;
/** In a canvas narrower or lower than this nodes are drawn smaller: pixels, and the least share. */
const FULL_ROOM_PX = 320;
const LEAST_ROOM = 0.4;
/** In a graph of up to so many nodes no name is written over any of them. */
const MOST_KEPT_FREE = 300;

export interface ISigmaOptions {
  host: HTMLElement;
  scene: Scene;
  theme: ITheme;
  /** Draws over the graph, after each rendering. */
  overlay: (context: CanvasRenderingContext2D) => void;
}

export class SigmaRenderer implements IRenderer {
  /** @throws Error there is no WebGL here. */
  constructor(options: ISigmaOptions) {
    const { host, scene, theme } = options;
    this._scene = scene;
    this._theme = theme;
    this._overlay = options.overlay;
    this._sigma = new Sigma<INodeAttributes, ILineLook>(scene.graph, host, {
      ...this._themeSettings(),
      allowInvalidContainer: true,
      autoRescale: true,
      stagePadding: 0,
      zIndex: false,
      labelDensity: 1.2,
      labelGridCellSize: 70,
      labelRenderedSizeThreshold: LEAST_LABELLED_PX,
      labelSize: LABEL_PX,
      minEdgeThickness: 1.3,
      minCameraRatio: null,
      maxCameraRatio: null,
      zoomToSizeRatioFunction: ratio => this._shrink(ratio),
      defaultNodeType: 'circle',
      defaultEdgeType: 'line',
      edgeProgramClasses: {
        line: EdgeRectangleProgram,
        hairline: EdgeLineProgram,
        arrow: createEdgeArrowProgram(ARROW),
        curve: createEdgeCurveProgram(),
        curvedArrow: createEdgeCurveProgram({ arrowHead: { extremity: 'target', ...ARROW } })
      },
      // gathered here, drawn together when the rendering is done
      defaultDrawNodeLabel: (_, node) => this._labels.add(node),
      // the overlay does that
      defaultDrawNodeHover: () => undefined
    });
    this._context = this._addOverlay();
    this._labelContext = this._contextOf('labels');
    this._listen();
    this._sigma.refresh();
  }

  get size(): ISize {
    return this._sigma.getDimensions();
  }

  get view(): IView {
    return viewOf(this._sigma.getCamera().getState(), this._frame, this.size);
  }

  get costMs(): number {
    return this._costMs;
  }

  get pointer(): ISignal<IRenderer, IPointer> {
    return this._pointer;
  }

  get viewMoved(): ISignal<IRenderer, void> {
    return this._viewMoved;
  }

  get lost(): ISignal<IRenderer, void> {
    return this._lost;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  setView(view: IView, durationMs: number): void {
    this._stopMove();
    const from = this.view;
    this._stopMove = tween(durationMs, t => this._show(between(from, view, t)));
  }

  fit(extent: IExtent, durationMs: number): void {
    this._stopMove();
    const to = fitView(extent, this.size);
    if (this._fitScale === null) {
      this._fitScale = to.scale;
      this._show(to);
      return;
    }
    const from = this.view;
    const fromScale = this._fitScale;
    this._stopMove = tween(durationMs, t => {
      this._fitScale = fromScale * (to.scale / fromScale) ** t;
      this._show(between(from, to, t));
    });
  }

  setTheme(theme: ITheme): void {
    this._theme = theme;
    this._sigma.setSettings(this._themeSettings());
  }

  update(): void {
    // sigma measures and places everything anew, but only these are read again
    this._sigma.refresh({ partialGraph: this._scene.graph.takeTouched(), schedule: true });
  }

  redraw(): void {
    this._overlay(this._context);
  }

  resize(): void {
    this._sigma.resize();
    this.update();
  }

  pixelsOf(size: number): number {
    return this._sigma.scaleSize(size);
  }

  picture(): HTMLCanvasElement {
    const canvases = Object.values(this._sigma.getCanvases());
    const picture = document.createElement('canvas');
    picture.width = Math.max(...canvases.map(canvas => canvas.width));
    picture.height = Math.max(...canvases.map(canvas => canvas.height));
    const context = picture.getContext('2d');
    if (context !== null) {
      context.fillStyle = this._theme.background;
      context.fillRect(0, 0, picture.width, picture.height);
      // the WebGL layers can only be read in the same task that drew them
      this._sigma.refresh({ partialGraph: {} });
      canvases.forEach(canvas => context.drawImage(canvas, 0, 0));
    }
    return picture;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._stopMove();
      this._sigma.kill();
      Signal.clearData(this);
    }
  }

  private _themeSettings() {
    return { labelColor: { color: this._theme.text }, labelFont: this._theme.font };
  }

  /** Move the camera, as the canvas and not the person. */
  private _show(view: IView): void {
    this._isOwnMove = true;
    this._sigma.getCamera().setState(cameraOf(view, this._frame, this.size));
    this._isOwnMove = false;
  }

  /** How much smaller things are drawn than at the fitted view: half as fast as the zoom. */
  private _shrink(ratio: number): number {
    const { width, height } = this.size;
    const scale = Math.min(width, height) / (ratio * this._frame.side);
    const room = Math.max(LEAST_ROOM, Math.min(1, Math.min(width, height) / FULL_ROOM_PX));
    return Math.sqrt((this._fitScale ?? scale) / scale) / room;
  }

  /** All nodes where they are on the screen; of a large graph none: its names keep apart enough. */
  private _discs(): IDisc[] {
    const { graph } = this._scene;
    const discs: IDisc[] = [];
    if (graph.order <= MOST_KEPT_FREE) {
      graph.forEachNode(key => {
        const shown = this._sigma.getNodeDisplayData(key);
        if (shown !== undefined) {
          const at = this._sigma.framedGraphToViewport(shown);
          discs.push({ ...at, size: this._sigma.scaleSize(shown.size) });
        }
      });
    }
    return discs;
  }

  /** Keep the frame around all nodes, and what is seen where it is. */
  private _placeFrame(): void {
    const extent = this._scene.extent();
    if (extent === null || frameFits(this._frame, extent)) {
      return;
    }
    const { view } = this;
    this._frame = frameAround(extent);
    const { x, y, side } = this._frame;
    this._sigma.setCustomBBox({
      x: [x - side / 2, x + side / 2],
      y: [y - side / 2, y + side / 2]
    });
    this._show(this._fitScale === null ? fitView(extent, this.size) : view);
  }

  private _addOverlay(): CanvasRenderingContext2D {
    const options = { beforeLayer: 'hovers', style: { pointerEvents: 'none' } };
    this._sigma.createCanvasContext('overlay', options);
    // gives the new layer its size
    this._sigma.resize(true);
    return this._contextOf('overlay');
  }

  private _contextOf(layer: string): CanvasRenderingContext2D {
    const context = this._sigma.getCanvases()[layer]?.getContext('2d') ?? null;
    if (context === null) {
      throw new Error('This browser gives no 2D canvas');
    }
    return context;
  }

  private _listen(): void {
    const sigma = this._sigma;
    let start = 0;
    sigma.on('beforeProcess', () => {
      start = performance.now();
      // sigma may do this at any time, also in the middle of a long change
      this.update();
      this._placeFrame();
    });
    sigma.on('afterProcess', () => (this._costMs = performance.now() - start));
    sigma.on('afterRender', () => {
      const settings = sigma.getSettings();
      this._labels.draw(this._labelContext, this.size, settings, this._theme, this._discs());
      this._overlay(this._context);
    });
    sigma.getCamera().on('updated', () => {
      if (!this._isOwnMove) {
        this._stopMove();
        this._viewMoved.emit();
      }
    });
    sigma.on('downNode', ({ event, node }) => this._tell('down', event, node));
    sigma.on('downStage', ({ event }) => this._tell('down', event, null));
    sigma.on('moveBody', ({ event }) => this._tell('move', event, null));
    sigma.on('upNode', ({ event, node }) => this._tell('up', event, node));
    sigma.on('upStage', ({ event }) => this._tell('up', event, null));
    sigma.on('clickNode', ({ event, node }) => this._tell('click', event, node));
    sigma.on('clickStage', ({ event }) => this._tell('click', event, null));
    sigma.on('doubleClickNode', ({ event, node }) => this._tell('doubleClick', event, node));
    sigma.on('enterNode', ({ event, node }) => this._tell('enter', event, node));
    sigma.on('leaveNode', ({ event, node }) => this._tell('leave', event, node));
    for (const canvas of Object.values(sigma.getCanvases())) {
      canvas.addEventListener('webglcontextlost', () => {
        if (!this._isDisposed) {
          this._lost.emit();
        }
      });
    }
  }

  private _tell(kind: PointerKind, event: MouseCoords, key: string | null): void {
    const { original } = event;
    if (kind === 'enter' && key !== null) {
      this._scene.graph.hovered = key;
    }
    this._pointer.emit({
      kind,
      nodeId: key === null ? null : idOf(key),
      at: [event.x, event.y],
      isExtending: original.shiftKey || original.ctrlKey || original.metaKey,
      isShift: original.shiftKey,
      prevent: () => event.preventSigmaDefault()
    });
  }

  private readonly _sigma: Sigma<INodeAttributes, ILineLook>;
  private readonly _scene: Scene;
  private readonly _overlay: (context: CanvasRenderingContext2D) => void;
  private readonly _context: CanvasRenderingContext2D;
  private readonly _labelContext: CanvasRenderingContext2D;
  private readonly _labels = new LabelLayer();
  private _theme: ITheme;
  private _frame: IFrame = { x: 0, y: 0, side: 1 };
  /** Pixels to a unit at the last fit: there things have their own size. Null before the first. */
  private _fitScale: number | null = null;
  /** The camera is moved by `_show`. */
  private _isOwnMove = false;
  /** Ends the move under way. */
  private _stopMove: () => void = () => undefined;
  private _costMs = 0;
  private _isDisposed = false;
  private readonly _pointer = new Signal<IRenderer, IPointer>(this);
  private readonly _viewMoved = new Signal<IRenderer, void>(this);
  private readonly _lost = new Signal<IRenderer, void>(this);
}

/** A view on the way from one to another; zooming by even steps. */
function between(from: IView, to: IView, t: number): IView {
  return {
    x: from.x + (to.x - from.x) * t,
    y: from.y + (to.y - from.y) * t,
    scale: from.scale * (to.scale / from.scale) ** t
  };
}
