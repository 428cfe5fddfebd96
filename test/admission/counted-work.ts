/**
 * Counts what the code does, so that tests can say how work grows without looking at a clock.
 *
 * Two counters that need no help from the code, so that no loop can hide: V8 counts how often each block of `src/` runs
 * (precise coverage), and a proxy counts each look at the input, also those of built-in functions (`includes`, a copy).
 */
import { Session, type Profiler } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

export interface Work {
  /** How often blocks of `src/` ran. */
  readonly blocks: number;
  /** How often the input was looked at: a property read, a key listed. */
  readonly looks: number;
}

/**
 * @param input a JSON value; `run` gets it behind a proxy
 * @param run the work to count; what it did before is not counted
 */
export function countWork<T extends object>(input: T, run: (input: T) => void): Work {
  const looks = { count: 0 };
  const watched = watch(input, looks, new WeakMap());
  post('Profiler.takePreciseCoverage');
  looks.count = 0;
  run(watched);
  const { result } = post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType;
  return { blocks: blocksOf(result), looks: looks.count };
}

// Optimised code does not count (Node 24): everything is interpreted.
for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation']) setFlagsFromString(flag);
const session = new Session();
session.connect();
post('Profiler.enable');
post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Sessions of the same thread answer before `post` returns. */
function post(method: string, params: object = {}): unknown {
  const answers: unknown[] = [];
  session.post(method, params, (error, result) => {
    answers.push(error === null ? result : undefined);
  });
  if (answers[0] === undefined) throw new Error(`${method} failed, or did not answer at once`);
  return answers[0];
}

const SOURCES = new URL('../../src/', import.meta.url).href;

function blocksOf(scripts: readonly Profiler.ScriptCoverage[]): number {
  let count = 0;
  for (const { url, functions } of scripts) {
    if (!url.startsWith(SOURCES)) continue;
    for (const { ranges } of functions) for (const range of ranges) count += range.count;
  }
  return count;
}

function watch<T extends object>(value: T, looks: { count: number }, known: WeakMap<object, object>): T {
  const before = known.get(value);
  if (before !== undefined) return before as T;
  const watched = new Proxy(value, {
    get(target, key, receiver) {
      looks.count += 1;
      const member: unknown = Reflect.get(target, key, receiver);
      return typeof member === 'object' && member !== null ? watch(member, looks, known) : member;
    },
    has(target, key) {
      looks.count += 1;
      return Reflect.has(target, key);
    },
    ownKeys(target) {
      const keys = Reflect.ownKeys(target);
      looks.count += keys.length;
      return keys;
    },
    getOwnPropertyDescriptor(target, key) {
      looks.count += 1;
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  known.set(value, watched);
  return watched;
}

/**
 * The exponent of the growth over a series of doubled sizes, or over its last doubling where that is more: what a small
 * object costs in any case hides the beginning of a growth.
 */
export function exponentOf(series: readonly number[]): number {
  const [first = 0, last = 0] = [series[0], series.at(-1)];
  return Math.max(Math.log2(last / first) / (series.length - 1), Math.log2(last / (series.at(-2) ?? 0)));
}
