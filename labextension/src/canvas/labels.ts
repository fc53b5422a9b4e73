/** Names of nodes on the canvas: readable over lines and in both themes. */
import type { ITheme } from './theme';
import { withAlpha } from './theme';

/** Longer names are cut: the inspector and the outline show them whole. */
const LONGEST = 32;
const GAP_PX = 4;
const HALO_PX = 3;
const PAD_PX = 4;

export interface ILabelled {
  x: number;
  y: number;
  size: number;
  label: string | null;
}

export interface IFont {
  readonly labelSize: number;
  readonly labelFont: string;
}

/** Which parts of the canvas hold a name already: no other is drawn over it. */
export class LabelSpace {
  clear(): void {
    this._taken = [];
  }

  /** Take a rectangle (pixels); false: something is there. */
  claim(left: number, top: number, width: number, height: number): boolean {
    const isFree = this._taken.every(
      ([x, y, w, h]) => left >= x + w || x >= left + width || top >= y + h || y >= top + height
    );
    if (isFree) {
      this._taken.push([left, top, width, height]);
    }
    return isFree;
  }

  private _taken: (readonly [number, number, number, number])[] = [];
}

/** A name beside its node, with a halo in the colour of the background; nothing without room. */
export function drawLabel(
  context: CanvasRenderingContext2D,
  node: ILabelled,
  font: IFont,
  theme: ITheme,
  space: LabelSpace
): void {
  const text = shorten(node.label);
  const x = node.x + node.size + GAP_PX;
  const y = node.y + font.labelSize / 3;
  context.font = `${font.labelSize}px ${font.labelFont}`;
  const { width } = context.measureText(text);
  if (text === '' || !space.claim(x, y - font.labelSize, width, font.labelSize * 1.3)) {
    return;
  }
  context.lineJoin = 'round';
  context.lineWidth = HALO_PX;
  context.strokeStyle = withAlpha(theme.background, 0.85);
  context.strokeText(text, x, y);
  context.fillStyle = theme.text;
  context.fillText(text, x, y);
}

/** The name of the node under the pointer: in full, on a plate above all else. */
export function drawHoveredLabel(
  context: CanvasRenderingContext2D,
  node: ILabelled,
  font: IFont,
  theme: ITheme
): void {
  const text = node.label ?? '';
  context.beginPath();
  context.arc(node.x, node.y, node.size + 3, 0, 2 * Math.PI);
  context.fillStyle = theme.background;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = theme.accent;
  context.stroke();
  if (text === '') {
    return;
  }
  context.font = `600 ${font.labelSize}px ${font.labelFont}`;
  const x = node.x + node.size + GAP_PX + 2;
  const height = font.labelSize + 2 * PAD_PX;
  context.beginPath();
  context.roundRect(
    x,
    node.y - height / 2,
    context.measureText(text).width + 2 * PAD_PX,
    height,
    PAD_PX
  );
  context.fillStyle = withAlpha(theme.background, 0.94);
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.link;
  context.stroke();
  context.fillStyle = theme.text;
  context.fillText(text, x + PAD_PX, node.y + font.labelSize / 3);
}

function shorten(label: string | null): string {
  const text = label ?? '';
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
