/** Loads ajv when the first policy file is read. ajv has 70 files, and most runs of the command line do not need it. */
import type * as Ajv from 'ajv';
import { createRequire } from 'node:module';

export function loadAjv(): typeof Ajv {
  return createRequire(import.meta.url)('ajv') as typeof Ajv;
}
