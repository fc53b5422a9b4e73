/**
 * A blueprint's properties as JSON Schema, from which the inspector draws its form: the same as
 * graph_ext/core/json_schema.py makes of them, by tests/vectors/schemas.
 */
import type { Blueprint, JSONValue, LinkType, NodeType, PropertyType } from '../protocol';

/** A schema as far as we write one. */
export interface ISchema {
  [keyword: string]: JSONValue;
}

/** The schema of a property's value. */
export function propertySchema(property: PropertyType): ISchema {
  const { default: initial = null } = property;
  return {
    ...valueSchema(property),
    ...titles(property),
    ...(initial !== null && { default: initial })
  };
}

function valueSchema(property: PropertyType): ISchema {
  switch (property.type) {
    case undefined:
    case 'text':
      return {
        type: 'string',
        ...(typeof property.pattern === 'string' && { pattern: property.pattern })
      };
    case 'number':
    case 'currency':
      return { type: 'number', ...range(property) };
    case 'integer':
      return { type: 'integer', ...range(property) };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'datetime':
      return { type: 'string', format: 'date-time' };
    case 'duration':
      return { type: 'string', format: 'duration' };
    case 'url':
      return { type: 'string', format: 'uri' };
    case 'select':
      return { type: 'string', enum: [...(property.options ?? [])] };
    case 'multi-select':
      return {
        type: 'array',
        items: { type: 'string', enum: [...(property.options ?? [])] },
        uniqueItems: true
      };
    case 'reference':
      return { type: 'string' };
    case 'json':
      return {};
  }
}

function titles(described: NodeType | LinkType | PropertyType): ISchema {
  return {
    ...(described.label && { title: described.label }),
    ...(described.description && { description: described.description })
  };
}

function range(property: PropertyType): ISchema {
  return {
    ...(typeof property.minimum === 'number' && { minimum: property.minimum }),
    ...(typeof property.maximum === 'number' && { maximum: property.maximum })
  };
}

/** The schema of a type's properties: an object; open where the type declares none. */
export function elementSchema(type: NodeType | LinkType): ISchema {
  const properties = Object.entries(type.properties ?? {});
  const required = properties.filter(([, property]) => property.required).map(([name]) => name);
  return {
    type: 'object',
    ...titles(type),
    properties: Object.fromEntries(
      properties.map(([name, property]) => [name, propertySchema(property)])
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: properties.length === 0
  };
}

/** The link types that may go from one type of node to another; null: any, the blueprint is open. */
export function linkTypesBetween(
  blueprint: Blueprint,
  sourceType: string,
  targetType: string
): string[] | null {
  const types = Object.entries(blueprint.link_types ?? {});
  if (types.length === 0) {
    return null;
  }
  return types
    .filter(
      ([, type]) =>
        (type.source_types ?? [sourceType]).includes(sourceType) &&
        (type.target_types ?? [targetType]).includes(targetType)
    )
    .map(([id]) => id);
}

/** The node types that may stand below a type of node (null: at the top); null: any. */
export function childTypes(blueprint: Blueprint, parentType: string | null): string[] | null {
  const types = Object.keys(blueprint.node_types ?? {});
  if (types.length === 0) {
    return null;
  }
  const parent = parentType === null ? undefined : blueprint.node_types?.[parentType];
  const allowed = parent?.allowed_children ?? null;
  return allowed === null ? types : types.filter(type => allowed.includes(type));
}

/** The required properties that a new element must be given, having no default. */
export function missingProperties(type: NodeType | LinkType | undefined): [string, PropertyType][] {
  return Object.entries(type?.properties ?? {}).filter(
    ([, property]) =>
      property.required && (property.default === undefined || property.default === null)
  );
}
