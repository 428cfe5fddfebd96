/** Values of options, checked as they are parsed. */
import { InvalidArgumentError, Option } from 'commander';
import { parseQuantity, wholeUnits } from '../../core/quantity.ts';
import { isDnsLabel } from '../../pki/service-names.ts';

/** @returns a parser for whole numbers between two bounds, both allowed */
export function integer(flag: string, min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new InvalidArgumentError(`${flag} must be a whole number between ${min} and ${max}.`);
    }
    return number;
  };
}

/** An empty one is refused as every empty option is. */
export function namespaceName(value: string): string {
  if (value !== '' && !isDnsLabel(value))
    throw new InvalidArgumentError('The name of a namespace has at most 63 characters: a-z, 0-9, and - between them.');
  return value;
}

/** @returns a parser for an amount of memory as Kubernetes writes it, above 0; gives bytes */
export function memory(flag: string): (value: string) => bigint {
  return (value) => {
    const quantity = parseQuantity(value);
    const bytes = quantity === undefined ? 0n : wholeUnits(quantity);
    if (bytes <= 0n) throw new InvalidArgumentError(`${flag} must be an amount of memory above 0, such as 16Gi.`);
    return bytes;
  };
}

/** For an option that may be given several times, where a comma is part of the value. */
export function severalOf(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** For an option that may be given several times, or once with commas; those within braces belong to a pattern. */
export function listOf(check?: (value: string) => void): (value: string, previous?: readonly string[]) => string[] {
  return (value, previous = []) => {
    const values = partsOf(value).map((each) => each.trim());
    if (check !== undefined && values.length > 1 && values.includes(''))
      throw new InvalidArgumentError('A value is missing before or behind a comma.');
    for (const each of values) check?.(each);
    return [...previous, ...values];
  };
}

/** For commands that take paths as words. */
export function filenameOption(): Option {
  return new Option('-f, --filename <path>', 'the same as a path, as in kubectl; may be given several times').argParser(listOf());
}

/** What stands between commas. A brace that is not closed is a character like any other. */
function partsOf(value: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '{') depth += 1;
    else if (value[at] === '}') depth = Math.max(0, depth - 1);
    if (value[at] !== ',' || (depth > 0 && value.includes('}', at))) continue;
    parts.push(value.slice(start, at));
    start = at + 1;
  }
  return [...parts, value.slice(start)];
}

/** commander puts it behind a sentence of its own. */
export function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
}
