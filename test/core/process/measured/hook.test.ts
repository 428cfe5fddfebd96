/** What the model of hooks and probes says, against what their commands do. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { execFormFaultOf } from '../../../../src/core/process/exec-form.ts';
import { readHook, type HookReading } from '../../../../src/core/process/hook.ts';
import type { ShellFlavour } from '../../../../src/core/process/shells.ts';
import { IS_LONG } from '../../../long-tests.ts';
import { measureHook, writeNginx, type HookOutcome } from './hook.ts';
import { COMMANDS, SCRIPTS } from './hooks.ts';
import { isInstalled, reasonNotToMeasure } from './pid-one.ts';

/** How many run at once: most of them sleep. */
const AT_ONCE = 24;
/** How much longer than it says a command may take on a machine that has much to do. */
const SLACK = 0.9;
/** What contradicts is asked so many times again, alone. */
const AGAIN = 3;

interface Run {
  readonly argv: readonly string[];
  readonly shown: readonly string[];
  readonly flavour: ShellFlavour | undefined;
}

/** Where a reading and a measurement cannot both be right. */
function contradiction(
  { duration, delay, leastSeconds, leastDelaySeconds, stopsServer }: HookReading,
  seen: HookOutcome,
): string | undefined {
  const { held = Number.POSITIVE_INFINITY, told } = seen;
  // The end of the server is that of everything in its namespace.
  if (told === undefined) {
    if (held < leastSeconds - 0.1) return `it takes ${held} s and not ${leastSeconds} s at least`;
    if (duration.certainty === 'endless' ? seen.held !== undefined : duration.certainty !== 'open' && held > duration.seconds + SLACK)
      return `it takes ${held} s, and not ${duration.seconds} s (${duration.certainty})`;
    return stopsServer ? 'it does not stop the server' : undefined;
  }
  if (told < leastDelaySeconds - 0.1) return `it stops the server after ${told} s, and not after ${leastDelaySeconds} s at least`;
  if (stopsServer)
    return told > delay.seconds + SLACK ? `it stops the server after ${told} s, and not after ${delay.seconds} s` : undefined;
  return delay.certainty === 'open' ? undefined : 'it stops the server';
}

function readings({ argv, flavour }: Run): readonly HookReading[] {
  const hook = { exec: { command: [...argv] } };
  return [readHook(hook), ...(flavour === undefined ? [] : [readHook(hook, { sh: [flavour] })])];
}

function problemOf(run: Run, seen: HookOutcome): string | undefined {
  if (execFormFaultOf(run.argv, false)?.failsAtOnce === true && seen.exitCode === 0) return 'it does not fail';
  return readings(run)
    .map((reading) => contradiction(reading, seen))
    .find((problem) => problem !== undefined);
}

const FLAVOURS: readonly (readonly [flavour: ShellFlavour, program: string])[] = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['ash', 'busybox'],
];

/** Unless the tests are the long ones, every fourth script runs, and each under one shell. */
function isSampled(index: number, shell: number): boolean {
  return IS_LONG || index % (FLAVOURS.length * 4) === shell;
}

const reason = reasonNotToMeasure();

void t.test('no reading of a hook or probe contradicts a measurement', { skip: reason ?? false }, async (t) => {
  t.setTimeout(420_000);
  const folder = t.testdir({});
  const server = writeNginx(folder);
  const runs: Run[] = [];
  for (const [number, [flavour, program]] of FLAVOURS.entries()) {
    if (!isInstalled(program)) {
      t.pass(`${program} is measured`, { skip: `${program} is not installed` });
      continue;
    }
    const own = join(folder, program);
    mkdirSync(own);
    symlinkSync(spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', program], { encoding: 'utf8' }).stdout.trim(), join(own, 'sh'));
    const scripts = SCRIPTS.filter((_, index) => isSampled(index, number));
    for (const script of scripts) runs.push({ argv: ['sh', '-c', script], shown: [flavour, script], flavour });
    for (const [index, argv] of COMMANDS.entries()) {
      if (argv[0] === 'sh' ? isSampled(index, number) : flavour === 'dash' && (IS_LONG || index % 4 === 0) && isInstalled(argv[0] ?? ''))
        runs.push({ argv, shown: [flavour, ...argv], flavour: argv[0] === 'sh' ? flavour : undefined });
    }
  }
  let next = 0;
  const measured = async (run: Run, index: number | string): Promise<HookOutcome> => {
    const program = FLAVOURS.find(([flavour]) => flavour === run.flavour)?.[1] ?? 'dash';
    return measureHook(run.argv, { server, logFile: join(folder, `${index}.log`), path: [join(folder, program), folder] });
  };
  const doubtful: [run: Run, seen: HookOutcome][] = [];
  const worker = async (): Promise<void> => {
    for (let index = next++; index < runs.length; index = next++) {
      const run = runs[index];
      if (run === undefined) continue;
      const seen = await measured(run, index);
      if (problemOf(run, seen) !== undefined) doubtful.push([run, seen]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  let isRight = 0;
  for (const [index, [run, first]] of doubtful.entries()) {
    let seen = first;
    for (let again = 0; again < AGAIN && problemOf(run, seen) !== undefined; again++) seen = await measured(run, `again-${index}-${again}`);
    const problem = problemOf(run, seen);
    if (problem === undefined) isRight += 1;
    else t.fail(`${run.shown.join(' ')}: ${problem}`, { readings: readings(run), seen });
  }
  const committed = runs.filter((run) => readings(run).at(-1)?.duration.certainty !== 'open').length;
  t.ok(committed >= runs.length * 0.85, `the model commits itself: ${committed} of ${runs.length}`);
  t.comment(`${runs.length} measurements, ${isRight} of them repeated`);
});
