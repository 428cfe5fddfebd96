import t from 'tap';
import { timeScript } from '../../../src/core/process/script-clock.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';
import { AT_ONCE, during } from '../../../src/core/process/timing.ts';

/** `5`, or `0–5` where a variable may end the script before it sleeps. */
function time(text: string): string {
  const { min, max } = timeScript(parseShell(text), {
    parameters: ['sh'],
    budget: new StepBudget(),
    time: ([program, seconds]) => (program === 'sleep' ? during(Number(seconds)) : AT_ONCE),
  });
  return min === max ? `${min}` : `${min}–${max}`;
}

void t.test('`set -u` ends a script at what one of the shells has not set', (t) => {
  for (const name of ['PATH', 'HOME', 'HOSTNAME', 'PWD', 'PPID', 'IFS', 'OPTIND', 'PS4'])
    t.equal(time(`set -u; echo "$${name}"; sleep 5`), '5', name);
  for (const name of ['RANDOM', 'SECONDS', 'UID', 'EUID', 'BASHPID', 'BASH_VERSION', 'LINENO', 'OLDPWD'])
    t.equal(time(`set -u; echo "$${name}"; sleep 5`), '0–5', name);
  t.end();
});

void t.test('`unset` takes away what each script has from the start', (t) => {
  t.equal(time('set -u; unset HOME; echo $HOME; sleep 5'), '0–5');
  t.equal(time('set -u; unset -v A HOME; echo $HOME; sleep 5'), '0–5');
  t.equal(time('set -u; unset "$A"; echo $HOME; sleep 5'), '0–5', 'nobody knows which');
  t.equal(time('set -u; [ -e /x ] && unset HOME; echo $HOME; sleep 5'), '0–5');
  t.equal(time('set -u; (unset HOME); echo $HOME; sleep 5'), '5', 'of the child only');
  t.equal(time('set -u; unset HOME; HOME=/; echo $HOME; sleep 5'), '5', 'set again');
  t.equal(time('set -u; unset A; echo $HOME; sleep 5'), '5');
  t.end();
});

void t.test('in a sum names stand for their values', (t) => {
  t.equal(time('set -u; ((x+1)); sleep 5'), '0–5');
  t.equal(time('set -u; ((x = y)); sleep 5'), '0–5');
  t.equal(time('set -u; ((x == 1)); sleep 5'), '0–5');
  t.equal(time('set -u; let x+=1; sleep 5'), '0–5');
  t.equal(time('set -u; let "x = y"; sleep 5'), '0–5');
  t.equal(time('set -u; ((x = 1)); sleep 5'), '5', 'it is set there');
  t.equal(time('set -u; x=1; ((x+1)); sleep 5'), '5');
  t.equal(time('set -u; let x=1; sleep 5'), '5');
  t.equal(time('((x+1)); let x+=1; sleep 5'), '5', 'without -u it is 0');
  t.end();
});

void t.test('`local` without a value takes away what was there in bash alone', (t) => {
  t.equal(time('set -u; f() { local HOME; echo $HOME; sleep 5; }; f'), '0–5');
  t.equal(time('set -u; A=1; f() { local A; echo $A; sleep 5; }; f'), '0–5');
  t.equal(time('set -u; f() { local A=1; echo $A; sleep 5; }; f'), '5');
  t.equal(time('set -u; f() { local A; A=1; echo $A; sleep 5; }; f'), '5');
  t.equal(time('f() { local HOME; echo $HOME; sleep 5; }; f'), '5', 'without -u it is empty');
  t.end();
});

void t.test('a variable that stays as it is ends a script that sets it again', (t) => {
  t.equal(time('readonly A=1; A=2; sleep 5'), '0–5');
  t.equal(time('readonly A=1; B=2; sleep 5'), '5');
  t.equal(time('readonly $NAMES; B=2; sleep 5'), '0–5', 'nobody knows which');
  t.equal(time('readonly A=1; export A=2; sleep 5'), '0–5');
  t.equal(time('readonly A=1; export A; readonly A; sleep 5'), '5', 'it is not set again');
  t.equal(time('readonly; B=2; sleep 5'), '5');
  const many = Array.from({ length: 70 }, (_, index) => `readonly A${index}`).join('; ');
  t.equal(time(`${many}; sleep 5`), '5');
  t.equal(time(`${many}; A69=2; sleep 5`), '0–5');
  t.equal(time(`${many}; for A69 in 1; do sleep 5; done`), '0–5');
  t.end();
});

void t.test('`${A:=b}` sets a variable', (t) => {
  t.equal(time('set -u; : ${A:=1}; echo $A; sleep 5'), '5');
  t.equal(time('set -u; B=${A=1}; echo $A; sleep 5'), '5');
  t.equal(time('set -u; (: ${A:=1}); echo $A; sleep 5'), '0–5', 'of the child only');
  t.equal(time('set -u; : ${A:-1}; echo $A; sleep 5'), '0–5', 'it sets none');
  t.equal(time('A=5; : ${A:=1}; sleep $A'), '5', 'it has a value');
  t.equal(time('readonly A; : ${A:=1}; sleep 5'), '0–5');
  t.equal(time('false; B=${A:=1} && sleep 5'), '5', 'it succeeds');
  t.end();
});

void t.test('a number of a sum holds no variable', (t) => {
  t.equal(time('set -u; echo $((0x10 + 2)); sleep 5'), '5');
  t.equal(time('set -u; echo $((x10 + 2)); sleep 5'), '0–5');
  t.end();
});

void t.test('words inside of an expansion are expanded, too', (t) => {
  for (const text of ['${B:-$A}', '${B-${A}}', '${HOME:+$A}', '${HOME%$A}']) t.equal(time(`set -u; : ${text}; sleep 5`), '0–5', text);
  t.equal(time('set -u; { :; } >/tmp/$A; sleep 5'), '0–5');
  t.equal(time('set -u; : ${B:-$HOME}; sleep 5'), '5');
  t.end();
});

void t.test('sums, defaults and `command readonly` meet what is there for good', (t) => {
  for (const text of [
    ': $((A=2))',
    ': $((A+=2))',
    ': $((A++))',
    'echo "${B:-${A:=1}}"',
    'case ${A:=1} in a) ;; esac',
    'for i in ${A:=1}; do :; done',
    '{ :; } >/tmp/${A:=1}',
  ])
    t.equal(time(`readonly A; ${text}; sleep 5`), '0–5', text);
  t.equal(time('command readonly A=1; A=2; sleep 5'), '0–5');
  for (const text of [': $((A==2))', ': $((A<=2))', ': $((B=2))', 'case $A in a) ;; esac'])
    t.equal(time(`readonly A=1; ${text}; sleep 5`), '5', text);
  t.end();
});
