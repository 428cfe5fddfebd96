/**
 * Both benches of the server with one command, for a machine on which nothing else runs: `npm run bench:all [-- --old DIR --rules a,b]`.
 * The options are those of `run.ts`; `hostile.ts` gets `--old`, too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { old: { type: 'string' }, rules: { type: 'string' } } });
const old = values.old === undefined ? [] : ['--old', values.old];
const rules = values.rules === undefined ? [] : ['--rules', values.rules];

process.stdout.write(`Work that waited for a core in the last minute: ${loadavg()[0]?.toFixed(2) ?? ''}\n\n`);
// A server becomes faster while it runs: with three seconds of warm-up, 44 rules are not all compiled yet.
await run('run.ts', ['--rounds', '5', '--seconds', '6', '--warm-up', '10', ...old, ...rules]);
await run('hostile.ts', old);

async function run(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`bench/${file} ended with ${String(code)}`);
}
