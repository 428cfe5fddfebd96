import { isObject, type JsonObject } from '../../src/core/json.ts';
import type { Proposal } from '../../src/offline/proposal.ts';

/** What becomes of an object as a person pastes a proposal into it: fields are set, elements are found by their names. */
export function pasted(object: unknown, { at, fields }: Proposal): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(object));
  const place = at.steps.reduce((value, step) => (value as Record<string | number, unknown>)[step], copy);
  paste(place as Record<string, unknown>, fields);
  return copy;
}

function paste(into: Record<string, unknown>, fields: JsonObject): void {
  for (const [key, value] of Object.entries(fields)) {
    const there = into[key];
    if (value === null) Reflect.deleteProperty(into, key);
    else if (isObject(value) && isObject(there)) paste(there, value);
    else if (isNamed(value) && isNamed(there)) pasteElements(there, value);
    else into[key] = value;
  }
}

function pasteElements(into: Record<string, unknown>[], elements: readonly Record<string, unknown>[]): void {
  for (const element of elements) {
    const old = into.find(({ name }) => name === element['name']);
    if (old === undefined) into.push(element);
    else paste(old, element);
  }
}

function isNamed(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.length > 0 && value.every((element) => isObject(element) && 'name' in element);
}
