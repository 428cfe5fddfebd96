/**
 * What the API server does not accept of an object, in its words. Mirrors k8s.io/apimachinery `pkg/util/validation/field/errors.go`
 * (ErrorBody), read at 1.36.3.
 */
import type { FieldPath } from '../path.ts';

/** One thing that is wrong. */
export interface InvalidPlace {
  /** As the API server words it: the place, and what it asks for. */
  readonly message: string;
  /** The fields that do not fit each other: to change one of them may be the mistake. */
  readonly fields: readonly FieldPath[];
}

/** @param others fields that the value does not fit to */
export function invalid(field: FieldPath, value: unknown, detail: string, others: readonly FieldPath[] = []): InvalidPlace {
  return place(field, `Invalid value: ${shown(value)}`, detail, others);
}

export function required(field: FieldPath, detail = '', others: readonly FieldPath[] = []): InvalidPlace {
  return place(field, 'Required value', detail, others);
}

export function forbidden(field: FieldPath, detail: string, others: readonly FieldPath[] = []): InvalidPlace {
  return place(field, 'Forbidden', detail, others);
}

/** @param first where the value stands already */
export function duplicate(field: FieldPath, value: string, first: readonly FieldPath[]): InvalidPlace {
  return place(field, `Duplicate value: ${shown(value)}`, '', first);
}

export function notFound(field: FieldPath, value: unknown, others: readonly FieldPath[]): InvalidPlace {
  return place(field, `Not found: ${shown(value)}`, '', others);
}

/** @param supported in the order of the API server */
export function unsupported(field: FieldPath, value: unknown, supported: readonly string[]): InvalidPlace {
  return place(field, `Unsupported value: ${shown(value)}`, `supported values: ${supported.map(shown).join(', ')}`, []);
}

/** One place for each thing that is wrong with a text. */
export function eachInvalid(field: FieldPath, value: string, details: readonly string[]): InvalidPlace[] {
  return details.map((detail) => invalid(field, value, detail));
}

/** ValidateNonnegativeField; what is no number counts as not set. */
export function negative(field: FieldPath, value: unknown): InvalidPlace[] {
  return typeof value === 'number' && value < 0 ? [invalid(field, value, IS_NEGATIVE)] : [];
}

export const IS_NEGATIVE = 'must be greater than or equal to 0';

/** Of a field that holds one of a few words. One that is not set is none of those. */
export function unsupportedWord(field: FieldPath, value: unknown, supported: readonly string[]): InvalidPlace[] {
  return typeof value === 'string' && value !== '' && !supported.includes(value) ? [unsupported(field, value, supported)] : [];
}

function place(field: FieldPath, what: string, detail: string, others: readonly FieldPath[]): InvalidPlace {
  return { message: `${field.text}: ${what}${detail === '' ? '' : `: ${detail}`}`, fields: [field, ...others] };
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
