/**
 * What is drawn over the graph: loops, selection, the neighbours of the node under the pointer, and
 * a veil over what a search did not find. Drawn in 2D, so that none of it touches the WebGL layers.
 */
import type { GraphStore, ILink } from '../store/graph';
import type { Point } from './geometry';
import { bendOf } from './geometry';
import type { IRenderer } from './renderer';
import { toGraph, toScreen } from './renderer';
import type { Scene } from './scene';
import type { ISelection } from './selection';
import { nodeKey } from './keys';
import { LABEL_PX, drawPlate, drawTag, wipe } from './labels';
import type { IOther } from './others';
import { drawOthers } from './others';
import type { ITheme } from './theme';
import { withAlpha } from './theme';

/** What stands out at the moment. */
export interface IEmphasis {
  readonly selection: ISelection;
  /** The node under the pointer. */
  readonly hovered: string | null;
  /** What a search found; null: no search. */
  readonly highlighted: ReadonlySet<string> | null;
  /** What others have selected. */
  readonly others: readonly IOther[];
}

/** Beyond so many elements an emphasis says nothing, and only costs time. */
const MOST = 3_000;
const VEIL = 0.72;
/** How large a loop is at most, and how much larger each further one: pixels. */
const LOOP_PX = 9;
const LOOP_STEP_PX = 5;
/** At a small node, it is so much larger than that: pixels. */
const LOOP_MORE_PX = 2;

export class Overlay {
  constructor(
    private readonly _store: GraphStore,
    private readonly _scene: Scene
  ) {}

  draw(
    context: CanvasRenderingContext2D,
    renderer: IRenderer,
    theme: ITheme,
    emphasis: IEmphasis
  ): void {
    const { size } = renderer;
    wipe(context, size);
    const pen = new Pen(context, renderer, this._scene);
    this._drawLoops(pen, theme);
    if (emphasis.highlighted !== null) {
      context.fillStyle = withAlpha(theme.background, VEIL);
      context.fillRect(0, 0, size.width, size.height);
      for (const id of first(emphasis.highlighted)) {
        pen.disc(id, this._colourOf(id));
        pen.label(id, this._nameOf(id), theme);
      }
    }
    drawOthers(pen, emphasis.others, theme, this._store, this._scene);
    if (emphasis.hovered !== null) {
      this._drawNeighbours(pen, emphasis.hovered, theme);
    }
    for (const id of first(emphasis.selection.links)) {
      pen.linkOf(id, theme.accent, 3);
    }
    for (const id of first(emphasis.selection.nodes)) {
      pen.ring(id, theme.accent, 2.5);
    }
    const [only, second] = emphasis.selection.nodes;
    if (only !== undefined && second === undefined && only !== emphasis.hovered) {
      // its name may have had no room among the others
      pen.plate(only, this._nameOf(only), theme);
    }
    if (emphasis.hovered !== null) {
      pen.ring(emphasis.hovered, theme.accent, 2);
      pen.plate(emphasis.hovered, this._nameOf(emphasis.hovered), theme);
    }
  }

  private _drawLoops(pen: Pen, theme: ITheme): void {
    for (const linkIds of this._scene.loops.values()) {
      for (const id of linkIds) {
        pen.linkOf(id, theme.link, 1.2);
      }
    }
  }

  private _drawNeighbours(pen: Pen, nodeId: string, theme: ITheme): void {
    for (const link of first(this._store.linksOf(nodeId))) {
      pen.linkOf(link.link_id, withAlpha(theme.accent, 0.8), 2);
      const other = link.source_id === nodeId ? link.target_id : link.source_id;
      pen.ring(other, withAlpha(theme.accent, 0.8), 1.5);
    }
  }

  /** As it is written on the canvas; where nothing is, what the graph calls it. */
  private _nameOf(nodeId: string): string {
    const key = nodeKey(nodeId);
    const { graph } = this._scene;
    const written = graph.hasNode(key) ? graph.getNodeAttribute(key, 'label') : '';
    return written === '' ? this._store.label(nodeId) : written;
  }

  private _colourOf(nodeId: string): string {
    const key = nodeKey(nodeId);
    const { graph } = this._scene;
    return graph.hasNode(key) ? graph.getNodeAttribute(key, 'color') : '';
  }
}

/** Which of its node's loops a link is; 0 for other links. */
export function loopNumber(scene: Scene, link: ILink): number {
  const ids = link.source_id === link.target_id ? scene.loops.get(link.source_id) : undefined;
  return ids === undefined ? 0 : [...ids].indexOf(link.link_id);
}

/** A loop stands on top of its node: its middle and radius, pixels. */
export function loopCircle(node: Point, nodePx: number, number: number): [Point, number] {
  const first = Math.min(LOOP_PX, nodePx + LOOP_MORE_PX);
  const radius = first * (1 + (number * LOOP_STEP_PX) / LOOP_PX);
  return [[node[0], node[1] - nodePx - radius * 0.7], radius];
}

/** Draws in pixels what is said in ids. */
class Pen {
  constructor(
    private readonly _context: CanvasRenderingContext2D,
    private readonly _renderer: IRenderer,
    private readonly _scene: Scene
  ) {}

  /** A ring around a node; one that is further out is open where the node's name stands. */
  ring(nodeId: string, colour: string, width: number, gapPx = 0): void {
    const at = this._at(nodeId);
    if (at !== null) {
      const radius = this._radius(nodeId) + width + gapPx;
      const open = gapPx > 0 ? Math.asin(Math.min(0.9, LABEL_PX / 1.5 / radius)) : 0;
      this._context.beginPath();
      this._context.arc(at[0], at[1], radius, open, 2 * Math.PI - open);
      this._context.lineWidth = width;
      this._context.strokeStyle = colour;
      this._context.stroke();
    }
  }

  disc(nodeId: string, colour: string): void {
    const at = this._at(nodeId);
    if (at !== null) {
      this._context.beginPath();
      this._context.arc(at[0], at[1], Math.max(4, this._radius(nodeId)), 0, 2 * Math.PI);
      this._context.fillStyle = colour;
      this._context.fill();
    }
  }

  label(nodeId: string, text: string, theme: ITheme): void {
    const at = this._at(nodeId);
    if (at !== null) {
      this._context.font = `${LABEL_PX}px ${theme.font}`;
      this._context.fillStyle = theme.text;
      this._context.fillText(text, at[0] + Math.max(4, this._radius(nodeId)) + 4, at[1] + 4);
    }
  }

  plate(nodeId: string, text: string, theme: ITheme): void {
    const at = this._at(nodeId);
    if (at !== null) {
      const node = { x: at[0], y: at[1], size: this._radius(nodeId), label: text };
      const font = { labelSize: LABEL_PX, labelFont: theme.font };
      drawPlate(this._context, node, this._renderer.size, font, theme);
    }
  }

  /** Somebody's name, above a node; further ones above that. */
  tag(nodeId: string, text: string, colour: string, level: number, theme: ITheme): void {
    const at = this._at(nodeId);
    if (at !== null) {
      const top = [at[0], at[1] - this._radius(nodeId)] as const;
      drawTag(this._context, top, text, colour, level, theme);
    }
  }

  linkOf(linkId: string, colour: string, width: number): void {
    const link = this._scene.drawnLinks.get(linkId);
    if (link !== undefined) {
      this._link(link, colour, width, loopNumber(this._scene, link));
    }
  }

  private _link(link: ILink, colour: string, width: number, number: number): void {
    const from = this._at(link.source_id);
    const to = this._at(link.target_id);
    if (from === null || to === null) {
      return;
    }
    const context = this._context;
    context.beginPath();
    if (link.source_id === link.target_id) {
      const [middle, radius] = loopCircle(from, this._radius(link.source_id), number);
      context.arc(middle[0], middle[1], radius, 0.75 * Math.PI, 2.25 * Math.PI);
    } else {
      const curvature = this._scene.lineOf(link.link_id)?.curvature ?? 0;
      const { view, size } = this._renderer;
      const ends = [toGraph(from, view, size), toGraph(to, view, size)] as const;
      const bend = this._screen(bendOf(...ends, curvature));
      context.moveTo(from[0], from[1]);
      context.quadraticCurveTo(bend[0], bend[1], to[0], to[1]);
    }
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }

  private _at(nodeId: string): Point | null {
    const position = this._scene.positionOf(nodeId);
    return position === null ? null : this._screen(position);
  }

  private _screen(point: Point): Point {
    return toScreen(point, this._renderer.view, this._renderer.size);
  }

  private _radius(nodeId: string): number {
    return this._renderer.pixelsOf(this._scene.sizeOf(nodeId));
  }
}

function* first<T>(items: Iterable<T>): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count >= MOST) {
      return;
    }
    count += 1;
    yield item;
  }
}
