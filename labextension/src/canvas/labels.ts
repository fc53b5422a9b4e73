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
const GAP_PX = 4;
const HALO_PX = 3;
const PAD_PX = 4;

export interface ILabelled {
  x: number;
  y: number;
  size: number;
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

/** The names of one rendering: the largest nodes first, none over another. */
export class LabelLayer {
  /** Take a node whose name may be drawn. */
  add(node: ILabelled): void {
    if (node.label !== null && node.label !== '') {
      this._nodes.push({ ...node });
    }
  }

  /** Draw what has room, and be empty again. */
  draw(context: CanvasRenderingContext2D, size: ISize, font: IFont, theme: ITheme): void {
    wipe(context, size);
    context.font = `${font.labelSize}px ${font.labelFont}`;
    context.lineJoin = 'round';
    context.lineWidth = HALO_PX;
    context.strokeStyle = withAlpha(theme.background, 0.85);
    context.fillStyle = theme.text;
    const taken: IBox[] = [];
    for (const node of this._nodes.sort((a, b) => b.size - a.size)) {
      const text = shorten(node.label);
      const width = context.measureText(text).width;
      const left = beside(node, width, size.width);
      const base = node.y + font.labelSize / 3;
      const box = {
        left,
        right: left + width,
        top: base - font.labelSize,
        bottom: base + font.labelSize * 0.3
      };
      if (!taken.some(other => overlap(box, other))) {
        taken.push(box);
        // a halo in the colour of the background keeps it readable over lines
        context.strokeText(text, left, base);
        context.fillText(text, left, base);
      }
    }
    this._nodes = [];
  }

  private _nodes: ILabelled[] = [];
}

/** Where a name begins: right of its node, or left of it where it would be cut off there. */
function beside(node: ILabelled, width: number, end: number): number {
  const right = node.x + node.size + GAP_PX;
  const left = node.x - node.size - GAP_PX - width;
  return right + width > end && left >= 0 ? left : right;
}

interface IBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function overlap(a: IBox, b: IBox): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
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
