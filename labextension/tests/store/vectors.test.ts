import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Blueprint, Event } from '../../src/protocol';
import type { LinkRow, NodeRow } from '../../src/store/elements';
import { GraphStore } from '../../src/store/graph';

// the same cases that tests/core/test_vectors.py replays: see tests/vectors/README.md
interface ICase {
  name: string;
  start?: { nodes?: NodeRow[]; links?: LinkRow[]; blueprint?: Blueprint };
  events: Event[];
  expect: {
    nodes: NodeRow[];
    links: LinkRow[];
    children: Record<string, string[]>;
    blueprint: Blueprint;
  };
}

const folder = resolve('../tests/vectors');
const files = readdirSync(folder).filter(name => name.endsWith('.json'));

function readCases(file: string): ICase[] {
  return JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as ICase[];
}

/** A row without the fields that have their default. */
function bare(row: object): object {
  const defaults: Record<string, unknown> = {
    parent_id: null,
    blueprint_type_id: '',
    link_type_id: '',
    name: '',
    order: 0,
    position: null
  };
  return Object.fromEntries(
    Object.entries(row).filter(([field, value]) =>
      field === 'properties' ? Object.keys(value as object).length > 0 : value !== defaults[field]
    )
  );
}

function byId<T extends object>(rows: Iterable<T>, id: (row: T) => string): Map<string, object> {
  return new Map([...rows].map(row => [id(row), bare(row)]));
}

/** Children of all parents that have some; "" for the top. */
function childrenOf(store: GraphStore): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const parentId of [null, ...store.nodes.keys()]) {
    const ids = store.children(parentId).map(node => node.node_id);
    if (ids.length > 0) {
      found[parentId ?? ''] = ids;
    }
  }
  return found;
}

test('there are vectors', () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)('%s: the reducer agrees with Python’s', file => {
  test.each(readCases(file))('$name', ({ start, events, expect: expected }) => {
    const store = new GraphStore();
    store.load(start?.nodes ?? [], start?.links ?? [], start?.blueprint ?? null);
    store.apply(events);
    expect(byId(store.nodes.values(), node => node.node_id)).toEqual(
      byId(expected.nodes, node => node.node_id)
    );
    expect(byId(store.links.values(), link => link.link_id)).toEqual(
      byId(expected.links, link => link.link_id)
    );
    expect(childrenOf(store)).toEqual(expected.children);
    expect(store.blueprint).toEqual(expected.blueprint);
  });
});
