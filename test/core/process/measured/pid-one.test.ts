/** What the model of PID 1 says, against what processes do. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { stopVerdictOf } from '../../../../src/core/process/pid-one.ts';
import type { StopVerdict } from '../../../../src/core/process/possibility.ts';
import type { ShellFlavour } from '../../../../src/core/process/shells.ts';
import { IS_LONG } from '../../../long-tests.ts';
import { COMMANDS, SCRIPTS as BY_KIND, UNDECIDED } from './commands.ts';
import { ENTRYPOINTS } from './entrypoints.ts';
import { BOUNDED_WAIT_MS, isInstalled, measure, reasonNotToMeasure, writeServer, type Outcome } from './pid-one.ts';

const SCRIPTS = [...BY_KIND, ...ENTRYPOINTS];

/** How many run at once: most of them wait for the bounded wait to be over. */
const AT_ONCE = 80;

interface Run {
  readonly title: string;
  readonly argv: readonly string[];
  readonly path: string | undefined;
  /** What is said without knowing which shell `sh` is, and with it. */
  readonly verdicts: readonly StopVerdict[];
  /** Whether the model has to commit itself, must not, or may do either. */
  readonly commits?: 'should' | 'must not';
}

/** Where a verdict and a measurement cannot both be right. */
function contradiction(verdict: StopVerdict, outcome: Outcome): string | undefined {
  const { fate, cause, pidOne, seconds, waitsAs } = verdict;
  if (fate === 'depends' || fate === 'unknown') return undefined;
  // It still waits for something, of which the verdict speaks: there is no server yet that could hear.
  if (waitsAs !== undefined && !outcome.started && !outcome.endedEarly) {
    if (outcome.ended) return 'it ended while it waited';
    return nameMatches(waitsAs, outcome.pidOne) ? undefined : `${outcome.pidOne} is PID 1 while it waits`;
  }
  if (fate === 'waits' && seconds !== undefined && seconds < 10) return undefined;
  const ends = fate === 'ends';
  if (ends !== outcome.ended) return outcome.ended ? 'it ended' : 'it had to be killed';
  // With known seconds it may still sleep when the signal comes, and end after it.
  if (cause === 'ends by itself') return outcome.endedEarly || seconds !== undefined ? undefined : 'it did not end by itself';
  // Where one shell lives on and another ends by itself, both end.
  if (outcome.endedEarly) return ends ? undefined : 'it ended by itself';
  if (cause === 'untold' && outcome.heard) return 'the server heard of it';
  if (cause === 'application' && pidOne === 'server' && outcome.started && !outcome.heard) return 'the server did not hear of it';
  if (!ends && !nameMatches(pidOne, outcome.pidOne)) return `${outcome.pidOne} is PID 1`;
  return undefined;
}

/** A shell that runs under another name keeps its own in /proc. */
function nameMatches(said: string, seen: string): boolean {
  // A name in /proc has 15 characters at most.
  return (
    seen === 'busybox' ||
    said.split(' or ').some((name) => name.slice(0, 15) === seen || (name === 'sh' && ['dash', 'bash'].includes(seen)))
  );
}

/** @param folder where the servers say what they hear */
async function measureAll(runs: readonly Run[], folder: string): Promise<Map<Run, Outcome>> {
  const outcomes = new Map<Run, Outcome>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < runs.length; index = next++) {
      const run = runs[index];
      if (run !== undefined) outcomes.set(run, await measure(run.argv, join(folder, `${index}.log`), run.path, BOUNDED_WAIT_MS));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  // On a busy machine a command may take its time to end: what contradicts is asked again, alone and with patience.
  for (const [run, outcome] of outcomes) {
    if (run.verdicts.every((verdict) => contradiction(verdict, outcome) === undefined)) continue;
    outcomes.set(run, await measure(run.argv, join(folder, 'again.log'), run.path, 4 * BOUNDED_WAIT_MS));
  }
  return outcomes;
}

/** A folder in which `sh` is a shell of choice, to stand first in PATH as it does in such an image. */
function shellFolder(parent: string, program: string): string {
  const folder = join(parent, program);
  mkdirSync(folder);
  const path = spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', program], { encoding: 'utf8' }).stdout.trim();
  symlinkSync(path, join(folder, 'sh'));
  return folder;
}

const FLAVOURS: readonly (readonly [flavour: ShellFlavour, program: string])[] = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['ash', 'busybox'],
];

/** Unless the tests are the long ones, every sixth script runs, and each under one shell. */
function sampled(shell: number): readonly string[] {
  return IS_LONG ? SCRIPTS : SCRIPTS.filter((_, index) => index % (FLAVOURS.length * 6) === shell);
}

/** Shells that the model does not tell apart: it may only say what holds for all. */
const FURTHER_SHELLS = ['mksh', 'ksh', 'zsh'];

const reason = reasonNotToMeasure();

void t.test('no verdict contradicts a measurement', { skip: reason ?? false }, async (t) => {
  t.setTimeout(420_000);
  const folder = t.testdir({ empty: {}, scratch: {} });
  const server = writeServer(folder);
  const empty = join(folder, 'empty');
  const runs: Run[] = [];
  let number = 0;
  // Each script writes into a folder of its own: where hundreds leave their files in one, a script that walks through it takes longer each time.
  const scratch = (): string => {
    const own = join(folder, 'scratch', String(number++));
    mkdirSync(own);
    return own;
  };
  const place = (text: string): string =>
    text
      .replaceAll('SERVER', server)
      .replaceAll('FOLDER', empty)
      .replaceAll('SCRATCH', text.includes('SCRATCH') ? scratch() : '')
      .replaceAll('#', () => (text.includes('-#') ? `${process.pid}-${number++}` : '#'));
  const missing = new Set<string>();
  for (const [flavour, program] of FLAVOURS) {
    if (!isInstalled(program)) {
      missing.add(program);
      continue;
    }
    const path = shellFolder(folder, program);
    for (const script of sampled(FLAVOURS.findIndex(([each]) => each === flavour))) {
      const argv = ['sh', '-c', place(script), 'sh', server];
      const verdicts = [stopVerdictOf(argv, null, { sh: [flavour] }), stopVerdictOf(argv, null)];
      const commits = UNDECIDED.has(script) ? 'must not' : 'should';
      runs.push({ title: `${flavour}: ${JSON.stringify(script)}`, argv: [join(path, 'sh'), ...argv.slice(1)], path, verdicts, commits });
    }
  }
  for (const shell of IS_LONG ? FURTHER_SHELLS : []) {
    if (!isInstalled(shell)) {
      missing.add(shell);
      continue;
    }
    for (const script of SCRIPTS) {
      const argv = [shell, '-c', place(script), shell, server];
      const verdict = stopVerdictOf(argv, null);
      // Nothing is said of most, and nothing can be wrong with that.
      if (verdict.fate === 'unknown' || verdict.fate === 'depends') continue;
      runs.push({ title: `${shell}: ${JSON.stringify(script)}`, argv, path: undefined, verdicts: [verdict] });
    }
  }
  for (const [index, command] of COMMANDS.entries()) {
    if (!IS_LONG && index % 3 !== 0) continue;
    const [program = ''] = command;
    if (program !== 'SERVER' && !isInstalled(program)) {
      missing.add(program);
      continue;
    }
    const argv = command.map(place);
    runs.push({ title: command.join(' '), argv, path: undefined, verdicts: [stopVerdictOf(argv, null)] });
  }
  for (const program of missing) t.pass(`${program} is measured`, { skip: `${program} is not installed` });

  const outcomes = await measureAll(runs, folder);
  let decided = 0;
  let asked = 0;
  for (const [run, outcome] of outcomes) {
    for (const verdict of run.verdicts) {
      const problem = contradiction(verdict, outcome);
      if (problem !== undefined) t.fail(`${run.title}: ${problem}`, { verdict, outcome });
    }
    const isDecided = run.verdicts[0]?.fate !== 'depends' && run.verdicts[0]?.fate !== 'unknown';
    if (run.commits === 'must not') t.notOk(isDecided, `${run.title}: depends on what the script does not say`);
    if (run.commits !== 'should') continue;
    asked += 1;
    if (isDecided) decided += 1;
  }
  t.ok(asked > 0 && decided >= asked * 0.95, `where the shell is known, the model commits itself: ${decided} of ${asked}`);
  t.comment(`${outcomes.size} measurements`);
});
