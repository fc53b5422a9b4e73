import { expect, test } from 'vitest';
import { createdNodes, ownerOf, renameProperty, setProperty } from '../../src/panel/edits';
import { linkTypes, linkTypesInUse, nodeTypesInUse, pick, start } from '../../src/panel/linking';
import { freshName, nameProblem } from '../../src/panel/names';
import { nullTranslator } from '@jupyterlab/translation';
import { GraphStore } from '../../src/store/graph';

const trans = nullTranslator.load('graph_ext');

function store(): GraphStore {
  const graph = new GraphStore();
  graph.load(
    [
      { node_id: 'a', blueprint_type_id: 'task' },
      { node_id: 'b', blueprint_type_id: 'task' },
      { node_id: 'p', blueprint_type_id: 'person' }
    ],
    [
      { link_id: 'l1', source_id: 'a', target_id: 'b', link_type_id: 'blocks' },
      { link_id: 'l2', source_id: 'p', target_id: 'a', link_type_id: 'does' },
      { link_id: 'l3', source_id: 'p', target_id: 'b', link_type_id: 'does' }
    ],
    null
  );
  return graph;
}

test('a property is set, deleted and renamed on its element', () => {
  const link = store().links.get('l1');
  expect(link && ownerOf(link)).toEqual({ link_id: 'l1' });
  expect(setProperty({ node_id: 'a' }, 'x', null)).toEqual({
    type: 'set-property',
    property_name: 'x',
    value: null,
    node_id: 'a'
  });
  expect(setProperty({ link_id: 'l1' }, 'x', undefined)).toEqual({
    type: 'delete-property',
    property_name: 'x',
    link_id: 'l1'
  });
  expect(renameProperty({ node_id: 'a' }, 'x', 'y', 1)).toMatchObject({
    type: 'batch',
    commands: [
      { type: 'delete-property', property_name: 'x' },
      { type: 'set-property', property_name: 'y', value: 1 }
    ]
  });
});

test('the nodes that a commit made are known by its events', () => {
  expect(
    createdNodes({
      type: 'commit',
      session_id: 's',
      epoch: 'e',
      rev: 1,
      command_id: 'c',
      client_id: 'me',
      actor: { actor_id: 'me' },
      at: 0,
      events: [
        { type: 'node-created', node_id: 'new' },
        { type: 'node-linked', link_id: 'l', source_id: 'new', target_id: 'a' }
      ]
    })
  ).toEqual(['new']);
});

test('two selected nodes are a link, one is its source, more or none start from nothing', () => {
  expect(start(['a', 'b'])).toEqual({ link: { source: 'a', target: 'b' } });
  expect(start(['a'])).toEqual({ step: { at: 'target', source: 'a' } });
  expect(start([])).toEqual({ step: { at: 'source' } });
  expect(start(['a', 'b', 'p'])).toEqual({ step: { at: 'source' } });
});

test('the first node picked is the source, the second the target, the same one too', () => {
  expect(pick({ at: 'source' }, 'a')).toEqual({ step: { at: 'target', source: 'a' } });
  expect(pick({ at: 'target', source: 'a' }, 'b')).toEqual({ link: { source: 'a', target: 'b' } });
  expect(pick({ at: 'target', source: 'a' }, 'a')).toEqual({ link: { source: 'a', target: 'a' } });
  expect(pick({ at: 'off' }, 'a')).toEqual({ step: { at: 'off' } });
});

test('without a blueprint any type of link may be typed, those in use come first', () => {
  const graph = store();
  expect(linkTypesInUse(graph)).toEqual(['does', 'blocks']);
  expect(nodeTypesInUse(graph)).toEqual(['task', 'person']);
  expect(linkTypes(graph, 'a', 'b')).toEqual({ types: ['does', 'blocks'], open: true });
});

test('with a blueprint only the types that fit may be chosen', () => {
  const graph = store();
  graph.load([], [], { link_types: { blocks: { source_types: ['task'] }, knows: {} } });
  expect(linkTypes(graph, 'p', 'a')).toEqual({ types: ['knows'], open: false });
});

test('names are checked before the server is asked', () => {
  expect(nameProblem('plan', ['other'], trans)).toBe('');
  expect(nameProblem('  ', [], trans)).toMatch('name');
  expect(nameProblem(' plan ', ['plan'], trans)).toMatch('There is a graph named "plan" already');
  expect(nameProblem('two\nlines', [], trans)).toMatch('control');
  expect(nameProblem('é'.repeat(129), [], trans)).toMatch('too long');
  expect(freshName([])).toBe('untitled');
  expect(freshName(['untitled', 'untitled-2'])).toBe('untitled-3');
});
