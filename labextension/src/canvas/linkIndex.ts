/** Which drawn links join the same two nodes, and so must bend apart; and which are loops. */
import type { ILink } from '../store/graph';
import { hash } from './theme';

/** How much parallel links bend apart. */
const BEND = 0.22;
/** Of more parallel links than this each bends by chance: nobody counts them any more. */
const FAN = 16;

export class LinkIndex {
  /** Links of nodes to themselves, by node: no straight line can show them. */
  get loops(): ReadonlyMap<string, ReadonlySet<string>> {
    return this._loops;
  }

  add(link: ILink): void {
    const [index, key] = this._place(link);
    const ids = index.get(key);
    if (ids === undefined) {
      index.set(key, new Set([link.link_id]));
    } else {
      ids.add(link.link_id);
    }
  }

  remove(link: ILink): void {
    const [index, key] = this._place(link);
    const ids = index.get(key);
    ids?.delete(link.link_id);
    if (ids?.size === 0) {
      index.delete(key);
    }
  }

  /** Links between the same two nodes, whichever way; none for a loop. */
  parallels(link: ILink): ReadonlySet<string> {
    return isLoop(link) ? new Set() : (this._pairs.get(pairOf(link)) ?? new Set());
  }

  /** Links that bend differently when this one comes or goes: itself among them while it is there. */
  affected(link: ILink): Iterable<string> {
    const parallels = this.parallels(link);
    return parallels.size <= FAN ? parallels : [link.link_id];
  }

  /** How far a link bends, as a share of its length: parallels fan out, the middle one is straight. */
  curvature(link: ILink): number {
    const pair = this.parallels(link);
    if (pair.size <= 1) {
      return 0;
    }
    const offset =
      pair.size <= FAN
        ? [...pair].indexOf(link.link_id) - (pair.size - 1) / 2
        : (hash(link.link_id) % FAN) - FAN / 2;
    // seen from the other end, left is right
    return (link.source_id <= link.target_id ? offset : -offset) * BEND;
  }

  private _place(link: ILink): [Map<string, Set<string>>, string] {
    return isLoop(link) ? [this._loops, link.source_id] : [this._pairs, pairOf(link)];
  }

  private readonly _loops = new Map<string, Set<string>>();
  private readonly _pairs = new Map<string, Set<string>>();
}

export function isLoop(link: ILink): boolean {
  return link.source_id === link.target_id;
}

function pairOf(link: ILink): string {
  const { source_id: a, target_id: b } = link;
  return a <= b ? `${a}\u0000${b}` : `${b}\u0000${a}`;
}
