import t from 'tap';
import { asEntrypoint } from '../../../src/core/process/entrypoint-spelling.ts';

/** With how much was read for it. */
function spelled(argv: readonly string[]): { readonly words: readonly string[]; readonly characters: number } {
  let characters = 0;
  const words = asEntrypoint(argv, (text) => {
    characters += text.length;
    return text;
  });
  return { words, characters };
}

function script(text: string): string | undefined {
  return spelled(['sh', '-c', text]).words.at(-1);
}

void t.test('what a script ends with becomes PID 1', (t) => {
  t.equal(script('app --flag'), 'exec app --flag');
  t.equal(script('cd /srv && app $X "a && b"'), 'cd /srv && exec app $X "a && b"');
  t.equal(script("set -e; app 'a; b' > /log"), "set -e; exec app 'a; b' > /log");
  t.same(spelled(['busybox', 'sh', '-ec', 'migrate || exit 1; app']).words, ['busybox', 'sh', '-ec', 'migrate || exit 1; exec app']);
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
    `app '${'a; '.repeat(10)}'`,
    `${'a; '.repeat(1_000)}app`,
  ])
    t.equal(script(text), text);
  t.same(spelled(['app', '--flag']).words, ['app', '--flag']);
  t.same(spelled(['sh', '-c', 'app "$@"', '--', 'x']).words, ['sh', '-c', 'app "$@"', '--', 'x']);
  t.same(spelled(['sh', '/run.sh']).words, ['sh', '/run.sh']);
  t.end();
});

void t.test('however many operators there are, a script is read a few times', (t) => {
  for (const text of ['a;'.repeat(200), `app '${'a;'.repeat(200)}`, '&&'.repeat(200), 'a;'.repeat(30_000)])
    t.ok(spelled(['sh', '-c', text]).characters <= 10 * text.length, text.slice(0, 10));
  t.end();
});
