import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  childTypes,
  elementSchema,
  linkTypesBetween,
  missingProperties
} from '../../src/panel/blueprintSchema';
import type { Blueprint } from '../../src/protocol';

interface ICase {
  blueprint: Blueprint;
  type_id: string;
  schema: { $schema: string };
}

const vectors = JSON.parse(
  readFileSync(resolve('../tests/vectors/schemas/json_schema.json'), 'utf8')
) as ICase[];

describe('the schema is the one that Python makes', () => {
  test.each(vectors)('of $type_id', ({ blueprint, type_id, schema }) => {
    const type = blueprint.node_types?.[type_id] ?? blueprint.link_types?.[type_id] ?? {};
    const { $schema: dialect, ...expected } = schema;
    expect(dialect).toContain('2020-12');
    expect(elementSchema(type)).toEqual(expected);
  });
});

const blueprint: Blueprint = {
  node_types: { phase: { allowed_children: ['task'] }, task: { allowed_children: [] }, person: {} },
  link_types: {
    blocks: { source_types: ['task'], target_types: ['task'] },
    does: { source_types: ['person'] },
    any: {}
  }
};

test('link types are those whose ends fit', () => {
  expect(linkTypesBetween(blueprint, 'task', 'task')).toEqual(['blocks', 'any']);
  expect(linkTypesBetween(blueprint, 'person', 'task')).toEqual(['does', 'any']);
  expect(linkTypesBetween({}, 'task', 'task')).toBeNull();
});

test('child types are those that the parent allows', () => {
  expect(childTypes(blueprint, 'phase')).toEqual(['task']);
  expect(childTypes(blueprint, 'task')).toEqual([]);
  expect(childTypes(blueprint, 'person')).toEqual(['phase', 'task', 'person']);
  expect(childTypes(blueprint, null)).toEqual(['phase', 'task', 'person']);
  expect(childTypes({}, null)).toBeNull();
});

test('a new element must be given what is required and has no default', () => {
  const type = {
    properties: { a: { required: true }, b: { required: true, default: 1 }, c: {} }
  };
  expect(missingProperties(type).map(([name]) => name)).toEqual(['a']);
  expect(missingProperties(undefined)).toEqual([]);
});
