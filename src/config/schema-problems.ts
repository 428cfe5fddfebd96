/** What the schema has against a policy, in words. */
import type { ErrorObject } from 'ajv';
import type { Catalogue } from '../core/catalogue.ts';
import { similarWord } from '../core/similar-word.ts';
import type { DocumentPath } from '../yaml/positions.ts';
import { quoted, type FoundProblem } from './policy-problem.ts';
import { policyValidator } from './policy-validator.ts';

/** What the schema of a LifecyclePolicy says against a value, in words for people; empty where it fits. */
export function schemaProblems(value: unknown, catalogue: Catalogue): FoundProblem[] {
  const validate = policyValidator(catalogue);
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  return errors.filter((error) => !isSaidBetter(error, errors)).map((error) => ({ path: pathOf(error), message: messageOf(error) }));
}

/** `anyOf` of `required` reports each branch and then itself; a value of the wrong type is none of an `enum`, either. */
function isSaidBetter({ schemaPath, keyword, instancePath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (/\/anyOf\/\d+\//.test(schemaPath)) return true;
  return keyword === 'type' && errors.some((other) => other.keyword === 'enum' && other.instancePath === instancePath);
}

function pathOf({ instancePath, keyword, params }: ErrorObject): DocumentPath {
  const parts = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  if (keyword === 'additionalProperties') return [...parts, String(params['additionalProperty'])];
  return keyword === 'required' ? [...parts, String(params['missingProperty'])] : parts;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** @param schema of the object that must not have the field */
function strangerText(name: string, schema: ErrorObject['parentSchema'], what: 'rule' | 'field'): string {
  const known = Object.keys((schema?.['properties'] as object | undefined) ?? {});
  const meant = similarWord(name, known);
  return `must not be set: there is no such ${what}; ${meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`}`;
}

function messageOf(error: ErrorObject): string {
  const { keyword, data, message } = error;
  return MESSAGES[keyword]?.(error) ?? `${message ?? `must satisfy ${keyword}`}, but is ${quoted(data)}`;
}

/** What each keyword of JSON Schema says of a value that does not fit. */
const MESSAGES: Readonly<Record<string, ((error: ErrorObject) => string) | undefined>> = {
  required: () => 'must be set',
  additionalProperties: ({ params, parentSchema, instancePath }) =>
    strangerText(String(params['additionalProperty']), parentSchema, instancePath.endsWith('/rules') ? 'rule' : 'field'),
  enum: otherValueText,
  type: otherTypeText,
  anyOf: ({ parentSchema }) => {
    const branches = parentSchema?.['anyOf'] as { required: string[] }[];
    return `must name at least one of ${branches.flatMap(({ required }) => required).join(', ')}`;
  },
  pattern: otherFormText,
  minimum: ({ params, data }) => `must be at least ${limitIn(params)}, but is ${quoted(data)}`,
  maximum: ({ params, data }) => `must be at most ${limitIn(params)}, but is ${quoted(data)}`,
  maxLength: ({ params, data }) => `must have at most ${limitIn(params)} characters, but is ${quoted(data)}`,
  maxItems: ({ params, data }) => `must have at most ${limitIn(params)} elements, but has ${Array.isArray(data) ? data.length : 'more'}`,
  minItems: () => 'must not be empty',
  minLength: () => 'must not be empty',
};

function otherValueText({ params, data, instancePath }: ErrorObject): string {
  const allowed = params['allowedValues'] as unknown[];
  const meant = instancePath.endsWith('/rule') ? similarWord(String(data), allowed.map(String)) : undefined;
  if (meant !== undefined) return `must be the id of a rule, but is ${quoted(data)}; did you mean ${meant}?`;
  if (allowed.length > 1) return `must be one of ${allowed.join(', ')}, but is ${quoted(data)}`;
  const reason = instancePath.endsWith('/mutation') ? ': the rule has no repair' : '';
  return `must be ${String(allowed[0])}, but is ${quoted(data)}${reason}`;
}

function otherTypeText({ params, data }: ErrorObject): string {
  const type = String(params['type']);
  const hint = type === 'string' && (typeof data === 'number' || typeof data === 'boolean') ? '; put it into quotes' : '';
  return `must be ${TYPE_NAMES[type] ?? type}, but is ${quoted(data)}${hint}`;
}

/** The description says to people what the pattern says to programs. */
function otherFormText({ params, data, parentSchema }: ErrorObject): string {
  const description = String(parentSchema?.['description']).replace(/\.$/, '');
  const form = description.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
  return `must have another form, but is ${quoted(data)}: ${form}; as a pattern: ${String(params['pattern'])}`;
}

function limitIn(params: ErrorObject['params']): string {
  return String(params['limit']);
}
