/** The widget's bar: what it shows, how it is connected, and what can be done with it. */
import type { LayoutName } from '../canvas/canvas';

export interface IBarHost {
  fit(): void;
  arrange(name: LayoutName): void;
  undo(): void;
  redo(): void;
  reconnect(): void;
}

export type ChipState = 'connecting' | 'loading' | 'live' | 'offline' | 'ended';

const LAYOUTS: readonly (readonly [LayoutName, string])[] = [
  ['force', 'Force'],
  ['tree', 'Tree'],
  ['circle', 'Circle'],
  ['grid', 'Grid']
];

/** Icons as paths of a 16 by 16 grid. */
const ICONS = {
  undo: 'M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H6',
  redo: 'M10 3l3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 8h3',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4'
} as const;

export class Bar {
  constructor(private readonly _host: IBarHost) {
    this.root = make('div', 'gx-bar');
    this._name = make('span', 'gx-name');
    this._counts = make('span', 'gx-counts');
    this._chip = make('button', 'gx-chip');
    this._chip.type = 'button';
    this._chip.addEventListener('click', () => this._host.reconnect());
    this._edits = [
      button('Undo my last change', ICONS.undo, () => this._host.undo()),
      button('Redo', ICONS.redo, () => this._host.redo())
    ];
    const space = make('span', 'gx-space');
    const fit = button('Show the whole graph', ICONS.fit, () => this._host.fit());
    this.root.append(
      this._name,
      this._counts,
      space,
      ...this._edits,
      this._layouts(),
      fit,
      this._chip
    );
  }

  readonly root: HTMLElement;

  name(text: string): void {
    this._name.textContent = text;
    this._name.title = text;
  }

  counts(nodes: number, links: number): void {
    this._counts.textContent = `${counted(nodes, 'node')}, ${counted(links, 'link')}`;
  }

  /** `text` says more than the state where there is more to say; a click retries when offline. */
  state(state: ChipState, text: string, isEditable: boolean): void {
    this._chip.dataset['state'] = state;
    this._chip.textContent = text;
    this._chip.disabled = state !== 'offline';
    this._chip.title = state === 'offline' ? 'Try again now' : '';
    this._edits.forEach(edit => (edit.disabled = !isEditable));
  }

  private _layouts(): HTMLElement {
    const select = make('select', 'gx-select');
    select.setAttribute('aria-label', 'Arrange the nodes');
    for (const [name, label] of [['', 'Layout'] as const, ...LAYOUTS]) {
      const option = make('option', '');
      option.value = name;
      option.textContent = label;
      select.append(option);
    }
    select.addEventListener('change', () => {
      const chosen = LAYOUTS.find(([name]) => name === select.value);
      select.value = '';
      if (chosen !== undefined) {
        this._host.arrange(chosen[0]);
      }
    });
    return select;
  }

  private readonly _name: HTMLElement;
  private readonly _counts: HTMLElement;
  private readonly _chip: HTMLButtonElement;
  private readonly _edits: HTMLButtonElement[];
}

function button(label: string, icon: string, run: () => void): HTMLButtonElement {
  const made = make('button', 'gx-tool');
  made.type = 'button';
  made.title = label;
  made.setAttribute('aria-label', label);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', icon);
  svg.append(path);
  made.append(svg);
  made.addEventListener('click', run);
  return made;
}

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

/** As in "1 node" and "2,000 nodes". */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString()} ${noun}${number === 1 ? '' : 's'}`;
}
