import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { find, GraphSearch, SEARCH_DELAY_MS, suggest, SUGGESTED } from '../../src/panel/search';
import { GraphStore } from '../../src/store/graph';

function whales(): GraphStore {
  const store = new GraphStore();
  store.load(
    [
      {
        node_id: 'w1',
        name: 'Blue whale',
        blueprint_type_id: 'animal',
        properties: { length: 30 }
      },
      { node_id: 'w2', name: 'Orca', blueprint_type_id: 'animal', properties: { toothed: true } },
      {
        node_id: 'w3',
        name: 'Beluga',
        blueprint_type_id: 'animal',
        properties: { seen: ['Svalbard', { place: 'Hudson Bay' }] }
      },
      { node_id: 'k', name: 'Krill', blueprint_type_id: 'food' }
    ],
    [],
    { node_types: { animal: { label: 'Sea mammal' } } }
  );
  return store;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['by name, whatever the case', 'ORCA', ['w2']],
  ['by id', 'w3', ['w3']],
  ['by type', 'food', ['k']],
  ["by the type's label", 'sea mammal', ['w1', 'w2', 'w3']],
  ['by a number in a property', '30', ['w1']],
  ['by a boolean in a property', 'true', ['w2']],
  ['deep in a property', 'hudson', ['w3']],
  ['by all words, each somewhere', 'animal svalbard', ['w3']],
  ['nothing for what is nowhere', 'shark', []],
  ['nothing for blanks', '  ', []]
])('finds %s', (_, query, expected) => {
  expect(find(whales(), query)).toEqual(expected);
});

test('steps go round and round, both ways', () => {
  const search = new GraphSearch(whales());
  search.setQuery('animal');
  expect(search.results).toEqual(new Set(['w1', 'w2', 'w3']));
  expect(search.at).toBe(-1);
  expect([search.step(1), search.step(1), search.step(1), search.step(1)]).toEqual([
    'w1',
    'w2',
    'w3',
    'w1'
  ]);
  expect(search.step(-1)).toBe('w3');
});

test('the first step back goes to the last result', () => {
  const search = new GraphSearch(whales());
  search.setQuery('animal');
  expect(search.step(-1)).toBe('w3');
});

test('an empty query ends the search', () => {
  const search = new GraphSearch(whales());
  search.setQuery('orca');
  search.setQuery('');
  expect(search.results).toBeNull();
  expect(search.step(1)).toBeNull();
});

test('a running search follows the graph', () => {
  const store = whales();
  const search = new GraphSearch(store);
  search.setQuery('animal');
  store.apply([{ type: 'node-created', node_id: 'w4', blueprint_type_id: 'animal' }]);
  vi.advanceTimersByTime(SEARCH_DELAY_MS);
  expect(search.results).toContain('w4');
});

test('suggestions begin with the text first, then hold it; by name or id; not the excepted', () => {
  const store = whales();
  store.apply([{ type: 'node-created', node_id: 'x', name: 'An orca' }]);
  expect(suggest(store, 'orc')).toEqual(['w2', 'x']);
  expect(suggest(store, 'w3')).toEqual(['w3']);
  expect(suggest(store, 'orc', id => id === 'w2')).toEqual(['x']);
});

test('there are only so many suggestions', () => {
  const store = new GraphStore();
  store.load(
    Array.from({ length: 100 }, (_, i) => ({ node_id: `n${i}` })),
    [],
    null
  );
  expect(suggest(store, '')).toHaveLength(SUGGESTED);
});
