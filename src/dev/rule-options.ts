/** The options of a rule as rows of a table, those within an option that is an object included. */
import type { JsonSchema, Rule } from '../core/rule.ts';
import { isObject } from '../core/json.ts';
import { asObject } from '../core/json-reading.ts';

export interface OptionRow {
  /** As messages name it: `stateless.seconds`. */
  readonly name: string;
  /** What it may be: `0 to 604800`, or each value that there is. */
  readonly values: string;
  /** In JSON; '' where an object is described by the rows below it. */
  readonly defaultValue: string;
  readonly description: string;
}

export function optionRows({ meta }: Rule): OptionRow[] {
  return rowsOf(meta.schema, meta.defaultOptions, '');
}

function rowsOf(schema: JsonSchema, defaults: unknown, prefix: string): OptionRow[] {
  const properties = asObject(schema['properties']);
  return Object.entries(properties).flatMap(([key, property]) => {
    if (!isObject(property)) return [];
    const name = `${prefix}${key}`;
    const value = isObject(defaults) ? defaults[key] : undefined;
    const description = typeof property['description'] === 'string' ? property['description'] : '';
    if (isObject(property['properties']))
      return [{ name, values: 'an object', defaultValue: '', description }, ...rowsOf(property, value, `${name}.`)];
    const fallback = value === undefined ? property['default'] : value;
    return [
      {
        name,
        values: valuesOf(property),
        defaultValue: fallback === undefined ? 'not set' : `\`${JSON.stringify(fallback)}\``,
        description,
      },
    ];
  });
}

/** What a value may be, in words; a pattern is explained by the description of its option. */
function valuesOf({ type, enum: choices, minimum, maximum, items }: JsonSchema): string {
  if (Array.isArray(choices)) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'array') return isObject(items) ? `a list of ${String(items['type'])}s` : 'a list';
  if (typeof minimum === 'number' && typeof maximum === 'number') return `${minimum} to ${maximum}`;
  return type === 'string' ? 'a string' : String(type);
}
