/**
 * Makes `dist` from `src`: `node packaging/bundle.ts`. Types are not looked at (`npm run typecheck`).
 *
 * One file has the command line and the server, one the thread for large reviews, one the check of policies, one the look at the
 * version of Node.js ([ADR 0047](../docs/adr/0047-one-file.md)). Modules in them run when they are needed. What only the server and the commands on
 * a cluster need stays in its packages.
 */
import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { licencesOf } from './licences.ts';
import { VALIDATOR_FILE, validatorBeside, validatorInside } from './policy-validator.ts';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Loaded from node_modules: they are used where a few milliseconds do not matter, and some look for files of their own. */
const FROM_PACKAGES = ['@kubernetes/client-node', '@peculiar/x509', 'fastify', 'pino', 'prom-client'];

/** `createRequire(import.meta.url)('x')` is how a module of `src` loads something late without waiting; here that is `require`. */
const requireLate: Plugin = {
  name: 'require late',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      return { loader: 'ts', contents: text.replaceAll('createRequire(import.meta.url)(', 'require(') };
    });
  },
};

/** Of package.json only what the program reads. */
const shortManifest: Plugin = {
  name: 'short manifest',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/package\.json$/ }, ({ path }) => {
      if (path !== join(ROOT, 'package.json')) return undefined;
      const { name, version, engines } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      return { loader: 'json', contents: JSON.stringify({ name, version, engines }) };
    });
  },
};

/** Puts a file in the place of another one. */
export function replacing(imported: string, file: string): Plugin {
  return {
    name: `replacing ${imported}`,
    setup: (bundler) => {
      bundler.onResolve({ filter: /^\.\// }, ({ path }) => (path === imported ? { path: join(ROOT, file) } : undefined));
    },
  };
}

/** Modules of Node.js that take milliseconds to load, and that most runs do without. */
const LOADED_LATE = /^node:(?:child_process|crypto|fs\/promises|https?|net|perf_hooks|readline\/promises|tls|v8|worker_threads)$/;

/** In place of such a module: one with the same names, each of which loads it when it is first asked for. */
const builtInsLate: Plugin = {
  name: 'built-ins late',
  setup: (bundler) => {
    bundler.onResolve({ filter: LOADED_LATE }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    );
    bundler.onLoad({ filter: LOADED_LATE, namespace: 'late' }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).filter((name) => name !== 'default');
      return { contents: `module.exports = {${names.map((name) => `get ${name}() { return require('${path}').${name}; }`).join(', ')}};` };
    });
  },
};

/** For CommonJS, which needs no module loader at the start. */
export const BUNDLED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22.19',
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  define: { 'import.meta.url': 'MODULE_URL', 'import.meta.dirname': '__dirname' },
  banner: { js: "const MODULE_URL = require('url').pathToFileURL(__filename).href;" },
  plugins: [requireLate, shortManifest, builtInsLate],
  // What is read and checked at each start is half as long so. Names stay, and lines: those of a stack trace are told in reports.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

async function makeDist(): Promise<void> {
  const dist = join(ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  const { metafile } = await build({
    ...BUNDLED,
    entryPoints: { 'command-line': 'src/bin/command-line.ts', 'review-worker': 'src/server/review-worker.ts' },
    outdir: 'dist/bin',
    external: FROM_PACKAGES,
    plugins: [validatorBeside, ...BUNDLED.plugins],
  });
  const { metafile: validatorMetafile } = await build({
    ...BUNDLED,
    entryPoints: { [VALIDATOR_FILE]: 'src/config/policy-validator.ts' },
    outdir: 'dist/bin',
    plugins: [validatorInside],
  });
  const commandLine = readFileSync(join(dist, 'bin/command-line.js'));
  // One character beyond ASCII would make it twice as long in memory. The bundler writes escapes, but cannot in a template with a tag.
  if (!isAscii(commandLine)) throw new Error('command-line.js must be ASCII: put what is not into a string, and that into the template');
  const digest = createHash('sha256').update(commandLine).digest('hex');
  await build({
    ...BUNDLED,
    entryPoints: ['src/bin/podgrace.ts'],
    outdir: 'dist/bin',
    // An old Node.js has to be able to read it.
    target: 'node12',
    supported: { 'dynamic-import': false },
    define: { ...BUNDLED.define, COMMAND_LINE_DIGEST: JSON.stringify(digest.slice(0, 16)) },
    plugins: [requireLate, shortManifest, replacing('./command-line.ts', 'packaging/kept-command-line.ts')],
  });
  writeFileSync(join(dist, 'THIRD-PARTY.txt'), licencesOf([metafile, validatorMetafile], ROOT));
  chmodSync(join(dist, 'bin/podgrace.js'), 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeDist();
