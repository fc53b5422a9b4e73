/**
 * A blueprint's properties as JSON Schema: the same as graph_ext/core/json_schema.py makes of them
 * (proven on shared vectors), so that the form in the page and `gx` speak of one thing.
 */
import type { Blueprint, JSONValue, LinkType, NodeType, PropertyType } from '../protocol';

/** A schema as far as we write one. */
export interface ISchema {
  [keyword: string]: JSONValue;
}

/** The schema of a property's value. */
export function propertySchema(property: PropertyType): ISchema {
  const schema: ISchema = valueSchema(property);
  if (property.label) {
    schema['title'] = property.label;
  }
  if (property.description) {
    schema['description'] = property.description;
  }
  if (property.default !== undefined && property.default !== null) {
    schema['default'] = property.default;
  }
  return schema;
}

function valueSchema(property: PropertyType): ISchema {
  switch (property.type) {
    case undefined:
    case 'text':
      return property.pattern ? { type: 'string', pattern: property.pattern } : { type: 'string' };
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

function range(property: PropertyType): ISchema {
  return {
    ...(typeof property.minimum === 'number' && { minimum: property.minimum }),
    ...(typeof property.maximum === 'number' && { maximum: property.maximum })
  };
}

/** The schema of the properties of a node type or a link type: an object, nothing else in it. */
export function elementSchema(type: NodeType | LinkType): ISchema {
  const properties = Object.entries(type.properties ?? {});
  const required = properties.filter(([, property]) => property.required).map(([name]) => name);
  return {
    type: 'object',
    ...(type.label && { title: type.label }),
    ...(type.description && { description: type.description }),
    properties: Object.fromEntries(
      properties.map(([name, property]) => [name, propertySchema(property)])
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false
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
