import { describe, expect, test } from 'vitest';
import type { ClientInfo } from '../../src/protocol';
import { COLOURS, initialsOf, peopleOf } from '../../src/session/people';
import { Roster } from '../../src/session/roster';

function client(client_id: string, actor_id: string, more: Partial<ClientInfo> = {}): ClientInfo {
  return { client_id, actor: { actor_id }, ...more };
}

function rosterOf(...clients: ClientInfo[]): Roster {
  const roster = new Roster('me');
  roster.replace(clients);
  return roster;
}

describe('people', () => {
  test('are one for each actor, whatever it is here with', () => {
    const people = peopleOf(
      rosterOf(
        client('me', 'ann'),
        client('tab', 'bob', {
          selection: ['a'],
          role: 'editor',
          actor: { actor_id: 'bob', name: 'Bob B' }
        }),
        client('kernel', 'bob', { selection: ['a', 'b'], editing: 'b', label: 'plan.ipynb' }),
        client('my kernel', 'ann', { label: 'plan.ipynb' })
      )
    );
    expect(people.map(p => [p.name, p.role, p.isMe, p.selection, [...p.editing]])).toEqual([
      ['Bob B', 'editor', false, ['a', 'b'], ['b']],
      ['plan.ipynb', '', true, [], []]
    ]);
  });

  test('have colours of their own while there are enough, the same in every page', () => {
    const clients = Array.from({ length: COLOURS }, (_, n) => client(`c${n}`, `actor ${n}`));
    const there = new Roster('c1');
    there.replace(clients);
    const slots = new Map(peopleOf(there).map(p => [p.actorId, p.slot]));
    expect(new Set(slots.values()).size).toBe(COLOURS - 1);
    for (const { actorId, slot } of peopleOf(rosterOf(...clients))) {
      expect(slots.get(actorId) ?? slot).toBe(slot);
    }
  });

  test.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'AD'],
    ['Jean-Luc P.', 'JP'],
    ['plan.ipynb', 'PL'],
    ['çedilla', 'ÇE'],
    ['x', 'X'],
    ['…', '?'],
    ['', '?']
  ])('the initials of %j are %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});
