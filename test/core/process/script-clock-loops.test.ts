import t from 'tap';
import { timeScript } from '../../../src/core/process/script-clock.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';
import { AT_ONCE, during, OPEN } from '../../../src/core/process/timing.ts';

/** `6`, `1–4` where it takes one of several times, `2+` where nobody knows how long, `2…` where it never ends; programs take a time that nobody knows. */
function time(text: string): string {
  const { min, max, isOpen, isEndless } = timeScript(parseShell(text), {
    parameters: ['sh', 'a', 'b'],
    budget: new StepBudget(),
    time: ([program, seconds]) => (program === 'sleep' ? during(Number(seconds)) : program === 'seq' ? AT_ONCE : OPEN),
  });
  return `${min === max ? min : `${min}–${max}`}${isOpen ? '+' : ''}${isEndless ? '…' : ''}`;
}

void t.test('`for` goes through its values, or through the parameters', (t) => {
  t.equal(time('for i in 1 2 3; do sleep $i; done'), '6');
  t.equal(time('for i; do sleep 2; done'), '4');
  t.equal(time('for i in $(seq 2 4); do sleep $i; done'), '9');
  t.equal(time('for i in; do sleep 2; done; sleep 1'), '1');
  t.equal(time('sleep 1; for i in $LIST; do sleep 2; done'), '1–3+', 'of which nobody knows how many there are');
  t.end();
});

void t.test('`for ((…))` counts', (t) => {
  t.equal(time('for ((i = 0; i < 3; i++)); do sleep 2; done'), '6');
  t.equal(time('for ((i = 3; i < 3; i++)); do sleep 2; done'), '0');
  t.equal(time('for ((i = 0; i < N; i++)); do sleep 2; done'), '0–2+');
  t.equal(time('for ((;;)); do sleep 2; break; done'), '0–2+', 'without a condition nobody knows');
  t.end();
});

void t.test('`while` and `until` go round as long as their condition says so', (t) => {
  t.equal(time('i=0; while [ $i -lt 3 ]; do sleep 2; i=$((i + 1)); done'), '6');
  t.equal(time('i=0; until [ $i -eq 2 ]; do sleep 1; i=$((i + 1)); done'), '2');
  t.equal(time('while false; do sleep 2; done'), '0');
  t.equal(time('while app; do sleep 2; done'), '0–2+');
  t.equal(time('sleep 1; while true; do sleep 2; done; sleep 5').endsWith('…'), true, 'for ever');
  t.end();
});

void t.test('`break` and `continue` leave as many loops as they say', (t) => {
  t.equal(time('for i in 1 2 3; do sleep 1; break; done; sleep 5'), '6');
  t.equal(time('for i in 1 2 3; do continue; sleep 1; done; sleep 5'), '5');
  t.equal(time('for i in 1 2; do for j in 1 2; do sleep 1; break 2; done; done'), '1');
  t.equal(time('for i in 1 2; do for j in 1 2; do sleep 1; continue 2; done; sleep 9; done'), '2');
  t.equal(time('while true; do sleep 1; break; done'), '1');
  t.end();
});
