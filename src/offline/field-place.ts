/** The place of a finding's field in the file that the author wrote. */
import { isObject } from '../core/json.ts';
import type { FieldPath } from '../core/path.ts';
import type { DocumentPath, Region } from '../yaml/positions.ts';

/** What a field can be looked up in. */
export interface SourceText {
  /** Where a path within the object stands in the file; where it does not exist, the head of the deepest part that does. */
  placeOf(path: DocumentPath): FieldPlace;
}

/** A part of a file, and its first line to quote. */
export interface FieldPlace extends Region {
  readonly quote: string;
  /**
   * Of an object that a tool has rendered, where the place of the field in the file is not sure: its place in what was rendered. The
   * place in the file is then that of a field around it.
   */
  readonly rendered?: RenderedPlace;
}

export interface RenderedPlace extends Region {
  readonly quote: string;
  /** Whether a field around is found in the file; else the place there is its first line, which says nothing. */
  readonly isAroundKnown: boolean;
}

/**
 * @param path in the object as it is judged; elements are found by their keys, as a repair may have put others before them
 * @param object as it stands in the file
 */
export function placeOfField(path: FieldPath, object: unknown, source: SourceText): FieldPlace {
  return source.placeOf(stepsIn(object, path));
}

/** The steps to a path in the object as it stands in the file; -1 for an element that it does not have. */
export function stepsIn(object: unknown, path: FieldPath): DocumentPath {
  const steps: (string | number)[] = [];
  let at = object;
  for (const { step, keys } of chainTo(path)) {
    const actual = typeof step === 'number' && keys !== undefined ? indexOf(at, step, keys) : step;
    steps.push(actual);
    at = memberOf(at, actual);
  }
  return steps;
}

function chainTo(path: FieldPath): FieldPath[] {
  return path.parent === undefined ? [] : [...chainTo(path.parent), path];
}

function indexOf(list: unknown, expected: number, keys: NonNullable<FieldPath['keys']>): number {
  if (!Array.isArray(list)) return -1;
  const isIt = (element: unknown): boolean => isObject(element) && Object.entries(keys).every(([key, value]) => element[key] === value);
  // A container that its author gave no name was judged under one that was made up for it.
  const isNameless = (element: unknown): boolean => isObject(element) && Object.keys(keys).every((key) => element[key] == null);
  const index = isIt(list[expected]) ? expected : list.findIndex(isIt);
  return index === -1 && isNameless(list[expected]) ? expected : index;
}

function memberOf(value: unknown, step: string | number): unknown {
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
