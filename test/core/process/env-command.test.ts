/** The words of env(1). */
import t from 'tap';
import { heldBackBy, splitOf } from '../../../src/core/process/env-command.ts';

void t.test('one word holds several', (t) => {
  t.strictSame(splitOf(['env', '-S', 'app --flag']), ['env', 'app', '--flag']);
  t.strictSame(splitOf(['env', "-Ssh -c 'a b'", 'x']), ['env', 'sh', '-c', 'a b', 'x']);
  t.strictSame(splitOf(['env', '-S', '${APP} x']), ['env', undefined], 'a variable is not known');
  t.equal(splitOf(['env', 'app']), undefined);
  t.end();
});

void t.test('it takes a word apart as coreutils does', (t) => {
  const words = (text: string): unknown => splitOf(['env', '-S', text])?.slice(1);
  const split = {
    'a\\_b': ['a', 'b'],
    '"a\\_b"': ['a b'],
    "'a\\_b'": ['a\\_b'],
    "'a\\'b'": ["a'b"],
    '"a\'b"c': ["a'bc"],
    'a\\ b': [undefined],
    'a\\tb "" c': ['a\tb', '', 'c'],
    'a #b c': ['a'],
    'a#b': ['a#b'],
    'a\\cb c': ['a'],
    '"a\\c"': [undefined],
    "'$A'": ['$A'],
    $A: [undefined],
    '"a': [undefined],
    'a\\': [undefined],
    '': [],
  };
  for (const [text, expected] of Object.entries(split)) t.strictSame(words(text), expected, text);
  t.strictSame(words('\\_'.repeat(40_000)), [undefined], 'longer than a script that is read');
  t.end();
});

void t.test('signals are blocked or ignored for what it starts', (t) => {
  t.equal(heldBackBy(['--block-signal'], 'TERM'), 'blocked', 'without a list, all are');
  t.equal(heldBackBy(['--block-signal=INT,SIGTERM'], 'TERM'), 'blocked');
  t.equal(heldBackBy(['--block-signal=INT'], 'TERM'), undefined);
  t.equal(heldBackBy(['--ignore-signal=15'], 'TERM'), 'ignored');
  t.equal(heldBackBy(['--ignore-signal', '--default-signal=TERM'], 'TERM'), 'default', 'the last word counts');
  t.end();
});
