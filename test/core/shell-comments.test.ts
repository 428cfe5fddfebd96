import t from 'tap';
import { withoutComments } from '../../src/core/shell-comments.ts';

void t.test('a comment goes to the end of its line, and begins where a word does', (t) => {
  const scripts: readonly [string, string][] = [
    ['run a', 'run a'],
    ['# was -Xmx4g\nrun -Xmx1g', '\nrun -Xmx1g'],
    ['run a # was b', 'run a '],
    ['run a;# was b\nrun c', 'run a;\nrun c'],
    ['run a#b ${x#y} $#', 'run a#b ${x#y} $#'],
    [`run "a # b" 'c # d' \\# e`, `run "a # b" 'c # d' \\# e`],
    [`run "\\" # a" # b`, `run "\\" # a" `],
    [`# don't\nrun '# a'`, `\nrun '# a'`],
    ['#', ''],
  ];
  for (const [script, kept] of scripts) t.equal(withoutComments(script), kept, script);
  t.end();
});
