/**
 * How values become looks: colours for kinds of things and for numbers, sizes for numbers.
 *
 * graph_ext/picture/scales.py has the same for still pictures; tests/widget/looks.json holds for both.
 */
import { compareText } from '../store/order';
import { PALETTE } from './palette';
import { hash, isColour } from './theme';

/** Of what has no value, and of kinds beyond the palette: seen on white and on black. */
export const NEUTRAL = '#8c8c8c';

const RAMP = [
  [63, 120, 201],
  [141, 121, 184],
  [224, 121, 58]
] as const;
const SMALLEST = 0.6;
const LARGEST = 2.8;

export interface IColourScale {
  readonly kind: 'literal' | 'kinds' | 'numbers';
  /** Colours by a kind's text, the most frequent kind first. */
  readonly colours: ReadonlyMap<string, string>;
  /** How many kinds have no colour of their own. */
  readonly others: number;
  readonly least: number;
  readonly most: number;
}

export interface ISizeScale {
  readonly least: number;
  readonly most: number;
}

/** The scale that suits values: colours themselves, numbers, or kinds. */
export function colourScale(
  values: Iterable<unknown>,
  given: Readonly<Record<string, string>> | null = null
): IColourScale {
  const present = [...values].filter(isPresent);
  const empty = { colours: new Map<string, string>(), others: 0, least: 0, most: 0 };
  if (given === null && present.length > 0) {
    if (present.every(value => typeof value === 'string' && isColour(value))) {
      return { ...empty, kind: 'literal' };
    }
    const range = rangeOf(present);
    if (range !== null && present.every(isNumber)) {
      return { ...empty, kind: 'numbers', ...range };
    }
  }
  const counts = new Map<string, number>();
  for (const value of present) {
    const text = textOf(value);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || compareText(a, b));
  const own = new Map(Object.entries(given ?? {}));
  const free = ordered.map(([text]) => text).filter(text => !own.has(text));
  const shown = kindColours(free.slice(0, PALETTE.length));
  const colours = new Map<string, string>();
  for (const [text] of ordered) {
    const colour = own.get(text) ?? shown.get(text);
    if (colour !== undefined) {
      colours.set(text, colour);
    }
  }
  return { ...empty, kind: 'kinds', colours, others: ordered.length - colours.size };
}

/** The colour of a value. */
export function colourOf(scale: IColourScale, value: unknown): string {
  if (!isPresent(value)) {
    return NEUTRAL;
  }
  switch (scale.kind) {
    case 'literal':
      return typeof value === 'string' && isColour(value) ? value : NEUTRAL;
    case 'kinds':
      return scale.colours.get(textOf(value)) ?? NEUTRAL;
    case 'numbers':
      return isNumber(value) ? ramp(shareOf(value, scale)) : NEUTRAL;
  }
}

/** The scale of the numbers among values; null: there are none. */
export function sizeScale(values: Iterable<unknown>): ISizeScale | null {
  return rangeOf(values);
}

/** How much larger a node of this value is drawn than it would be by itself: by area. */
export function factorOf(scale: ISizeScale, value: unknown): number {
  return isNumber(value)
    ? SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(shareOf(value, scale))
    : SMALLEST;
}

/** Whether a filter shows a node of this value; `among` null: any that says yes. */
export function shows(value: unknown, among: readonly string[] | null): boolean {
  return among === null ? isTrue(value) : isPresent(value) && among.includes(textOf(value));
}

/** A value as people see it: text as it is, the rest as JSON writes it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** Colours of some kinds: by their text, no two the same while there are enough. */
function kindColours(kinds: Iterable<string>): Map<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const kind of kinds) {
    let slot = hash(kind) % PALETTE.length;
    while (taken.size < PALETTE.length && taken.has(slot)) {
      slot = (slot + 1) % PALETTE.length;
    }
    taken.add(slot);
    colours.set(kind, PALETTE[slot] ?? NEUTRAL);
  }
  return colours;
}

/** As Python has it: nothing, no, zero and what is empty are not true. */
function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length > 0;
  }
  return Boolean(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function rangeOf(values: Iterable<unknown>): ISizeScale | null {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (isNumber(value)) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return least <= most ? { least, most } : null;
}

function shareOf(value: number, { least, most }: ISizeScale): number {
  return most <= least ? 0.5 : Math.min(1, Math.max(0, (value - least) / (most - least)));
}

/** A colour between those for little and for much. */
export function ramp(share: number): string {
  const [low, middle, high] = RAMP;
  const [start, end] = share < 0.5 ? [low, middle] : [middle, high];
  const part = share < 0.5 ? share * 2 : share * 2 - 1;
  const channel = (i: 0 | 1 | 2): string =>
    Math.floor(start[i] + (end[i] - start[i]) * part + 0.5)
      .toString(16)
      .padStart(2, '0');
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}
