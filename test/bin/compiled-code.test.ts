/** The compiled code that a run leaves for the next one. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { CompiledCode, keptCodeFolder, runKept, RUNS_TOGETHER, type LeftCode } from '../../src/bin/compiled-code.ts';

const require = createRequire(import.meta.url);
const told = globalThis as { told?: unknown };

const left = (text: string): LeftCode => ({ code: Buffer.from(text), runs: 1 });

/** Runs it, and what it has left to do at the end of the process. */
function runToItsEnd(file: string, kept: CompiledCode | undefined, longest = { leastMs: Infinity, startMs: 0 }): void {
  const before = new Set(process.listeners('exit'));
  runKept({ file, text: readFileSync(file, 'latin1') }, kept, require, longest);
  for (const listener of process.listeners('exit')) {
    if (before.has(listener)) continue;
    process.off('exit', listener);
    listener(0);
  }
}

void t.test('a file runs as one that is required', (t) => {
  const file = join(t.testdir({ 'a.js': 'globalThis.told = [__filename, __dirname, typeof module, require("node:path").sep];' }), 'a.js');
  runToItsEnd(file, undefined);
  t.same(told.told, [file, join(file, '..'), 'object', '/']);
  t.end();
});

void t.test('its code is kept for the user alone, and taken the next time', (t) => {
  const folder = t.testdir({ 'a.js': 'function f() { return 1; } globalThis.told = f();' });
  const file = join(folder, 'a.js');
  const cache = join(folder, 'home/podgrace');
  const kept = new CompiledCode(cache, 'check', 'digest');
  t.equal(kept.read(), undefined);
  runToItsEnd(file, kept);
  const first = kept.read();
  t.ok(first !== undefined && first.code.length > 0);
  t.equal(first?.runs, 1);
  t.equal(readdirSync(cache).length, 1);
  told.told = undefined;
  runToItsEnd(file, kept);
  t.equal(told.told, 1);
  t.end();
});

void t.test('the first runs add what they call, and those after them do not', (t) => {
  const folder = t.testdir({
    'a.js':
      'function f() { return [1, 2, 3].map((n) => n + 1); } function g() { return "g".repeat(3); } globalThis.told = globalThis.asked === "g" ? g() : f();',
  });
  const file = join(folder, 'a.js');
  const kept = new CompiledCode(join(folder, 'home'), 'check', 'digest');
  const asked = globalThis as { asked?: string };
  const lengths = ['f', 'g', 'f', 'g', 'f'].map((name) => {
    asked.asked = name;
    runToItsEnd(file, kept);
    return kept.read()?.code.length ?? 0;
  });
  delete asked.asked;
  t.ok((lengths[1] ?? 0) > (lengths[0] ?? 0), 'both functions are in it');
  t.equal(kept.read()?.runs, RUNS_TOGETHER);
  t.equal(lengths[4], lengths[3], 'it is not written again');
  t.end();
});

void t.test('on a slow machine a longer run counts as short', (t) => {
  const folder = t.testdir({ 'a.js': '' });
  const kept = new CompiledCode(join(folder, 'home'), 'check', 'digest');
  runToItsEnd(join(folder, 'a.js'), kept, { leastMs: 0, startMs: 1_000_000 });
  t.ok(kept.read() !== undefined);
  t.end();
});

void t.test('a long run leaves nothing, and takes what a short one has left', (t) => {
  const folder = t.testdir({ 'a.js': 'globalThis.told = 3;' });
  const file = join(folder, 'a.js');
  const kept = new CompiledCode(join(folder, 'home'), 'check', 'digest');
  runToItsEnd(file, kept, { leastMs: 0, startMs: 0 });
  t.equal(kept.read(), undefined);
  runToItsEnd(file, kept);
  const left = kept.read();
  t.ok(left !== undefined);
  runToItsEnd(file, kept, { leastMs: 0, startMs: 0 });
  t.same(kept.read(), left);
  t.equal(told.told, 3);
  t.end();
});

void t.test('what is no compiled code is replaced', (t) => {
  const folder = t.testdir({ 'a.js': 'globalThis.told = 2;' });
  const kept = new CompiledCode(folder, 'check', 'digest');
  kept.write({ code: Buffer.alloc(1000), runs: RUNS_TOGETHER });
  runToItsEnd(join(folder, 'a.js'), kept);
  t.equal(told.told, 2);
  t.notSame(kept.read()?.code, Buffer.alloc(1000));
  t.equal(kept.read()?.runs, 1);
  t.end();
});

void t.test('a file that is damaged is not taken', (t) => {
  const folder = t.testdir({ kept: {} });
  const cache = join(folder, 'kept');
  const kept = new CompiledCode(cache, 'check', 'digest');
  kept.write({ code: Buffer.from('compiled code'), runs: 2 });
  const file = join(cache, readdirSync(cache)[0] ?? '');
  const whole = readFileSync(file);
  const flipped = Buffer.from(whole);
  flipped[3] = (flipped[3] ?? 0) ^ 1;
  for (const damaged of [flipped, whole.subarray(0, -1), whole.subarray(0, 5), Buffer.alloc(0)]) {
    writeFileSync(file, damaged);
    t.equal(kept.read(), undefined);
  }
  writeFileSync(file, whole);
  t.same(kept.read(), { code: Buffer.from('compiled code'), runs: 2 });
  t.end();
});

void t.test('each command has its own, and what is old goes', (t) => {
  const folder = t.testdir({ ancient: '', 'another-version': '' });
  utimesSync(join(folder, 'ancient'), 0, 0);
  new CompiledCode(folder, 'check', 'digest').write(left('1'));
  new CompiledCode(folder, 'fix', 'digest').write(left('2'));
  t.equal(readdirSync(folder).length, 3);
  t.notOk(readdirSync(folder).includes('ancient'));
  t.same(new CompiledCode(folder, 'fix', 'digest').read(), left('2'));
  t.end();
});

void t.test('where nothing can be written, nothing is said', (t) => {
  const folder = t.testdir({ file: 'a file, and no folder' });
  const kept = new CompiledCode(join(folder, 'file/podgrace'), 'check', 'digest');
  kept.write(left('1'));
  t.equal(kept.read(), undefined);
  t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'a file, and no folder');
  const readOnly = join(folder, 'read-only');
  mkdirSync(readOnly);
  writeFileSync(join(readOnly, 'a'), '');
  chmodSync(readOnly, 0o500);
  t.doesNotThrow(() => {
    new CompiledCode(join(readOnly, 'a'), 'check', 'digest').write(left('1'));
  });
  t.end();
});

void t.test('the folder is the cache of the user, by the conventions of the system', (t) => {
  t.equal(keptCodeFolder({}, 'linux', '/home/a'), '/home/a/.cache/podgrace');
  t.equal(keptCodeFolder({ XDG_CACHE_HOME: '/cache' }, 'linux', '/home/a'), '/cache/podgrace');
  t.equal(keptCodeFolder({ XDG_CACHE_HOME: 'cache' }, 'linux', '/home/a'), '/home/a/.cache/podgrace', 'a relative one does not count');
  t.equal(keptCodeFolder({}, 'darwin', '/Users/a'), '/Users/a/Library/Caches/podgrace');
  t.equal(keptCodeFolder({}, 'linux', ''), undefined);
  t.equal(keptCodeFolder({ NODE_DISABLE_COMPILE_CACHE: '1' }, 'linux', '/home/a'), undefined);
  t.end();
});
