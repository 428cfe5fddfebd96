import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';

function of(text: string): string {
  const { fate, cause, obstacle } = stopVerdictOf(['bash', '-c', text], undefined);
  return `${fate}: ${cause}${obstacle === undefined ? '' : ` (${obstacle})`}`;
}

void t.test('a loop whose condition always holds is where the container lives', (t) => {
  t.equal(of('while true; do app; done; exec server'), 'swallows: shell (loop)');
  t.equal(of('until false; do app; done; exec server'), 'swallows: shell (loop)');
  t.equal(of('while true; do date; done'), 'swallows: shell (loop)', 'also where the shell itself works');
  t.equal(of('while false; do app; done; exec server'), 'ends: application');
  t.equal(of('until ready; do date; done; exec server'), 'ends: application');
  t.end();
});

void t.test('what leaves a loop goes on behind it, or behind those around it', (t) => {
  t.equal(of('while true; do break; done; exec server'), 'ends: application');
  t.equal(of('while true; do while true; do break 2; done; done; exec server'), 'ends: application');
  t.equal(of('while true; do while true; do break; done; done; exec server'), 'swallows: shell (loop)');
  t.equal(of('while true; do continue; break; done; exec server'), 'swallows: shell (loop)');
  t.equal(of('f() { while true; do return; done; }; f; exec server'), 'ends: application');
  t.end();
});

void t.test('a loop that ends by itself is gone through once', (t) => {
  t.equal(of('for i in 1 2 3; do trap "exit 0" TERM; done; server & wait'), 'ends: trap (background)');
  t.equal(of('for i in 1 2 3; do server; done'), 'swallows: shell (loop)');
  t.equal(of('for i in; do exec server; done'), 'ends: ends by itself');
  t.equal(of('for ((i = 0; i < 3; i++)); do date; done; exec server'), 'ends: application');
  t.end();
});
