/** The code that checks a policy by its schema, as ajv writes it: made here, so that no start of podgrace has to make it. */
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../src/config/catalogue.ts';
import { AJV_OPTIONS, compiledSchema } from '../src/config/policy-schema.ts';

const MODULE = /\/src\/config\/policy-validator\.ts$/;
/** Beside command-line.js, which most runs use without it. */
export const VALIDATOR_FILE = 'policy-validator';

/** In place of src/config/policy-validator.ts: the code, in the file that the bundler makes. */
export const validatorInside: Plugin = {
  name: 'policy validator inside',
  setup: (bundler) => {
    bundler.onLoad({ filter: MODULE }, () => ({ contents: validatorModule(), loader: 'js', resolveDir: ROOT }));
  },
};

/** In place of src/config/policy-validator.ts: the file of the code, read when the first policy is. */
export const validatorBeside: Plugin = {
  name: 'policy validator beside',
  setup: (bundler) => {
    bundler.onResolve({ filter: new RegExp(`^\\./${VALIDATOR_FILE}\\.js$`) }, ({ path }) => ({ path, external: true }));
    bundler.onLoad({ filter: MODULE }, () => ({
      contents: `export const policyValidator = (catalogue) => require('./${VALIDATOR_FILE}.js').policyValidator(catalogue);`,
      loader: 'js',
    }));
  },
};

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** A module with what src/config/policy-validator.ts exports. The program has one catalogue. */
function validatorModule(): string {
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } });
  const code = standaloneCode.default(ajv, ajv.compile(compiledSchema(catalogue)));
  return `${code}\nexport const policyValidator = () => validate;\n`;
}
