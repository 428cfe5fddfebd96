import t from 'tap';
import { failsAtOptions, readsForGood } from '../../../src/core/process/endless-read.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { literalOf } from '../../../src/core/process/shell-syntax.ts';

/** The shells in which a command reads for good. */
function readingIn(text: string): string {
  const command = parseShell(text).lines[0]?.statements[0]?.first.commands[0];
  if (command?.kind !== 'simple') throw new Error(`no command: ${text}`);
  const argv = command.words.map(literalOf);
  return (['dash', 'bash', 'ash'] as const).filter((flavour) => readsForGood(argv, command.redirections, flavour)).join(' ');
}

void t.test('no line ends in a file of zeros', (t) => {
  t.equal(readingIn('read x < /dev/zero'), 'dash bash ash');
  t.equal(readingIn('read -rp go x 0< /dev/full'), 'dash bash ash');
  t.equal(readingIn('read x < /dev/urandom'), '');
  t.equal(readingIn('read -u 3 x 3< /dev/zero'), 'bash ash');
  t.equal(readingIn('read -u 3 x < /dev/zero'), '');
  t.equal(readingIn('cat < /dev/zero'), '');
  t.end();
});

void t.test('bash drops zeros, and ash counts them', (t) => {
  t.equal(readingIn('read -n 1 x < /dev/zero'), 'bash');
  t.equal(readingIn('read -rn1 x < /dev/zero'), 'bash');
  t.equal(readingIn('read -n 0 x < /dev/zero'), 'ash');
  t.equal(readingIn('read -d "" x < /dev/zero'), '');
  t.equal(readingIn('read -t 1 -n 1 x < /dev/zero'), '');
  t.equal(readingIn('read -n $COUNT x < /dev/zero'), '', 'nobody knows how many');
  t.end();
});

void t.test('a shell fails at options that it does not know', (t) => {
  t.equal(failsAtOptions(['read', '-n', '1', 'x'], 'dash'), true);
  t.equal(failsAtOptions(['read', '-rp', 'go', 'x'], 'dash'), false);
  t.equal(failsAtOptions(['read', '-a', 'x'], 'ash'), true);
  t.equal(failsAtOptions(['read', '-rsn', '1', 'x'], 'ash'), false);
  t.equal(failsAtOptions(['read', '-a', 'x'], 'bash'), false);
  t.end();
});
