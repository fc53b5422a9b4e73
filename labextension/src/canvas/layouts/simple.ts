/** Layouts that need no search: a circle and a grid, like by like. */
import { compareText } from '../../store/order';
import { SPACING } from '../placement';
import type { ILayoutInput, Positions } from './input';
import { toPositions } from './input';

/** All nodes on one circle, those of a type side by side; the first at the top, then clockwise. */
export function circleLayout(input: ILayoutInput): Positions {
  const count = input.ids.length;
  const radius = Math.max(SPACING, (count * SPACING) / (2 * Math.PI));
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  byType(input).forEach((node, i) => {
    const angle = Math.PI / 2 - (i / count) * 2 * Math.PI;
    x[node] = radius * Math.cos(angle);
    y[node] = radius * Math.sin(angle);
  });
  return toPositions(input, x, y);
}

/** All nodes in rows, those of a type after each other, as wide as a screen. */
export function gridLayout(input: ILayoutInput): Positions {
  const count = input.ids.length;
  const columns = Math.max(1, Math.ceil(Math.sqrt(count * 1.5)));
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  byType(input).forEach((node, i) => {
    x[node] = (i % columns) * SPACING * 1.5;
    y[node] = -Math.floor(i / columns) * SPACING;
  });
  return toPositions(input, x, y);
}

function byType(input: ILayoutInput): number[] {
  return input.ids
    .map((_, i) => i)
    .sort((a, b) => compareText(input.types[a] ?? '', input.types[b] ?? '') || a - b);
}
