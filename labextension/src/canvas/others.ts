/** What others have selected: outlined in their colours, with their names. */
import type { IPerson } from '../session/people';
import type { GraphStore } from '../store/graph';
import type { Scene } from './scene';
import type { ITheme } from './theme';

/** Somebody's selection, as it is drawn. */
export interface IOther {
  readonly name: string;
  readonly slot: number;
  /** Elements that may be there: node_ids and link_ids. */
  readonly selection: readonly string[];
}

/** What draws: canvas/overlay.ts's pen. */
export interface IOthersPen {
  ring(nodeId: string, colour: string, width: number, gapPx: number): void;
  linkOf(linkId: string, colour: string, width: number): void;
  tag(nodeId: string, text: string, colour: string, level: number, theme: ITheme): void;
}

/** Own rings are inside, each further person's ring is so much outside the one before: pixels. */
const GAP_PX = 4;
/** Of one person so many are outlined. */
const MOST = 500;

/** Those who have something selected. */
export function othersOf(people: readonly IPerson[]): IOther[] {
  return people.filter(person => person.selection.length > 0);
}

export function drawOthers(
  pen: IOthersPen,
  others: readonly IOther[],
  theme: ITheme,
  store: GraphStore,
  scene: Scene
): void {
  // how many have each node: their rings and names lie beside each other
  const rings = new Map<string, number>();
  const tags: (() => void)[] = [];
  for (const { name, slot, selection } of others) {
    const colour = theme.people[slot % theme.people.length] ?? theme.accent;
    let isNamed = false;
    for (const id of selection.slice(0, MOST)) {
      if (store.nodes.has(id)) {
        const level = rings.get(id) ?? 0;
        rings.set(id, level + 1);
        pen.ring(id, colour, 2.5, GAP_PX * (level + 1));
        if (!isNamed) {
          isNamed = true;
          tags.push(() => pen.tag(id, name, colour, level, theme));
        }
      } else if (scene.drawnLinks.has(id)) {
        pen.linkOf(id, colour, 3);
      }
    }
  }
  // names above all rings
  tags.forEach(draw => draw());
}
