import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';

/** What a shell of each kind does with a script that has one argument, `a`. */
function fateOf(script: string): string {
  const { fate, cause } = stopVerdictOf(['sh', '-c', script, 'sh', 'a'], null);
  return `${fate}: ${cause}`;
}

void t.test('after `set -u`, a shell ends at an argument that it was not given', (t) => {
  for (const script of ['echo $2', 'X="$2"', ': > /tmp/$2', 'case $2 in a) ;; esac', 'for x in ${2%a}; do :; done', ': ${#2} $((1 + $2))'])
    t.equal(fateOf(`set -u; ${script}; app; true`), 'ends: ends by itself', script);
  for (const script of [
    'echo $1 $0 $@ $* $#',
    'echo ${2:-b} ${2+b}',
    '(echo $2)',
    'X=$(echo $2)',
    'echo $NAME',
    '. ./env; echo $2',
    "[[ -n '$2' ]]",
  ])
    t.equal(fateOf(`set -u; ${script}; app; true`), 'swallows: shell', script);
  t.equal(fateOf('set -u; set +u; echo $2; app; true'), 'swallows: shell');
  const inShell = (sh: 'dash' | 'bash', script: string): string => stopVerdictOf(['sh', '-c', script], null, { sh: [sh] }).cause;
  t.equal(inShell('dash', 'set -u; app > /tmp/$1; app; true'), 'ends by itself');
  t.equal(inShell('bash', 'set -u; app > /tmp/$1; app; true'), 'shell', 'a child expands what stands behind a program');
  t.match(stopVerdictOf(['bash', '-euc', 'echo $1; app; true'], null), { fate: 'ends', cause: 'ends by itself' });
  t.end();
});

void t.test('a test that bash need not look at asks for nothing, and neither does what is quoted or has another value', (t) => {
  const causeOf = (script: string): string => stopVerdictOf(['bash', '-c', `set -u; ${script}; app; true`], null).cause;
  for (const script of [
    '[[ $# -gt 0 && $1 == run ]] && shift',
    'if [[ $# -eq 0 || $1 == -* ]]; then true; fi',
    '[[ ${NAME:-$1} == a ]]',
    '[[ $(echo $1) == a ]]',
    '[[ a == \\$1 ]]',
    'echo $((${NAME:-$1} + 1))',
    'echo $(($(echo $1) + 1))',
  ])
    t.equal(causeOf(script), 'shell', script);
  for (const script of ['[[ $1 == run && $# -gt 0 ]]', '(( 1 && $1 ))', 'echo $(($1 + 1))'])
    t.equal(causeOf(script), 'ends by itself', script);
  t.end();
});

void t.test('without it, only where the script says so', (t) => {
  t.equal(fateOf(': ${2:?usage}; app; true'), 'ends: ends by itself');
  t.equal(fateOf('f() { : "${1?usage}"; }; f; app; true'), 'ends: ends by itself');
  t.equal(fateOf('set -- ""; : ${1:?usage}; app; true'), 'ends: ends by itself');
  t.equal(fateOf('set -- ""; : ${1?usage}; app; true'), 'swallows: shell');
  t.equal(fateOf(': ${NAME:?must be set}; app; true'), 'swallows: shell', 'the Pod may set a variable');
  t.end();
});

void t.test('what a loop gives the script is not counted', (t) => {
  t.equal(fateOf('set -u; for x in b c; do set -- "$@" $x; done; echo $3; app; true'), 'swallows: shell');
  t.end();
});
