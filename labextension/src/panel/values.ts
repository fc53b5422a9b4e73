/** Property values as text that people edit, and back. */
import type { JSONValue, PropertyType } from '../protocol';

/** How a value is edited. `json` is everything that is not one of the others: null, lists, objects. */
export type ValueKind = 'text' | 'number' | 'boolean' | 'json';
export const VALUE_KINDS: readonly ValueKind[] = ['text', 'number', 'boolean', 'json'];

/** Text that is no value of its kind. `reason` is for the caller to put into words. */
export class ValueError extends Error {
  constructor(readonly reason: 'number' | 'range' | 'json') {
    super(reason);
    this.name = 'ValueError';
  }
}

export function kindOf(value: JSONValue): ValueKind {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

/** The text a value is edited as. */
export function formatValue(value: JSONValue, kind: ValueKind = kindOf(value)): string {
  if (kind === 'json') {
    return JSON.stringify(value, null, typeof value === 'object' ? 2 : 0);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * Read a value.
 *
 * @throws ValueError where the text is no value of this kind, or no number that JSON carries safely.
 */
export function parseValue(text: string, kind: ValueKind): JSONValue {
  switch (kind) {
    case 'text':
      return text;
    case 'boolean':
      return text === 'true';
    case 'number': {
      const wanted = text.trim();
      const value = Number(wanted);
      if (wanted === '' || Number.isNaN(value)) {
        throw new ValueError('number');
      }
      return safe(value);
    }
    case 'json': {
      let value: JSONValue;
      try {
        value = JSON.parse(text) as JSONValue;
      } catch {
        throw new ValueError('json');
      }
      JSON.stringify(value, (_, inner: JSONValue) =>
        typeof inner === 'number' ? safe(inner) : inner
      );
      return value;
    }
  }
}

/**
 * Read what was typed for a property. Emptied fields delete the property.
 *
 * @throws ValueError where it cannot even be sent; all else is the server's to refuse.
 */
export function readProperty(type: PropertyType, text: string): JSONValue | undefined {
  if (text.trim() === '') {
    return undefined;
  }
  switch (type.type) {
    case 'number':
    case 'integer':
    case 'currency':
      return parseValue(text, 'number');
    case 'boolean':
      return parseValue(text, 'boolean');
    case 'json':
    case 'multi-select':
      return parseValue(text, 'json');
    default:
      return text;
  }
}

/** The value that comes nearest to this one in another kind. */
export function convertValue(value: JSONValue, kind: ValueKind): JSONValue {
  switch (kind) {
    case 'text':
      return value === null ? '' : formatValue(value, kindOf(value) === 'json' ? 'json' : 'text');
    case 'number': {
      const number = Number(value);
      return typeof value === 'object' || Number.isNaN(number) ? 0 : safe(number);
    }
    case 'boolean':
      return typeof value === 'string' ? /^(true|yes|1)$/i.test(value.trim()) : Boolean(value);
    case 'json':
      if (typeof value === 'string') {
        try {
          return parseValue(value, 'json');
        } catch {
          return [value];
        }
      }
      return typeof value === 'object' ? value : [value];
  }
}

function safe(value: number): number {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new ValueError('range');
  }
  return value;
}
