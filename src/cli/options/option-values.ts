/** Values of options, checked as they are parsed. */
import { InvalidArgumentError } from 'commander';

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
