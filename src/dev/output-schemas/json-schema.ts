/** The parts that JSON Schemas of output are made of. */
import type { JsonSchema } from '../../core/rule.ts';

export const string = { type: 'string' };
export const count = { type: 'integer', minimum: 0 };
export const nullable = (type: string): JsonSchema => ({ type: [type, 'null'] });
/** A schema, or null. */
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [{ type: 'null' }, schema] });
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** Every property is always there. */
export function exact(properties: Record<string, JsonSchema>, description?: string): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
    ...(description !== undefined && { description }),
  };
}

/** The schema of all that a command prints. */
export function root(command: string, properties: Record<string, JsonSchema>): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://podgrace.dev/schemas/${command}.schema.json`,
    title: `podgrace ${command} -o json`,
    ...exact(properties),
  };
}

/** The same with properties that are there where they mean something. */
export function withOptional(schema: JsonSchema, optional: Record<string, JsonSchema>): JsonSchema {
  return { ...schema, properties: { ...(schema['properties'] as object), ...optional } };
}
