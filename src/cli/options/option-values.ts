/** Values of options, checked as they are parsed. */
import { InvalidArgumentError } from 'commander';
import { parseQuantity, wholeUnits } from '../../core/quantity.ts';

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

/** @returns a parser for an amount of memory as Kubernetes writes it, above 0; gives bytes */
export function memory(flag: string): (value: string) => bigint {
  return (value) => {
    const quantity = parseQuantity(value);
    const bytes = quantity === undefined ? 0n : wholeUnits(quantity);
    if (bytes <= 0n) throw new InvalidArgumentError(`${flag} must be an amount of memory above 0, such as 16Gi.`);
    return bytes;
  };
}

/** For an option that may be given several times, or once with commas. */
export function listOf(check: (value: string) => void = () => undefined): (value: string, previous?: readonly string[]) => string[] {
  return (value, previous = []) => {
    const values = value.split(',').map((each) => each.trim());
    for (const each of values) check(each);
    return [...previous, ...values];
  };
}
