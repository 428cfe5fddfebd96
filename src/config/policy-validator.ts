/**
 * Checks a policy by its schema, with ajv. In the program that `npm run compile` makes, the code that ajv writes stands in place of
 * this module (packaging/policy-validator.ts): to make it takes 0.3 s and 30 MB.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Catalogue } from '../core/catalogue.ts';
import { oncePer } from '../core/once-per.ts';
import { AJV_OPTIONS, compiledSchema } from './policy-schema.ts';

/**
 * @param catalogue the rules that a policy may name
 * @returns a function that says whether a value satisfies the schema of a policy, and has all errors in its `errors`
 */
export const policyValidator = oncePer((catalogue: Catalogue): ValidateFunction => new Ajv(AJV_OPTIONS).compile(compiledSchema(catalogue)));
