/**
 * Makes one file of tap, for the processes of `npm test` (`hooks.ts`). tap is some 290 modules, and Node.js takes longer to find them than
 * to run a typical test file.
 */
import { build, type Plugin } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { BUNDLED_TAP } from './bundled-tap.ts';

/** tap loads React only to print React elements, and no test of this project prints one. */
const withoutReact: Plugin = {
  name: 'without React',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/react-element-to-jsx-string\.js$/ }, () => ({ contents: 'export default String;' }));
  },
};

await build({
  entryPoints: [fileURLToPath(import.meta.resolve('tap'))],
  outfile: fileURLToPath(BUNDLED_TAP),
  bundle: true,
  platform: 'node',
  format: 'esm',
  plugins: [withoutReact],
  // Some packages of tap are CommonJS, and ask for modules of Node.js.
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  logLevel: 'warning',
});
