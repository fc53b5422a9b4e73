import { describe, expect, test } from 'vitest';
import type { JSONValue } from '../../src/protocol';
import {
  convertValue,
  formatValue,
  kindOf,
  parseValue,
  readProperty,
  ValueError
} from '../../src/panel/values';

describe('text as a value', () => {
  test.each([
    ['text', ' as it is ', ' as it is '],
    ['text', '', ''],
    ['number', ' 5 ', 5],
    ['number', '-0.5', -0.5],
    ['number', '1e3', 1000],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['json', '{"a": [1, null]}', { a: [1, null] }],
    ['json', 'null', null]
  ] as const)('%s %j', (kind, text, value) => {
    expect(parseValue(text, kind)).toEqual(value);
  });

  test.each([
    ['number', 'five', 'number'],
    ['number', '', 'number'],
    ['number', 'Infinity', 'range'],
    ['number', '9007199254740993', 'range'],
    ['json', '{a: 1}', 'json'],
    ['json', '[9007199254740993]', 'range'],
    ['json', '1e999', 'range']
  ] as const)('%s %j is refused', (kind, text, reason) => {
    expect(() => parseValue(text, kind)).toThrow(new ValueError(reason));
  });
});

test.each([
  ['x', 'text'],
  [1.5, 'number'],
  [false, 'boolean'],
  [null, 'json'],
  [[1], 'json'],
  [{}, 'json']
] as const)('%j is edited as %s', (value, kind) => {
  expect(kindOf(value as JSONValue)).toBe(kind);
  expect(parseValue(formatValue(value as JSONValue), kind)).toEqual(value);
});

test.each([
  ['12', 'number', 12],
  ['x', 'number', 0],
  [true, 'number', 1],
  [[1], 'number', 0],
  [12, 'text', '12'],
  [null, 'text', ''],
  [{ a: 1 }, 'text', '{\n  "a": 1\n}'],
  ['yes', 'boolean', true],
  ['no', 'boolean', false],
  [0, 'boolean', false],
  ['{"a": 1}', 'json', { a: 1 }],
  ['plain', 'json', ['plain']],
  [3, 'json', [3]]
] as const)('%j becomes as %s %j', (value, kind, expected) => {
  expect(convertValue(value as JSONValue, kind)).toEqual(expected);
});

describe('what is typed for a property of a blueprint', () => {
  test.each([
    [{ type: 'number' }, '2.5', 2.5],
    [{ type: 'currency' }, '3', 3],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'multi-select' }, '["a"]', ['a']],
    [{ type: 'json' }, '{"a": 1}', { a: 1 }],
    [{ type: 'date' }, '2026-11-30', '2026-11-30'],
    [{}, 'text', 'text']
  ] as const)('%j %j', (type, text, value) => {
    expect(readProperty(type, text)).toEqual(value);
  });

  test('an emptied field deletes the property', () => {
    expect(readProperty({ type: 'number' }, ' ')).toBeUndefined();
    expect(readProperty({}, '')).toBeUndefined();
  });
});
