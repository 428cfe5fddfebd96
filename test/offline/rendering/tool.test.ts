import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runTool, type ToolLimits, type ToolResult } from '../../../src/offline/rendering/tool.ts';

/** Runs a script of Node's as the tool. */
async function run(script: string, limits: Partial<ToolLimits> = {}, signal?: AbortSignal): Promise<ToolResult> {
  return runTool(
    process.execPath,
    ['-e', script],
    { env: {}, ...(signal && { signal }) },
    { timeoutMs: 60_000, outputBytes: 1_000_000, ...limits },
  );
}

void t.test('what a tool writes is the result, and without success its own words', async (t) => {
  t.same(await run('process.stdout.write("a\\nb")'), { text: Buffer.from('a\nb') });
  t.same(await run('console.error(" Error: no\\n\\n chart"); process.exitCode = 1'), { failure: 'Error: no; chart' });
  t.same(await run('process.exitCode = 3'), { failure: 'ended with exit code 3' });
  t.same(await run('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'), { failure: 'ended with SIGTERM' });
  const long = await run('console.error("x".repeat(100000)); process.exitCode = 1');
  t.ok(typeof long === 'object' && 'failure' in long && long.failure.length < 5000, 'no more of them than anybody reads');
});

void t.test('a tool is ended that takes too long, writes too much, or is no longer wanted', async (t) => {
  const folder = t.testdir();
  const late = join(folder, 'late');
  const hanging = `setTimeout(() => require('node:fs').writeFileSync(${JSON.stringify(late)}, ''), 3000)`;
  t.same(await run(hanging, { timeoutMs: 200 }), { failure: 'did not end within 0.2 seconds' });
  t.same(await run('setInterval(() => process.stdout.write("x".repeat(1000)), 1)', { outputBytes: 5000 }), {
    failure: 'wrote more than 5000 bytes',
  });
  const stopped = new AbortController();
  const ended = run(hanging, {}, stopped.signal);
  stopped.abort();
  t.same(await ended, { failure: 'was stopped' });
  t.equal(existsSync(late), false);
});

void t.test('a program that a tool has started does not keep podgrace waiting', async (t) => {
  const folder = t.testdir();
  const ended = join(folder, 'ended');
  const script = `setTimeout(() => require('node:fs').writeFileSync(${JSON.stringify(ended)}, ''), 2000)`;
  const tool = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], {stdio: 'inherit'})`;
  t.same(await run(tool, { timeoutMs: 300 }), { failure: 'did not end within 0.3 seconds' });
  t.equal(existsSync(ended), false);
});

void t.test('the PATH decides which program it is, and no shell reads its arguments', async (t) => {
  const folder = t.testdir({ bin: { echoing: t.fixture('symlink', process.execPath) } });
  const env = { PATH: join(folder, 'bin') };
  t.equal(await runTool('echoing', [], { env: { PATH: folder } }), 'missing');
  const said = await runTool('echoing', ['-p', 'process.argv.slice(1).join()', '--', '$(id)', '; echo a'], { env });
  t.same(said, { text: Buffer.from('$(id),; echo a\n') });
  t.same(await runTool(folder, [], { env }), { failure: `cannot be started: spawn ${folder} EACCES` });
});
