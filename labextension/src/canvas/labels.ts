/** Names of nodes on the canvas: readable over lines and in both themes. */
import type { ISize } from './geometry';
import type { ITheme } from './theme';
import { textOn, withAlpha } from './theme';

/** How large names are written: pixels. */
export const LABEL_PX = 12;
/** Longer names are cut: the inspector and the outline show them whole. */
const LONGEST = 32;
const LONGEST_PLATE = 80;
const PLATE_GAP_PX = 2;
/** So many letters of a cut name are of use. */
const LEAST_LETTERS = 5;
const GAP_PX = 4;
const HALO_PX = 3;
const PAD_PX = 4;

/** A node on the screen: its middle and radius, pixels. */
export interface IDisc {
  x: number;
  y: number;
  size: number;
}

export interface ILabelled extends IDisc {
  label: string | null;
}

/**
 * Empty a canvas, in two halves.
 *
 * Chromium (seen in 156) forgets a clearing of the whole canvas that nothing is drawn after.
 */
export function wipe(context: CanvasRenderingContext2D, { width, height }: ISize): void {
  context.clearRect(0, 0, width / 2, height);
  context.clearRect(width / 2, 0, width - width / 2, height);
}

export interface IFont {
  /** Pixels. */
  readonly labelSize: number;
  readonly labelFont: string;
}

/** The names of one rendering: the largest nodes first, none over another or over a node. */
export class LabelLayer {
  /** Take a node whose name may be drawn. */
  add(node: ILabelled): void {
    if (node.label !== null && node.label !== '') {
      this._nodes.push({ ...node });
    }
  }

  /**
   * Draw what has room, cut to it where that is enough to be of use, and be empty again.
   *
   * @param others nodes that are not to be written over, whether or not their names may be drawn.
   */
  draw(
    context: CanvasRenderingContext2D,
    size: ISize,
    font: IFont,
    theme: ITheme,
    others: readonly IDisc[]
  ): void {
    wipe(context, size);
    context.font = `${font.labelSize}px ${font.labelFont}`;
    context.lineJoin = 'round';
    context.lineWidth = HALO_PX;
    context.strokeStyle = withAlpha(theme.background, 0.85);
    context.fillStyle = theme.text;
    const taken = [...this._nodes, ...others].map(boxOf);
    for (const node of this._nodes.sort((a, b) => b.size - a.size)) {
      const base = node.y + font.labelSize / 3;
      const band = { top: base - font.labelSize, bottom: base + font.labelSize * 0.3 };
      const near = taken.filter(box => isIn(band, box));
      let text = shorten(node.label);
      let width = context.measureText(text).width;
      let left = node.x + node.size + GAP_PX;
      const room = roomRight(near, left, size.width);
      if (width > room) {
        const start = node.x - node.size - GAP_PX - width;
        const hasLeft = start >= 0 && roomRight(near, start, size.width) >= width;
        const letters = Math.floor((text.length * room) / width) - 1;
        if (hasLeft) {
          left = start;
        } else if (letters >= LEAST_LETTERS) {
          text = shorten(text, letters);
          width = room;
        } else {
          continue;
        }
      }
      taken.push({ left, right: left + width, ...band });
      // a halo in the colour of the background keeps it readable over lines
      context.strokeText(text, left, base);
      context.fillText(text, left, base);
    }
    this._nodes = [];
  }

  private _nodes: ILabelled[] = [];
}

interface IBand {
  readonly top: number;
  readonly bottom: number;
}

interface IBox extends IBand {
  readonly left: number;
  readonly right: number;
}

function boxOf({ x, y, size }: IDisc): IBox {
  return { left: x - size, right: x + size, top: y - size, bottom: y + size };
}

function isIn(band: IBand, box: IBox): boolean {
  return box.top < band.bottom && band.top < box.bottom;
}

/** How far it is from here to the next of these boxes, or to the end; 0: one is here. */
function roomRight(boxes: readonly IBox[], start: number, end: number): number {
  let next = end;
  for (const { left, right } of boxes) {
    if (right > start) {
      next = Math.min(next, left);
    }
  }
  return Math.max(0, next - start);
}

/** Where a plate begins: right of its node, or left of it where it would be cut off there. */
function beside(node: ILabelled, width: number, end: number): number {
  const right = node.x + node.size + GAP_PX;
  const left = node.x - node.size - GAP_PX - width;
  return right + width > end && left >= 0 ? left : right;
}

/** The name of the node that one is at: on a plate above all else, cut only where it is longer still. */
export function drawPlate(
  context: CanvasRenderingContext2D,
  node: ILabelled,
  size: ISize,
  font: IFont,
  theme: ITheme
): void {
  const text = shorten(node.label, LONGEST_PLATE);
  context.font = `600 ${font.labelSize}px ${font.labelFont}`;
  const width = context.measureText(text).width + 2 * PAD_PX;
  const height = font.labelSize + 2 * PAD_PX;
  let left = beside(node, width + 2 * PLATE_GAP_PX, size.width) + PLATE_GAP_PX;
  let middle = node.y;
  if (left + width > size.width) {
    // there is room on neither side
    left = Math.max(0, size.width - width - 1);
    middle += node.size + GAP_PX + height / 2;
  }
  context.beginPath();
  context.roundRect(left, middle - height / 2, width, height, PAD_PX);
  context.fillStyle = withAlpha(theme.background, 0.94);
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.link;
  context.stroke();
  context.fillStyle = theme.text;
  context.fillText(text, left + PAD_PX, middle + font.labelSize / 3);
}

/** Gap between a node and the first name above it, and how much room each name takes: pixels. */
const TAG_GAP_PX = 12;
const TAG_PX = 17;
/** The name of somebody who has selected a node, in their colour above it. */
export function drawTag(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  text: string,
  colour: string,
  level: number,
  theme: ITheme
): void {
  const name = shorten(text);
  context.font = `600 11px ${theme.font}`;
  const width = context.measureText(name).width + 2 * PAD_PX + 2;
  const bottom = y - TAG_GAP_PX - level * (TAG_PX + 1);
  context.beginPath();
  context.roundRect(x - width / 2, bottom - TAG_PX, width, TAG_PX, PAD_PX);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = withAlpha(theme.background, 0.8);
  context.stroke();
  context.fillStyle = textOn(colour);
  context.fillText(name, x - width / 2 + PAD_PX + 1, bottom - 5);
}

function shorten(label: string | null, longest = LONGEST): string {
  const text = label ?? '';
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
