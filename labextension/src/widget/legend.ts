/** What the colours mean, in a corner of the widget: kinds, or numbers from least to most. */
import type { ILegend } from '../canvas/looks';
import { NEUTRAL, ramp, textOf } from '../canvas/scales';

/** More kinds than this are only counted. */
const MOST_ROWS = 10;
const RAMP_STEPS = [0, 0.25, 0.5, 0.75, 1];

export class Legend {
  constructor() {
    this.root = document.createElement('div');
    this.root.className = 'gx-legend';
    this.root.setAttribute('role', 'note');
    this.root.setAttribute('aria-label', 'Legend');
    this.root.hidden = true;
  }

  readonly root: HTMLElement;

  /** Show what there is to say; null: nothing. */
  show(legend: ILegend | null): void {
    const said = JSON.stringify(legend);
    if (said === this._said) {
      return;
    }
    this._said = said;
    this.root.hidden = legend === null;
    this.root.replaceChildren(...(legend === null ? [] : lines(legend)));
  }

  /** What it shows now, to leave it alone when nothing has changed. */
  private _said = 'null';
}

function lines(legend: ILegend): HTMLElement[] {
  const found: HTMLElement[] = [];
  if (legend.heading !== '') {
    found.push(line('gx-legend-heading', legend.heading));
  }
  if (legend.range !== null) {
    found.push(rampLine(), ends(legend.range));
  }
  for (const [text, colour] of legend.kinds.slice(0, MOST_ROWS)) {
    found.push(row(text, colour));
  }
  const others = legend.others + Math.max(0, legend.kinds.length - MOST_ROWS);
  if (others > 0) {
    found.push(row(`${others.toLocaleString()} others`, NEUTRAL));
  }
  const isEmpty = legend.heading !== '' && legend.kinds.length === 0 && legend.range === null;
  if (isEmpty) {
    found.push(line('gx-legend-note', 'no node has it'));
  }
  if (legend.shown !== null) {
    const counts = `${legend.shown.toLocaleString()} of ${legend.total.toLocaleString()} nodes shown`;
    found.push(line('gx-legend-note', counts));
  }
  return found;
}

function row(text: string, colour: string): HTMLElement {
  const made = line('gx-legend-row', '');
  const swatch = document.createElement('span');
  swatch.className = 'gx-legend-swatch';
  swatch.style.backgroundColor = colour;
  const label = document.createElement('span');
  label.className = 'gx-legend-text';
  label.textContent = text;
  label.title = text;
  made.append(swatch, label);
  return made;
}

function rampLine(): HTMLElement {
  const made = line('gx-legend-ramp', '');
  made.style.backgroundImage = `linear-gradient(to right, ${RAMP_STEPS.map(ramp).join(', ')})`;
  return made;
}

function ends({ least, most }: { least: number; most: number }): HTMLElement {
  const made = line('gx-legend-ends', '');
  made.append(line('', textOf(least)), line('', textOf(most)));
  return made;
}

function line(className: string, text: string): HTMLElement {
  const made = document.createElement('div');
  made.className = className;
  made.textContent = text;
  return made;
}
