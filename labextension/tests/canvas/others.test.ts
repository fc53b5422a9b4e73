import { expect, test } from 'vitest';
import { drawOthers, othersOf } from '../../src/canvas/others';
import { Scene } from '../../src/canvas/scene';
import { peopleOf } from '../../src/session/people';
import { Roster } from '../../src/session/roster';
import { GraphStore } from '../../src/store/graph';
import { THEME, link, node } from './fakes';

test('what others have selected is outlined in their colours, their names once and side by side', () => {
  const store = new GraphStore();
  store.apply([node('a', [0, 0]), node('b', [1, 1]), link('l', 'a', 'b')]);
  const scene = new Scene(store, THEME);
  scene.flush(() => false);
  const roster = new Roster('me');
  roster.replace([
    { client_id: 'me', actor: { actor_id: 'me' }, selection: ['a'] },
    { client_id: 'x', actor: { actor_id: 'x', name: 'Ann' }, selection: ['gone', 'a', 'b', 'l'] },
    { client_id: 'y', actor: { actor_id: 'y', name: 'Bob' }, selection: ['a'] },
    { client_id: 'z', actor: { actor_id: 'z', name: 'Eve' } }
  ]);
  const others = othersOf(peopleOf(roster));
  const colours = others.map(other => THEME.people[other.slot]);
  const drawn: unknown[] = [];
  const pen = {
    ring: (id: string, colour: string, _: number, gap: number) =>
      drawn.push(['ring', id, colour, gap]),
    linkOf: (id: string, colour: string) => drawn.push(['link', id, colour]),
    tag: (id: string, text: string, colour: string, level: number) =>
      drawn.push(['tag', id, text, colour, level])
  };
  drawOthers(pen, others, THEME, store, scene);
  expect(drawn).toEqual([
    ['ring', 'a', colours[0], 4],
    ['ring', 'b', colours[0], 4],
    ['link', 'l', colours[0]],
    ['ring', 'a', colours[1], 8],
    ['tag', 'a', 'Ann', colours[0], 0],
    ['tag', 'a', 'Bob', colours[1], 1]
  ]);
  expect(colours[0]).not.toBe(colours[1]);
});
