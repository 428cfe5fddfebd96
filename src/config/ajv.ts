/** ajv, loaded as the first policy file is read: 70 files, which most runs of the command line have no need of. */
import type * as Ajv from 'ajv';
import { createRequire } from 'node:module';

export function loadAjv(): typeof Ajv {
  return createRequire(import.meta.url)('ajv') as typeof Ajv;
}
