/**
 * Checks a policy by its schema, with ajv. In the program that `npm run compile` makes, the code that ajv writes stands in place of
 * this module (packaging/policy-validator.ts): to make it takes 0.3 s and 30 MB.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Catalogue } from '../core/catalogue.ts';
import { AJV_OPTIONS, compiledSchema } from './policy-schema.ts';

const VALIDATORS = new WeakMap<Catalogue, ValidateFunction>();

/**
 * @param catalogue the rules that a policy may name
 * @returns a function that says whether a value satisfies the schema of a policy, and has all errors in its `errors`
 */
export function policyValidator(catalogue: Catalogue): ValidateFunction {
  const known = VALIDATORS.get(catalogue);
  if (known !== undefined) return known;
  const validate = new Ajv(AJV_OPTIONS).compile(compiledSchema(catalogue));
  VALIDATORS.set(catalogue, validate);
  return validate;
}
