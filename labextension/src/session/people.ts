/** The others in a session as people see them: one for each actor, with a colour of its own. */
import type { ClientInfo } from '../protocol';
import type { Roster } from './roster';

export interface IPerson {
  readonly actorId: string;
  /** The actor's name, or else what its client calls itself. */
  readonly name: string;
  readonly initials: string;
  /** owner, editor or viewer. */
  readonly role: string;
  /** Which of the `COLOURS` colours it is shown in, from 0 on: the same in every page. */
  readonly slot: number;
  /** The same actor as this page's, over another connection. */
  readonly isMe: boolean;
  /** Its tabs, kernels and agents. */
  readonly clients: readonly ClientInfo[];
  /** What is selected in any of them: node_ids and link_ids. */
  readonly selection: readonly string[];
  /** Elements whose fields are open in one of them. */
  readonly editing: ReadonlySet<string>;
}

/** How many colours there are: JupyterLab's for collaborators. */
export const COLOURS = 7;

/** Everybody but this page, in the order of coming. */
export function peopleOf(roster: Roster): IPerson[] {
  const all = roster.clients;
  const slots = slotsOf(all);
  const me = all.find(client => client.client_id === roster.clientId)?.actor.actor_id;
  const byActor = new Map<string, ClientInfo[]>();
  for (const client of roster.others) {
    const known = byActor.get(client.actor.actor_id);
    if (known) {
      known.push(client);
    } else {
      byActor.set(client.actor.actor_id, [client]);
    }
  }
  return [...byActor].map(([actorId, clients]) => {
    const name = nameOf(clients);
    return {
      actorId,
      name,
      initials: initialsOf(name),
      role: clients.find(client => (client.role ?? '') !== '')?.role ?? '',
      slot: slots.get(actorId) ?? 0,
      isMe: actorId === me,
      clients,
      selection: [...new Set(clients.flatMap(client => client.selection ?? []))],
      editing: new Set(
        clients.flatMap(client => (typeof client.editing === 'string' ? [client.editing] : []))
      )
    };
  });
}

/** Up to two letters that stand for a name; of a file's name, its ending does not count. */
export function initialsOf(name: string): string {
  const words = name.replace(/\.[a-z]{1,6}$/i, '').match(/[\p{L}\p{N}]+/gu) ?? [];
  const first = Array.from(words[0] ?? '?');
  const last = words.length > 1 ? Array.from(words.at(-1) ?? '')[0] : first[1];
  return `${first[0] ?? '?'}${last ?? ''}`.toLocaleUpperCase();
}

function nameOf(clients: readonly ClientInfo[]): string {
  for (const { actor, label } of clients) {
    const name = (actor.name ?? '') || (label ?? '');
    if (name !== '') {
      return name;
    }
  }
  return clients[0]?.actor.actor_id ?? '';
}

/**
 * A colour for each actor, no two the same while there are enough.
 *
 * It follows from who is there alone, in the server's order, so that all pages agree.
 */
function slotsOf(clients: readonly ClientInfo[]): Map<string, number> {
  const slots = new Map<string, number>();
  for (const { actor } of clients) {
    if (!slots.has(actor.actor_id)) {
      let slot = sum(actor.actor_id) % COLOURS;
      const taken = new Set(slots.values());
      while (taken.size < COLOURS && taken.has(slot)) {
        slot = (slot + 1) % COLOURS;
      }
      slots.set(actor.actor_id, slot);
    }
  }
  return slots;
}

function sum(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i += 1) {
    value = (Math.imul(value, 31) + text.charCodeAt(i)) >>> 0;
  }
  return value;
}
