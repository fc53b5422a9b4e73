/**
 * The colours that the canvas draws with, read from the page it is in.
 *
 * JupyterLab's variables first, then VS Code's, then what the browser's own scheme says. WebGL and
 * 2D canvases need plain rgb(), so an element of the page works out the variables for us.
 */

export interface ITheme {
  readonly background: string;
  readonly text: string;
  /** Links without a colour of their own. */
  readonly link: string;
  /** Lines from parents to children: paler than links. */
  readonly tree: string;
  /** Selection, hover and focus. */
  readonly accent: string;
  /** Nodes of an untyped or unknown kind. */
  readonly node: string;
  /** Those of other people in the session. */
  readonly people: readonly string[];
  readonly font: string;
  readonly isDark: boolean;
}

/** JupyterLab's for collaborators, where the page has none. */
const PEOPLE = ['#ffad8e', '#dac83d', '#72dd76', '#00e4d0', '#45d4ff', '#e2b1ff', '#ff9de6'];

type Rgb = readonly [number, number, number];

const LIGHT: { background: Rgb; text: Rgb; accent: Rgb } = {
  background: [255, 255, 255],
  text: [33, 33, 33],
  accent: [25, 118, 210]
};

/** FNV-1a, 32 bits: spreads ids evenly, the same in every page. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** Read the colours that hold at an element of the page. */
export function readTheme(host: HTMLElement): ITheme {
  const probe = document.createElement('span');
  probe.className = 'gx-theme-probe';
  host.append(probe);
  try {
    const style = getComputedStyle(probe);
    const background = parseRgb(style.backgroundColor) ?? LIGHT.background;
    const text = over(style.color, background) ?? LIGHT.text;
    const accent = over(style.borderTopColor, background) ?? LIGHT.accent;
    const theme = themeOf(background, text, accent, style.fontFamily);
    const people = PEOPLE.map((own, i) => {
      const colour = style.getPropertyValue(`--jp-collaborator-color${i + 1}`).trim();
      return isColour(colour) ? colour : own;
    });
    return { ...theme, people };
  } finally {
    probe.remove();
  }
}

/** Derive all colours from a page's three. */
export function themeOf(background: Rgb, text: Rgb, accent: Rgb, font: string): ITheme {
  const isDark = luminance(background) < 0.4;
  return {
    background: css(background),
    text: css(text),
    link: css(mix(background, text, isDark ? 0.46 : 0.42)),
    tree: css(mix(background, text, isDark ? 0.26 : 0.2)),
    accent: css(accent),
    node: css(mix(background, text, 0.55)),
    people: PEOPLE,
    font: font === '' ? 'sans-serif' : font,
    isDark
  };
}

/** A colour with some of what lies under it showing through. */
export function withAlpha(colour: string, alpha: number): string {
  const rgb = parseRgb(colour);
  return rgb === null ? colour : `rgba(${rgb.join(', ')}, ${alpha})`;
}

/** Black or white, whichever can be read on a colour of the form that `isColour` allows. */
export function textOn(colour: string): string {
  const hex = colour.length === 4 ? colour.replace(/[^#]/g, '$&$&') : colour;
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16);
  return luminance([part(1), part(3), part(5)]) < 0.5 ? '#fff' : '#1b1b1b';
}

/** Whether a text is a colour that can be drawn with; blueprints may hold anything. */
export function isColour(text: string): boolean {
  return /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text);
}

/** Call back when the page's theme changes; gives a function that ends it. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  const attributes = ['class', 'style', 'theme', 'data-jp-theme-name', 'data-vscode-theme-id'];
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: attributes });
  }
  const scheme = window.matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    scheme.removeEventListener('change', changed);
  };
}

function parseRgb(colour: string): Rgb | null {
  const match = /^rgba?\(\s*([\d.]+)[,\s]+([\d.]+)[,\s]+([\d.]+)/.exec(colour);
  return match === null || alphaOf(colour) === 0
    ? null
    : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function alphaOf(colour: string): number {
  const match = /^rgba\([^)]*[,/]\s*([\d.]+)\s*\)$/.exec(colour);
  return match === null ? 1 : Number(match[1]);
}

/** A colour as it looks on a background: JupyterLab's texts are see-through black and white. */
function over(colour: string, background: Rgb): Rgb | null {
  const rgb = parseRgb(colour);
  return rgb === null ? null : mix(background, rgb, alphaOf(colour));
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [part(0), part(1), part(2)];
}

function css(rgb: Rgb): string {
  return `rgb(${rgb.join(', ')})`;
}

/** 0 (black) to 1 (white), as the eye weighs the channels. */
function luminance([r, g, b]: Rgb): number {
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
}
