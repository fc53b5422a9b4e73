/** Colours of node types that the blueprint gives none: the same wherever a type is seen. */
import { hash } from './theme';

/** Readable on white and on near-black, told apart by people who see few colours too. */
export const PALETTE = [
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

/** Which colour each type has in this page. */
const slots = new Map<string, number>();

/**
 * The colour of a type: its own if that is free, and no two the same while there are enough.
 *
 * The first to ask for a colour keeps it, so that the canvas and the panel agree.
 */
export function typeColour(typeId: string): string {
  let slot = slots.get(typeId);
  if (slot === undefined) {
    slot = hash(typeId) % PALETTE.length;
    const taken = new Set(slots.values());
    while (taken.size < PALETTE.length && taken.has(slot)) {
      slot = (slot + 1) % PALETTE.length;
    }
    slots.set(typeId, slot);
  }
  return PALETTE[slot] ?? PALETTE[0];
}
