import t from 'tap';
import { lacksBuiltin, mayDiffer, refusesBuiltin } from '../../../src/core/process/shell-differences.ts';
import { SCRIPTS } from './measured/commands.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';

void t.test('what every shell reads alike is not read once for each', (t) => {
  for (const text of [
    'exec app --flag=a,b',
    'sleep 5; nginx -s quit',
    'i=0; while [ $i -lt 10 ]; do i=$((i+1)); sleep 1; done',
    'echo ${A:-b} ${A%:*} ${A##*/} ${#A} $! $#',
    'app > /dev/null 2>&1 &',
    'kill -TERM 1 2>&-',
    'f() { sleep 1; }; f',
    'set -- a b; shift; exec "$@"',
  ])
    t.equal(mayDiffer(text), false, text);
  t.end();
});

void t.test('a text that shells parse differently is known as such', (t) => {
  for (const text of SCRIPTS) {
    const bash = parseShell(text);
    for (const dialect of ['posix', 'ash'] as const)
      if (JSON.stringify(parseShell(text, dialect)) !== JSON.stringify(bash)) t.equal(mayDiffer(text), true, `${dialect}: ${text}`);
  }
  t.end();
});

void t.test('builtins and options that only some shells have', (t) => {
  t.same(
    (['dash', 'bash', 'ash'] as const).map((shell) => lacksBuiltin(shell, 'source')),
    [true, false, false],
  );
  t.same(
    (['dash', 'bash', 'ash'] as const).map((shell) => lacksBuiltin(shell, 'declare')),
    [true, false, true],
  );
  t.same(
    (['dash', 'bash', 'ash'] as const).map((shell) => refusesBuiltin(shell, ['export', '-n', 'A'])),
    [true, false, false],
  );
  t.equal(refusesBuiltin('dash', ['set', '-eo', 'pipefail']), true);
  t.equal(refusesBuiltin('dash', ['set', '-eo', 'nounset']), false);
  t.equal(refusesBuiltin('dash', ['set', '--', '-h']), false, 'words, and no options');
  t.equal(refusesBuiltin('dash', ['export', undefined]), false, 'nobody knows');
  t.end();
});
