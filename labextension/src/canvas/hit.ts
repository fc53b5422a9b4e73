/** Which link is under a point, and which node lies in a direction: geometry on the scene. */
import type { GraphStore, ILink } from '../store/graph';
import type { Point } from './geometry';
import { bendOf, distanceToSegment } from './geometry';
import { loopCircle, loopNumber } from './overlay';
import type { IRenderer } from './renderer';
import { toGraph, toScreen } from './renderer';
import type { Scene } from './scene';

/** How far beside a link a click still means it: pixels. */
const TOLERANCE_PX = 6;
/** A curve is measured by so many straight pieces. */
const PIECES = 8;

/** The link under a point (pixels); null: none. */
export function linkAt(at: Point, scene: Scene, renderer: IRenderer): string | null {
  const { view, size } = renderer;
  const point = toGraph(at, view, size);
  let best: string | null = null;
  let least = TOLERANCE_PX;
  for (const link of scene.drawnLinks.values()) {
    const source = scene.positionOf(link.source_id);
    const target = scene.positionOf(link.target_id);
    if (source !== null && target !== null) {
      const distance =
        link.source_id === link.target_id
          ? distanceToLoop(at, link, toScreen(source, view, size), scene, renderer)
          : distanceToLine(point, link, source, target, scene) * view.scale;
      if (distance < least) {
        least = distance;
        best = link.link_id;
      }
    }
  }
  return best;
}

/**
 * The node that an arrow key leads to: a neighbour in that direction, or else the nearest node.
 *
 * @param direction one step, y upwards.
 */
export function nodeTowards(
  fromId: string,
  direction: Point,
  store: GraphStore,
  scene: Scene
): string | null {
  const neighbours = new Set<string>();
  for (const link of store.linksOf(fromId)) {
    neighbours.add(link.source_id === fromId ? link.target_id : link.source_id);
  }
  const parentId = store.nodes.get(fromId)?.parent_id ?? null;
  if (parentId !== null) {
    neighbours.add(parentId);
  }
  store.children(fromId).forEach(child => neighbours.add(child.node_id));
  return (
    nearest(fromId, direction, neighbours, scene) ??
    nearest(fromId, direction, store.nodes.keys(), scene)
  );
}

/** The node nearest to a point in graph units. */
export function nodeNearest(point: Point, store: GraphStore, scene: Scene): string | null {
  let best: string | null = null;
  let least = Infinity;
  for (const id of store.nodes.keys()) {
    const at = scene.positionOf(id);
    const distance = at === null ? Infinity : Math.hypot(at[0] - point[0], at[1] - point[1]);
    if (distance < least) {
      least = distance;
      best = id;
    }
  }
  return best;
}

function nearest(
  fromId: string,
  direction: Point,
  ids: Iterable<string>,
  scene: Scene
): string | null {
  const from = scene.positionOf(fromId);
  let best: string | null = null;
  let least = Infinity;
  for (const id of from === null ? [] : ids) {
    const at = scene.positionOf(id);
    if (at !== null && from !== null && id !== fromId) {
      const dx = at[0] - from[0];
      const dy = at[1] - from[1];
      const distance = Math.hypot(dx, dy);
      const cosine = distance === 0 ? 0 : (dx * direction[0] + dy * direction[1]) / distance;
      // within 60 degrees to either side, and the straighter the better
      const score = cosine < 0.5 ? Infinity : distance / cosine ** 2;
      if (score < least) {
        least = score;
        best = id;
      }
    }
  }
  return best;
}

/** Graph units. */
function distanceToLine(
  point: Point,
  link: ILink,
  source: Point,
  target: Point,
  scene: Scene
): number {
  const curvature = scene.lineOf(link.link_id)?.curvature ?? 0;
  if (curvature === 0) {
    return distanceToSegment(point, source, target);
  }
  const bend = bendOf(source, target, curvature);
  let least = Infinity;
  let from = source;
  for (let i = 1; i <= PIECES; i += 1) {
    const t = i / PIECES;
    const part = (axis: 0 | 1) =>
      (1 - t) ** 2 * source[axis] + 2 * t * (1 - t) * bend[axis] + t ** 2 * target[axis];
    const to: Point = [part(0), part(1)];
    least = Math.min(least, distanceToSegment(point, from, to));
    from = to;
  }
  return least;
}

/** Pixels. */
function distanceToLoop(
  at: Point,
  link: ILink,
  node: Point,
  scene: Scene,
  renderer: IRenderer
): number {
  const [middle, radius] = loopCircle(
    node,
    renderer.pixelsOf(scene.sizeOf(link.source_id)),
    loopNumber(scene, link)
  );
  return Math.abs(Math.hypot(at[0] - middle[0], at[1] - middle[1]) - radius);
}
