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

void t.test('a loop for ever that only waits until something lets it out is still where the script lives, wherever it runs', (t) => {
  const loop = 'while true; do [ -f /run/stop ] && break; sleep 5; done';
  t.match(of(loop), /^swallows: shell/);
  t.equal(of(`${loop} & wait`), 'swallows: shell (background)');
  t.equal(of(`${loop} | cat`), 'swallows: shell (pipe)');
  t.match(of(`( ${loop} ); echo over`), /^swallows: shell/);
  t.match(of(`${loop}; sleep 5; exit 1`), /^swallows: shell/, 'what comes behind it is over soon');
  t.equal(of(`${loop}; exec app`), 'ends: application');
  t.end();
});

void t.test('a trap that only tells of the signal lets no loop end, and one that may change what the loop looks at may', (t) => {
  const loop = 'while true; do [ -f /run/stop ] && break; sleep 5; done';
  for (const action of ['echo stopping', ':', 'echo one; date && true'])
    t.equal(of(`trap '${action}' TERM; ${loop}`), 'swallows: trap goes on (loop)');
  for (const action of ['touch /run/stop', 'echo > /run/stop', 'STOP=1', 'exit 0', 'stop'])
    t.match(of(`trap '${action}' TERM; ${loop}`), /^waits: late trap/, action);
  t.end();
});

void t.test('a loop that ends by itself is gone through once', (t) => {
  t.equal(of('for i in 1 2 3; do trap "exit 0" TERM; done; server & wait'), 'ends: untold (background)');
  t.equal(of('for i in 1 2 3; do server; done'), 'swallows: shell (loop)');
  t.equal(of('for i in; do exec server; done'), 'ends: ends by itself');
  t.equal(of('for ((i = 0; i < 3; i++)); do date; done; exec server'), 'ends: application');
  t.end();
});
