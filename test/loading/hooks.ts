/**
 * How the processes of `npm test` find modules: `node --import` loads this file before each test file. `npm run tap` does without it.
 *
 * There are some 150 such processes, and most of them load 200 to 450 modules for tests that take less than a second.
 */
import { registerHooks } from 'node:module';
import { BUNDLED_TAP } from './bundled-tap.ts';
import { IS_COMPILED } from './program.ts';

/** The thread for large reviews, which some files start a dozen times. */
const COMPILED_REVIEW_THREAD = new URL('review-thread.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    if (specifier === 'tap') return { url: BUNDLED_TAP, format: 'module', shortCircuit: true };
    if (IS_COMPILED && specifier === './review-thread.ts')
      return { url: COMPILED_REVIEW_THREAD, format: 'module-typescript', shortCircuit: true };
    // A file of this project. Node.js would ask for its real path, and look for a package.json in each folder above it.
    if (specifier.startsWith('.') && specifier.endsWith('.ts') && context.parentURL !== undefined) {
      return { url: new URL(specifier, context.parentURL).href, format: 'module-typescript', shortCircuit: true };
    }
    return nextResolve(specifier, context);
  },
});
