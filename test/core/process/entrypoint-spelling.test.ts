import t from 'tap';
import { asEntrypoint } from '../../../src/core/process/entrypoint-spelling.ts';

function script(text: string): string | undefined {
  return asEntrypoint(['sh', '-c', text]).at(-1);
}

void t.test('what a script ends with becomes PID 1', (t) => {
  t.equal(script('app --flag'), 'exec app --flag');
  t.equal(script('cd /srv && app $X "a && b"'), 'cd /srv && exec app $X "a && b"');
  t.equal(script("set -e; app 'a; b' > /log"), "set -e; exec app 'a; b' > /log");
  t.same(asEntrypoint(['busybox', 'sh', '-ec', 'migrate || exit 1; app']), ['busybox', 'sh', '-ec', 'migrate || exit 1; exec app']);
  t.end();
});

void t.test('nothing changes where no last command is there to stay, or where exec would be wrong', (t) => {
  for (const text of [
    'app; true',
    'app | tee /log',
    'A=b app',
    'exec app',
    'for i in 1; do app; done',
    'app &',
    'cd /srv',
    '',
    "app 'a; b",
  ])
    t.equal(script(text), text);
  t.same(asEntrypoint(['app', '--flag']), ['app', '--flag']);
  t.same(asEntrypoint(['sh', '-c', 'app "$@"', '--', 'x']), ['sh', '-c', 'app "$@"', '--', 'x']);
  t.same(asEntrypoint(['sh', '/run.sh']), ['sh', '/run.sh']);
  t.end();
});
