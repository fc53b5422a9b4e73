/** What is under the pointer, in words: its type and its first properties. Text only. */
import type { IElement } from '../canvas/pointing';
import { textOf } from '../canvas/scales';
import type { GraphStore, IProperties } from '../store/graph';

const MOST_ROWS = 8;
const LONGEST = 80;
const AWAY_PX = 14;

export class Tooltip {
  /** @param host what it stays within; the pointer is watched there. */
  constructor(private readonly _host: HTMLElement) {
    this.root = document.createElement('div');
    this.root.className = 'gx-tooltip';
    this.root.setAttribute('role', 'tooltip');
    this.root.hidden = true;
    _host.append(this.root);
    _host.addEventListener('pointermove', this._onMove, { passive: true });
    _host.addEventListener('pointerdown', this._onDown, { passive: true });
  }

  readonly root: HTMLElement;

  /** Say what an element is; nothing for none. */
  show(element: IElement, store: GraphStore): void {
    const rows = describe(element, store);
    this.root.hidden = rows.length === 0;
    this.root.replaceChildren(
      ...rows.map(([name, value]) => {
        const made = document.createElement('div');
        const label = document.createElement('span');
        label.className = 'gx-tooltip-name';
        label.textContent = name;
        made.append(label, value);
        return made;
      })
    );
    if (rows.length > 0) {
      this._place();
    }
  }

  dispose(): void {
    this._host.removeEventListener('pointermove', this._onMove);
    this._host.removeEventListener('pointerdown', this._onDown);
    this.root.remove();
  }

  /** Beside the pointer, where there is room. */
  private _place(): void {
    const { clientWidth, clientHeight } = this._host;
    const { offsetWidth, offsetHeight } = this.root;
    const [x, y] = this._at;
    const left = x + AWAY_PX + offsetWidth > clientWidth ? x - AWAY_PX - offsetWidth : x + AWAY_PX;
    const top =
      y + AWAY_PX + offsetHeight > clientHeight ? y - AWAY_PX - offsetHeight : y + AWAY_PX;
    this.root.style.left = `${Math.max(0, left)}px`;
    this.root.style.top = `${Math.max(0, top)}px`;
  }

  private readonly _onMove = (event: PointerEvent): void => {
    const box = this._host.getBoundingClientRect();
    this._at = [event.clientX - box.left, event.clientY - box.top];
  };

  private readonly _onDown = (): void => {
    this.root.hidden = true;
  };

  /** Where the pointer is, in the host: pixels. */
  private _at: readonly [number, number] = [0, 0];
}

/** Names and values; the name of what has only a value is empty. */
export function describe({ nodeId, linkId }: IElement, store: GraphStore): [string, string][] {
  const node = nodeId === null ? undefined : store.nodes.get(nodeId);
  if (node !== undefined) {
    const type = store.blueprint.node_types?.[node.blueprint_type_id];
    const id: [string, string][] =
      node.name === '' || node.name === node.node_id ? [] : [['id', node.node_id]];
    return [...typed(type?.label, node.blueprint_type_id), ...id, ...listed(node.properties)];
  }
  const link = linkId === null ? undefined : store.links.get(linkId);
  if (link === undefined) {
    return [];
  }
  const arrow = store.blueprint.directed === false ? '–' : '→';
  const ends = `${store.label(link.source_id)} ${arrow} ${store.label(link.target_id)}`;
  const type = store.blueprint.link_types?.[link.link_type_id];
  return [['', cut(ends)], ...typed(type?.label, link.link_type_id), ...listed(link.properties)];
}

function typed(label: string | undefined, typeId: string): [string, string][] {
  return typeId === '' ? [] : [['type', cut((label ?? '') || typeId)]];
}

function listed(properties: IProperties): [string, string][] {
  const all = Object.entries(properties);
  const rows = all
    .slice(0, MOST_ROWS)
    .map(([name, value]): [string, string] => [cut(name), cut(textOf(value))]);
  const more = all.length - rows.length;
  return more > 0 ? [...rows, ['', `and ${more} more`]] : rows;
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
