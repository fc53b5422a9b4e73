/** Colours of node types that the blueprint gives none: the same wherever a type is seen. */
import { hash } from './theme';

/** Readable on white and on near-black, told apart by people who see few colours too. */
const PALETTE = [
  '#4e8fd0',
  '#e08a3c',
  '#4aa564',
  '#d2606a',
  '#8f7bd0',
  '#a6793f',
  '#d078b4',
  '#a9a832',
  '#2fa8b8'
] as const;

/** Gives each type a colour: its own if it can be, and no two the same while there are enough. */
export class Palette {
  /** The colour of a type; the first to ask for one keeps it. */
  colourOf(typeId: string): string {
    let slot = this._slots.get(typeId);
    if (slot === undefined) {
      slot = hash(typeId) % PALETTE.length;
      const taken = new Set(this._slots.values());
      while (taken.size < PALETTE.length && taken.has(slot)) {
        slot = (slot + 1) % PALETTE.length;
      }
      this._slots.set(typeId, slot);
    }
    return PALETTE[slot] ?? PALETTE[0];
  }

  private readonly _slots = new Map<string, number>();
}
