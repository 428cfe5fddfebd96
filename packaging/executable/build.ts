/**
 * Makes one executable file, for people without Node.js: `npm run build:executable`. It is this Node.js with podgrace in it (a single
 * executable application), for the system and the processor that it is built on.
 *
 * Node's options in the environment do not reach it, and no file beside it or in the checked folder is loaded as code.
 */
import { build } from 'esbuild';
import { isAscii } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inject } from 'postject';
import { BUNDLED, replacing, ROOT } from '../bundle.ts';
import { licencesOf } from '../licences.ts';
import { validatorInside } from '../policy-validator.ts';

/** What `node` looks for in its own file (doc/api/single-executable-applications.md of Node.js). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * A check of ten times the files takes 1.2 to 1.3 times the memory with these options of V8, and 2.1 times without, for some 1.15 times the CPU
 * (docs/performance.md). Node.js reads them at its start alone, so that only the executable can have them.
 */
const STEADY_MEMORY = ['--max-semi-space-size=4', '--heap-growing-percent=40'];

const { values } = parseArgs({ options: { out: { type: 'string', default: 'executable' } } });
const out = values.out;
const scratch = mkdtempSync(join(tmpdir(), 'podgrace-executable-'));
try {
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    ...BUNDLED,
    entryPoints: { 'command-line': 'src/bin/command-line.ts', 'review-worker': 'src/server/review-worker.ts' },
    outdir: scratch,
    // There is nothing that could be imported at run time.
    supported: { 'dynamic-import': false },
    // THIRD-PARTY.txt has the licences, and such comments have names beyond ASCII.
    legalComments: 'none',
    plugins: [
      replacing('./review-thread.ts', 'packaging/executable/review-thread.ts'),
      replacing('./shipped-manifests.ts', 'packaging/executable/shipped-manifests.ts'),
      validatorInside,
      ...BUNDLED.plugins,
    ],
  });
  await build({
    ...BUNDLED,
    entryPoints: ['src/bin/podgrace.ts'],
    outdir: scratch,
    supported: { 'dynamic-import': false },
    plugins: [replacing('./command-line.ts', 'packaging/executable/command-line.ts'), ...BUNDLED.plugins],
  });
  leaveCode();
  writeFileSync(join(out, 'THIRD-PARTY.txt'), licencesOf([metafile], ROOT));
  writeFileSync(join(scratch, 'manifests.yaml'), manifests());
  const executable = join(out, process.platform === 'win32' ? 'podgrace.exe' : 'podgrace');
  await injectInto(executable, blob());
  process.stdout.write(`${executable}: ${Math.round(statSync(executable).size / 1e6)} MB\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** In the order of their files, as `podgrace install` reads them from the folder. */
function manifests(): string {
  const base = join(ROOT, 'deploy/base');
  const files = readdirSync(base).sort();
  return files.map((file) => readFileSync(join(base, file), 'utf8')).join('\n---\n');
}

/** The code of functions that a check of one file calls. Those of other commands are compiled when they are called. */
function leaveCode(): void {
  const file = join(scratch, 'command-line.js');
  if (!isAscii(readFileSync(file))) throw new Error('command-line.js must be ASCII: it is read as such');
  const run = ['packaging/executable/leave-code.ts', file, join(scratch, 'command-line.code')];
  const words = [...run, 'check', '--preset', 'production', 'samples/manifests/web.yaml'];
  const { status, stderr } = spawnSync(process.execPath, [...STEADY_MEMORY, ...words], { cwd: ROOT, encoding: 'utf8' });
  // It has findings.
  if (status !== 1) throw new Error(`a check of the sample failed: ${stderr}`);
}

function blob(): Buffer {
  const config = join(scratch, 'sea-config.json');
  const output = join(scratch, 'podgrace.blob');
  const names = ['command-line.js', 'command-line.code', 'review-worker.js', 'manifests.yaml'];
  const assets = Object.fromEntries(names.map((name) => [name, join(scratch, name)]));
  writeFileSync(
    config,
    JSON.stringify({
      ...{ main: join(scratch, 'podgrace.js'), output, assets },
      ...{ disableExperimentalSEAWarning: true, useCodeCache: true, execArgv: STEADY_MEMORY, execArgvExtension: 'none' },
    }),
  );
  execFileSync(process.execPath, [...STEADY_MEMORY, '--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  return readFileSync(output);
}

/** On macOS a changed program runs only with a new signature; a release gets one that Apple knows (docs/release.md). */
async function injectInto(executable: string, resource: Buffer): Promise<void> {
  const isMac = process.platform === 'darwin';
  rmSync(executable, { force: true });
  copyFileSync(process.execPath, executable);
  chmodSync(executable, 0o755);
  if (isMac) execFileSync('codesign', ['--remove-signature', executable]);
  await inject(executable, 'NODE_SEA_BLOB', resource, { sentinelFuse: FUSE, ...(isMac && { machoSegmentName: 'NODE_SEA' }) });
  if (isMac) execFileSync('codesign', ['--sign', '-', executable]);
}
