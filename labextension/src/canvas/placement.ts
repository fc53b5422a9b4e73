/** A first place for nodes that nobody has placed: the same in every page, near what they belong to. */
import type { Point } from './geometry';
import { hash } from './theme';

/** How far apart nodes stand in a graph that has no measure of its own, graph units. */
export const SPACING = 10;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** A place near the middle of some others, in a direction that the id decides. */
export function placeNear(nodeId: string, others: readonly Point[], spacing: number): Point {
  const middle = (axis: 0 | 1) => others.reduce((sum, p) => sum + p[axis], 0) / others.length;
  const seed = hash(nodeId);
  const angle = ((seed & 0xffff) / 0x10000) * 2 * Math.PI;
  const distance = spacing * (0.7 + (0.6 * (seed >>> 16)) / 0x10000);
  return [middle(0) + distance * Math.cos(angle), middle(1) + distance * Math.sin(angle)];
}

/** The i-th place on a sunflower's spiral: even, and without an end (H. Vogel, 1979). */
export function placeOnSpiral(i: number, centre: Point, spacing: number): Point {
  const radius = spacing * Math.sqrt(i);
  const angle = i * GOLDEN_ANGLE;
  return [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle)];
}
