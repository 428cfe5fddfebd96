/** Values that a shell completes for an option or an argument that takes others, too, or has too many of them for its help. */
import type { Argument, Option } from 'commander';

type Valued = Argument | Option;

const SUGGESTED = new WeakMap<Valued, () => readonly string[]>();

/** @param values called when somebody completes */
export function suggesting<T extends Valued>(valued: T, values: () => readonly string[]): T {
  SUGGESTED.set(valued, values);
  return valued;
}

/** The values that completion offers; undefined where none are known. */
export function suggestedFor(valued: Valued): readonly string[] | undefined {
  return SUGGESTED.get(valued)?.();
}
