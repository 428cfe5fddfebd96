/**
 * What a script's sleeps add up to, against dash, bash and busybox ash: each runs the script with a `sleep` that only says how long
 * it was to sleep. `A` and `B` are files that are there or not, of which the model knows nothing.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { timeScript } from '../../../../src/core/process/script-clock.ts';
import { mayDiffer } from '../../../../src/core/process/shell-differences.ts';
import { parseShell, parseShellAs } from '../../../../src/core/process/shell-parser.ts';
import { dialectOf, type ShellFlavour } from '../../../../src/core/process/shells.ts';
import { StepBudget } from '../../../../src/core/process/step-budget.ts';
import { AT_ONCE, during, OPEN, type Timing } from '../../../../src/core/process/timing.ts';
import fc from '../../../fast-check.ts';
import { runs } from '../../../long-tests.ts';
import { isInstalled } from './pid-one.ts';

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash'], ['busybox', 'ash']];
const installed = SHELLS.filter(([program = '']) => isInstalled(program));
const skip = installed.length > 0 ? false : 'neither dash nor bash nor busybox is installed';

const folder = mkdtempSync(join(tmpdir(), 'podgrace-clock-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});
const sleep = join(folder, 'sleep');
writeFileSync(sleep, '#!/bin/sh\necho "$1" >&3\n');
chmodSync(sleep, 0o755);

/** The seconds that a script would have slept; the files are there or not. */
function measured(script: string, [program = '', ...args]: readonly string[], a: boolean, b: boolean): number {
  const env = { PATH: process.env['PATH'], A: a ? '/' : '/nope', B: b ? '/' : '/nope' };
  const command = script.replaceAll('sleep', sleep);
  const { output, signal } = spawnSync(program, [...args, '-c', command], {
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    timeout: 20_000,
  });
  assert.equal(signal, null, script);
  return String(output[3])
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0);
}

function modelled(script: string, flavour?: ShellFlavour): Timing {
  const time = ([program = '', seconds]: readonly (string | undefined)[]): Timing => {
    if (program === 'sleep') return during(Number(seconds));
    return program === 'echo' ? AT_ONCE : OPEN;
  };
  const tree = flavour === undefined ? parseShell(script) : parseShellAs(script, dialectOf(flavour));
  return timeScript(tree, { parameters: [], flavour, budget: new StepBudget(), time });
}

/** `5`, `0-5`, `5+` from 5 on, `5-…` for ever */
function printed({ min, max, isOpen, isEndless }: Timing): string {
  if (isEndless) return `${min}-…`;
  return isOpen ? `${min}+` : min === max ? `${min}` : `${min}-${max}`;
}

function contradiction(script: string): string | undefined {
  const { min, max, isOpen, isEndless } = modelled(script);
  for (const shell of installed) {
    for (const [a, b] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      if ((a && !script.includes('$A')) || (b && !script.includes('$B'))) continue;
      const seconds = measured(script, shell, a, b);
      if (isEndless || seconds < min || (!isOpen && seconds > max))
        return `${shell.join(' ')} sleeps ${seconds} s (A ${a}, B ${b}) of ${printed(modelled(script))}: ${script}`;
    }
  }
  return undefined;
}

/** Scripts and what they take: what the model says, and no shell contradicts. */
const SCRIPTS: readonly (readonly [script: string, says: string])[] = [
  // Status
  ['false || sleep 5', '5'],
  ['f() { return 1; }; f || sleep 10', '10'],
  ['f() { return 0; }; f || sleep 10', '0'],
  ['f() { false; return; }; f || sleep 10', '10'],
  ['f() { return 3; sleep 1; }; f && sleep 10', '0'],
  ['! true || sleep 3', '3'],
  ['[ -e "$A" ] && sleep 5 || sleep 3', '3-5'],
  ['for i in 1 2; do false; done || sleep 5', '5'],
  ['for i in 1 2; do false; break; done || sleep 5', '0'],
  ['for i in 1 2; do false; continue; done || sleep 5', '0'],
  ['i=0; while [ $i -lt 1 ]; do i=1; false; done || sleep 5', '5'],
  ['while false; do :; done && sleep 5', '5'],
  ['if false; then :; fi && sleep 5', '5'],
  ['false; A=b && sleep 5', '5'],
  ['(exit 3) || sleep 4', '4'],
  // The end of functions and loops
  ['f() { for i in 1 2; do return; done; sleep 30; }; f', '0'],
  ['f() { for i in 1 2; do return; done; sleep 30; }; f; sleep 2', '2'],
  ['f() { while true; do sleep 1; return 1; done; }; f || sleep 2', '3'],
  ['for i in 1 2 3; do continue; sleep 5; done', '0'],
  ['for i in 1 2 3; do sleep 1; continue; sleep 5; done; sleep 2', '5'],
  ['for i in 1 2 3; do sleep 1; break; done; sleep 2', '3'],
  ['for i in 1 2; do for j in 1 2; do continue 2; done; sleep 5; done; sleep 1', '1'],
  ['for i in 1 2; do for j in 1 2; do break 2; done; sleep 5; done; sleep 1', '1'],
  ['for i in 1 2; do for j in 1 2; do sleep 1; break; done; sleep 5; done', '12'],
  ['for i in 1 2; do break 5; done; sleep 1', '1'],
  ['while sleep 1; break; do sleep 9; done; sleep 2', '3'],
  ['break; sleep 3', '3'],
  ['for i in 1 2; do sleep 1; exit; done; sleep 9', '1'],
  ['f() { sleep 1; exit; }; f; sleep 9', '1'],
  ['(exit; sleep 1); sleep 2', '2'],
  ['{ exit; }; sleep 2', '0'],
  ['exec sleep 2; sleep 3', '2'],
  // Early ends
  ['test -e "$A" || exit 0; sleep 15', '0-15'],
  ['test -e "$A" && exit 0; sleep 5; test -e "$B" && exit; sleep 10', '0-15'],
  ['sleep 1; if [ -e "$A" ]; then exit; fi; sleep 2', '1-3'],
  ['if [ -e "$A" ]; then exec sleep 4; fi; sleep 2', '2-4'],
  ['for i in 1 2 3; do if [ -e "$A" ]; then break; fi; sleep 10; done', '0-30'],
  ['for i in 1 2 3; do [ -e "$A" ] && continue; sleep 10; done; sleep 1', '1-31'],
  ['f() { [ -e "$A" ] && return; sleep 5; }; f; sleep 1', '1-6'],
  ['while true; do sleep 1; [ -e / ] && break; done', '1+'],
  ['i=0; while true; do i=$((i+1)); [ $i -gt 3 ] && break; sleep 2; done', '6'],
  ['i=0; until [ $i -ge 3 ]; do i=$((i+1)); [ -e "$A" ] && continue; sleep 1; done', '0-3'],
  ['drain; sleep 5', '5+'],
  // A counter ends a loop that waits
  ['i=0; while [ $i -lt 3 ] && [ -e "$A" ]; do i=$((i+1)); sleep 2; done; sleep 1', '1-7'],
  ['i=0; while [ -e "$A" ] && [ $i -lt 3 ]; do sleep 2; i=$((i+1)); done', '0-6'],
  ['i=0; until [ -e "$A" ] || [ $i -ge 3 ]; do sleep 1; i=$((i+1)); done', '0-3'],
  ['i=0; while [ -e "$A" ]; do i=$((i+1)); sleep 1; [ $i -ge 4 ] && break; done; sleep 1', '1-5'],
  ['i=0; while [ -e "$A" ]; do i=$((i+1)); sleep 1; if [ $i -gt 2 ]; then exit; fi; done; sleep 9', '3-11'],
  ['i=0; while [ $i -lt 2 ]; do j=0; while [ -e "$A" ] && [ $j -lt 2 ]; do sleep 1; j=$((j+1)); done; i=$((i+1)); done', '0-4'],
  ['sleep $(echo 4); X=3; sleep $(echo $X)', '7'],
  ['for i in $(echo 1 2); do sleep $i; done', '3'],
  ['set -- 3; sleep ${1:-9}; sleep ${2:-1}; E=; sleep ${E:-2}', '6'],
  ['A=4; sleep $((A * 2 + 1)); sleep $(( (A - 2) * 3 )); sleep $((10 - 2 - 3)); sleep $((7 / 2 * 2)); sleep $((- A + 5))', '27'],
  ['sleep 3 & wait $!; sleep 1', '4'],
  // What the shells do not agree on
  ['return; sleep 5', '0-5'],
  ['for i in 1 2; do (break; sleep 2); sleep 1; done', '2-6'],
  ['f() { for j in 1; do break 2; done; sleep 2; }; for i in 1 2; do f; sleep 1; done', '0+'],
  ['f() { break; sleep 2; }; for i in 1 2; do f; sleep 1; done', '0-6'],
  // `set -e`
  ['set -e; false; sleep 5', '0'],
  ['set -e; sleep 1; [ -e "$A" ]; sleep 5', '1-6'],
  ['set -e; false || sleep 2; sleep 5', '7'],
  ['set -e; false && sleep 2; sleep 5', '5'],
  ['set -e; true && false; sleep 5', '0'],
  ['set -e; if false; then :; fi; sleep 5', '5'],
  ['set -e; ! true; sleep 5', '5'],
  ['set -e; while false; do :; done; sleep 5', '5'],
  ['set -e; { false && true; }; sleep 5', '5'],
  ['set -e; (false && true); sleep 5', '0'],
  ['set -e; f() { false && true; }; f; sleep 5', '0'],
  ['set -e; f() { false; sleep 3; }; if f; then sleep 1; fi; sleep 5', '9'],
  ['set -e; f() { false; sleep 3; }; f || sleep 1; sleep 5', '8'],
  ['set -e; (false; sleep 3) || sleep 1; sleep 5', '8'],
  ['set -euo noglob; false; sleep 5', '0'],
  ['set -e; set +e; false; sleep 5', '5'],
  ['set -o errexit; sleep 2; false; sleep 5', '2'],
  ['set -e; X=$(false); sleep 5', '0'],
  ['set -e; X=$(false; true); sleep 5', '0-5'],
  ['set -e; echo a; sleep 5', '5'],
  ['if [ -e "$A" ]; then set -e; fi; false; sleep 5', '0-5'],
  // Arguments
  ['set -- 1 2; for i; do sleep $i; done', '3'],
  ['set -- 1 2; sleep $2', '2'],
  ['set -- 1 2; shift; sleep $1', '2'],
  ['set -- 1 2 4; shift 2; sleep "$@"', '4'],
  ['set -e -- 4; sleep $1', '4'],
  ['f() { set -- 9; sleep 1; }; set -- 2; f; sleep $1', '3'],
  ['f() { shift; sleep $1; }; f 1 2; sleep 4', '6'],
  ['set -- 1; (set -- 8); sleep $1', '1'],
  // eval
  ['eval sleep 5; sleep 1', '6'],
  ["eval 'sleep 1; exit'; sleep 5", '1'],
  ["for i in 1 2; do eval 'break'; sleep 1; done; sleep 4", '4'],
  ['C="sleep 3"; eval "$C"', '3'],
  ["eval 'f() { sleep 2; }'; f", '2'],
  // Words
  ['case a in a) sleep 1;; *) sleep 2;; esac', '1'],
  ['case "$A" in /) sleep 1;; *) sleep 2;; esac', '1-2'],
  ['case b in "$A") sleep 3;; b) sleep 1;; *) sleep 2;; esac', '1-3'],
  ['case server in -*) sleep 1;; ser*) sleep 2;; *) sleep 4;; esac', '2'],
  ['case "*x" in "*"*) sleep 1;; *) sleep 2;; esac', '1-2'],
  ['case x in "*") sleep 1;; *) sleep 2;; esac', '2'],
  ['case b in [ab]) sleep 1;; b) sleep 2;; esac', '1-2'],
  ['A=$(sleep 3); sleep 1', '4'],
  ['echo "$(sleep 3)" `sleep 2`; sleep 1', '6'],
  ['A=$(false) || sleep 4', '4'],
  ['for i in $(sleep 1; echo a b); do :; done; sleep 2', '3+'],
  ['f() { for x in $*; do sleep $x; done; }; f 1 2', '3'],
  ['f() { sleep 1; }; command f; sleep 2', '2+'],
  ['for i in 1 2; do for j in 1 2; do [ -e "$A" ] && break 2; break; done; sleep 5; done; sleep 1', '0+'],
  ['for i in 1 2; do (for j in 1 2; do continue 2; done; sleep 3); sleep 1; done', '2-8'],
];

void t.test('what scripts sleep', (t) => {
  for (const [script, says] of SCRIPTS) t.equal(printed(modelled(script)), says, script);
  t.end();
});

void t.test('counting loops that only bash has', (t) => {
  for (const [script, says] of [
    ['for ((i = 0; i < 3; i++)); do sleep 1; done', '3'],
    ['for ((i=3;i>0;i--)); do sleep 2; done; sleep 1', '7'],
    ['for ((i=0;i<9;i+=2)); do [ $i -gt 3 ] && break; sleep 1; done', '2'],
    ['for ((i=0;i<N;i++)); do sleep 1; done', '0+'],
    ['for ((;;)); do sleep 1; done', '0+'],
    ['i=0; while [[ $i -lt 4 ]]; do sleep 1; i=$((i+1)); done', '4'],
    ['i=0; until [[ "${i}" -ge 4 ]]; do sleep 1; ((i++)); done', '4'],
    ['[[ a == b ]] && sleep 5; sleep 1', '1'],
    ['[[ -f /x ]] && sleep 5; sleep 1', '1-6'],
  ] as const) {
    t.equal(printed(modelled(script)), says, script);
    if (isInstalled('bash') && !says.includes('+') && !says.includes('-')) t.equal(`${measured(script, ['bash'], false, false)}`, says);
  }
  t.end();
});

void t.test('no shell contradicts that', { skip }, (t) => {
  for (const [script] of SCRIPTS) if (!script.includes('drain')) t.equal(contradiction(script), undefined, script);
  t.end();
});

/** What one shell reads and another refuses. */
const DIFFERENT: readonly string[] = [
  'function f { sleep 4; }; f; sleep 1',
  'function f() {\n sleep 4\n}\nf',
  'sleep 2; echo ${A:0:1}; sleep 4',
  'sleep 2; echo ${A^^} || true; sleep 4',
  'f() { echo ${A[0]}; }; sleep 1; (f); sleep 4',
  'f() { echo ${A[0]}; }; sleep 1; f; sleep 4',
  'for i in ${A,,} 1; do sleep 1; done; sleep 2',
  'case ${A@Q} in *) sleep 1;; esac; sleep 2',
  'sleep 1\nsleep 2 <<< x\nsleep 4',
  'sleep 1\na=(1 2)\nsleep 4',
  'for ((i=0;i<3;i++)); do sleep 1; done',
  'sleep 1; local A=1; sleep 4',
  'f() { local A=1; sleep 2; }; f',
  'set -e; source /dev/null; sleep 4',
  'source /dev/null && sleep 1; sleep 2',
  'declare A=2 && sleep 1; sleep 4',
  'sleep 1; set -o pipefail; sleep 4',
  'sleep 1; export -f f; sleep 4',
  "sleep 1; eval 'a=(1)'; sleep 4",
  'sleep 1; echo x >&/dev/null; sleep 4',
  'i=1; echo $((i++)); sleep 4',
  'for i in {1..3}; do sleep 2; done',
  'for i in {6..0..3}; do sleep 1; done',
  'for i in a{1,2}b c; do sleep 2; done',
  'for i in "{1..3}" x{1..2}; do sleep 1; done',
];

void t.test('what each shell makes of what only some of them read', (t) => {
  for (const [flavour, shell] of [
    ['dash', ['dash']],
    ['bash', ['bash', '--posix']],
    ['ash', ['busybox', 'ash']],
  ] as const) {
    if (!isInstalled(shell[0])) continue;
    for (const script of DIFFERENT) {
      t.ok(mayDiffer(script), script);
      const { min, max, isOpen } = modelled(script, flavour);
      const seconds = measured(script, shell, false, false);
      t.ok(seconds >= min && (isOpen || seconds <= max), `${flavour} sleeps ${seconds} s of ${min} to ${max}: ${script}`);
    }
  }
  t.end();
});

interface Context {
  readonly depth: number;
  /** How many loops it is in, in its function or subshell. */
  readonly loops: number;
  readonly inFunction: boolean;
  /** Everything anywhere, and conditions that are not known. */
  readonly isWild: boolean;
}

/** A few statements. */
function statements(context: Context): fc.Arbitrary<string> {
  return fc.array(statement(context), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('; '));
}

function statement(context: Context): fc.Arbitrary<string> {
  const { depth, loops, inFunction, isWild } = context;
  const leaves = ['true', 'false', 'sleep 1', 'sleep 2', 'sleep 4', 'sleep 8'];
  if (loops > 0 || isWild) leaves.push('break', 'continue');
  if (loops > 1 || isWild) leaves.push('break 2', 'continue 2');
  if (inFunction || isWild) leaves.push('return', 'return 1', 'return 0');
  if (isWild) leaves.push('[ -e "$A" ]', '[ -e "$B" ]', '[ -e "$A" ]', '! [ -e "$B" ]');
  const leaf = fc.constantFrom(...leaves);
  if (depth === 0) return leaf;
  const inner = { ...context, depth: depth - 1 };
  const own = statement(inner);
  const body = statements(inner);
  const loopBody = statements({ ...inner, loops: loops + 1 });
  const apart = { ...inner, loops: 0 };
  const subshell = statements({ ...apart, inFunction: false });
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    // In a substitution the shells differ about `set -e`.
    isWild ? fc.constantFrom('exit', 'set -e', 'set +e') : fc.constant('exit'),
    fc.tuple(own, fc.constantFrom('&&', '||'), own).map((parts) => parts.join(' ')),
    fc.tuple(own, own, own).map(([a, b, c]) => `${a} && ${b} || ${c}`),
    body.map((text) => `{ ${text}; }`),
    subshell.map((text) => `( ${text} )`),
    fc.tuple(body, body, body).map(([a, b, c]) => `if ${a}; then ${b}; else ${c}; fi`),
    fc.tuple(body, body).map(([a, b]) => `if ${a}; then ${b}; fi`),
    loopBody.map((text) => `for i in 1 2; do ${text}; done`),
    loopBody.map((text) => `{ n${depth}=0; while [ $n${depth} -lt 2 ]; do n${depth}=$((n${depth}+1)); ${text}; done; }`),
    statements({ ...apart, inFunction: true }).map((text) => `{ f${depth}() { ${text}; }; f${depth}; }`),
    subshell.map((text) => `X=$( ${text} )`),
  );
}

void t.test('whatever the shells make of a script is within what the model says', { skip }, (t) => {
  const scripts = statements({ depth: 3, loops: 0, inFunction: false, isWild: true });
  fc.assert(
    fc.property(scripts, (script) => {
      assert.equal(contradiction(script), undefined);
    }),
    { numRuns: runs(60, 8) },
  );
  t.end();
});

void t.test('the model is exact where the shells agree and every condition is known', { skip }, (t) => {
  const scripts = statements({ depth: 3, loops: 0, inFunction: false, isWild: false });
  fc.assert(
    fc.property(scripts, (script) => {
      const { min, max, isOpen } = modelled(script);
      assert.deepEqual([min, isOpen], [max, false], script);
      assert.equal(contradiction(script), undefined);
    }),
    { numRuns: runs(60, 8) },
  );
  t.end();
});
