import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import { isShell, programName, readShellScript, shellScriptOf, type ShellOperator } from '../../src/core/shell.ts';
import { runs } from '../long-tests.ts';

void t.test('a program is named without its folder', (t) => {
  t.equal(programName('/usr/bin/sleep'), 'sleep');
  t.equal(programName('sleep'), 'sleep');
  t.equal(programName('./run.sh'), 'run.sh');
  t.equal(programName('/bin/'), '');
  t.end();
});

const SCRIPTS_OF: readonly (readonly [argv: readonly string[], script: string | undefined])[] = [
  [['sh', '-c', 'a; b'], 'a; b'],
  [['/bin/sh', '-ec', 'a; b'], 'a; b'],
  [['/usr/local/bin/bash', '-c', 'a', 'name', 'argument'], 'a'],
  [['bash', '-o', 'pipefail', '-c', 'a'], 'a'],
  [['bash', '-euxo', 'pipefail', '-c', 'a'], 'a'],
  [['bash', '-oc', 'pipefail', 'a'], 'a'],
  [['bash', '-O', 'extglob', '+O', 'nullglob', '-c', 'a'], 'a'],
  [['bash', '--login', '--norc', '-c', 'a'], 'a'],
  [['bash', '--rcfile', '/etc/rc', '-c', 'a'], 'a'],
  [['sh', '-c', '-e', 'a'], 'a'],
  [['sh', '-c', '--', 'a'], 'a'],
  [['sh', '-c', ''], ''],
  [['busybox', 'sh', '-c', 'a'], 'a'],
  [['/bin/busybox', 'ash', '-c', 'a'], 'a'],
  // A file, the standard input, an interactive shell, no script at all.
  [['sh', '/run.sh', '-c', 'a'], undefined],
  [['sh', '--', '/run.sh'], undefined],
  [['sh', '-'], undefined],
  [['sh', '-s'], undefined],
  [['sh', '-e', '/run.sh'], undefined],
  [['sh', '+c', 'a'], undefined],
  [['sh'], undefined],
  [['sh', '-c'], undefined],
  [['busybox', 'sleep', '5'], undefined],
  [['busybox'], undefined],
  [['nginx', '-c', '/etc/nginx.conf'], undefined],
  [['fish', '-c', 'a'], undefined],
  [[], undefined],
];

void t.test('the script of a shell is the first word after the options, if -c is one of them', (t) => {
  for (const [argv, script] of SCRIPTS_OF) t.equal(shellScriptOf(argv), script, argv.join(' '));
  t.end();
});

void t.test('a shell is told from other programs by its name', (t) => {
  t.equal(isShell(['/bin/bash']), true);
  t.equal(isShell(['busybox', 'sh']), true);
  t.equal(isShell(['busybox', 'sleep']), false);
  t.equal(isShell(['shell']), false);
  t.equal(isShell([]), false);
  t.end();
});

function wordsOf(script: string): (readonly string[])[] {
  return readShellScript(script).commands.map(({ words }) => words);
}

/** Words of each command, a slash between commands. */
function printed(script: string): string {
  return wordsOf(script)
    .map((words) => words.join(' '))
    .join(' / ');
}

void t.test('commands end at operators and line breaks', (t) => {
  const operatorsOf = (script: string): ShellOperator[] => readShellScript(script).commands.map(({ operator }) => operator);
  t.same(operatorsOf('a; b && c || d | e & f\ng'), [';', '&&', '||', '|', '&', ';', '']);
  t.equal(printed('a;b&&c||d|e&f\ng'), 'a / b / c / d / e / f / g');
  t.equal(printed('a;;b ; \n ; c'), 'a / b / c');
  t.same(operatorsOf('a |& b'), ['|', '']);
  t.same(operatorsOf(''), []);
  t.same(operatorsOf('&& ; | &'), []);
  t.end();
});

void t.test('quotes hold words together and are removed', (t) => {
  t.same(wordsOf(`echo 'a; b' "c && d" e\\ f`), [['echo', 'a; b', 'c && d', 'e f']]);
  t.same(wordsOf(`echo 'it'"'"'s' "a \\"b\\" \\$c \\d"`), [['echo', "it's", 'a "b" $c \\d']]);
  t.same(wordsOf(`echo '' ""x`), [['echo', '', 'x']]);
  t.same(wordsOf(`echo '# no comment' a#b`), [['echo', '# no comment', 'a#b']]);
  t.same(wordsOf(`echo "a\\\nb"`), [['echo', 'ab']]);
  t.same(wordsOf(`'a\nb' c`), [['a\nb', 'c']]);
  t.end();
});

void t.test('a backslash joins lines and takes the meaning from the next character', (t) => {
  t.same(wordsOf('sleep \\\n 5'), [['sleep', '5']]);
  t.same(wordsOf('slee\\\np 5'), [['sleep', '5']]);
  t.same(wordsOf('echo \\; \\& \\| \\# \\> \\(x\\)'), [['echo', ';', '&', '|', '#', '>', '(x)']]);
  t.same(wordsOf('a\\'), [['a']]);
  t.end();
});

void t.test('a comment goes to the end of its line', (t) => {
  t.equal(printed('a # b; c\nd'), 'a / d');
  t.equal(printed('# only this'), '');
  t.equal(printed('a;#b\nc'), 'a / c');
  t.end();
});

void t.test('redirections are no words of a command', (t) => {
  for (const script of [
    'sleep 5 >/dev/null 2>&1',
    'sleep 5 > /dev/null 2> /dev/null',
    '2>&1 >/dev/null sleep 5',
    'sleep 5 >>log 2>>"a b"',
    'sleep 2>/dev/null 5',
    'sleep 5 </dev/null',
    'sleep 5 >|log',
    'sleep 5 2>&-',
    'sleep 5 <>f',
  ])
    t.same(wordsOf(script), [['sleep', '5']], script);
  t.same(wordsOf('sleep 5>log'), [['sleep']], 'digits that touch the operator are a file descriptor');
  t.same(wordsOf('a5>log b'), [['a5', 'b']]);
  t.same(wordsOf('a 2>&1 | b 2>&1&c'), [['a'], ['b'], ['c']]);
  t.same(wordsOf('a >'), [['a']]);
  t.equal(readShellScript('a >log 2>&1').complex, false);
  t.end();
});

void t.test('assignments and reserved words are not the command', (t) => {
  t.equal(printed('A=1 B="x y" sleep 5'), 'sleep 5');
  t.equal(printed('A=1; sleep 5'), 'sleep 5');
  t.equal(printed('if a; then b; elif c; then d; else e; fi'), 'a / b / c / d / e');
  t.equal(printed('! a; time b; { c; }; ( d )'), 'a / b / c / d');
  t.equal(printed('while a; do b; done; until c; do d; done'), 'a / b / c / d');
  t.equal(printed('(sleep 5)'), 'sleep 5');
  t.equal(printed('echo if then fi done'), 'echo if then fi done');
  t.equal(printed('for i in 1 2 3; do a $i; done'), 'a $i');
  t.end();
});

void t.test('while and until loop, other words that are spelled so do not', (t) => {
  for (const script of [
    'while true; do sleep 1; done',
    'until [ -f /x ]; do sleep 1; done',
    'a && while b; do c; done',
    'if a; then while b; do c; done; fi',
    '(while a; do b; done)',
    'while a\ndo\nb\ndone',
    'while read x; do y; done < f',
    'while a; do b',
  ])
    t.equal(readShellScript(script).loops, true, script);
  for (const script of ['echo while', "echo 'while true'", '# while true', 'for i in a b; do c; done', 'meanwhile a'])
    t.equal(readShellScript(script).loops, false, script);
  t.end();
});

void t.test('a loop in the background holds nobody up, unless the script waits', (t) => {
  t.equal(readShellScript('while a; do b; done & c').loops, false);
  t.equal(readShellScript('(while a; do b; done) & c').loops, false);
  t.equal(readShellScript('{ x; while a; do b; done; } >/dev/null 2>&1 & c').loops, false);
  t.equal(readShellScript('while a; do b; done & wait').loops, true);
  t.equal(readShellScript('while a; do b & done').loops, true);
  t.end();
});

void t.test('an & puts its list into the background, with the groups in it', (t) => {
  const backgroundOf = (script: string): string =>
    readShellScript(script)
      .commands.map(({ words, background }) => (background ? `${words[0] ?? ''}&` : words[0]))
      .join(' ');
  t.equal(backgroundOf('a & b'), 'a& b');
  t.equal(backgroundOf('a; b & c'), 'a b& c');
  t.equal(backgroundOf('a && b & c'), 'a& b& c');
  t.equal(backgroundOf('a | b & c'), 'a& b& c');
  t.equal(backgroundOf('a && b; c &'), 'a b c&');
  t.equal(backgroundOf('(a; b) & c'), 'a& b& c');
  t.equal(backgroundOf('x && { a; b; } & c'), 'x& a& b& c');
  t.equal(backgroundOf('(a & b); c'), 'a& b c');
  t.equal(backgroundOf('if a; then b & fi; c'), 'a b& c');
  t.equal(backgroundOf('if a; then b; fi & c'), 'a& b& c');
  t.equal(backgroundOf('(a &) ; b'), 'a& b');
  t.equal(backgroundOf('a 2>&1; b'), 'a b');
  t.equal(backgroundOf('((a; b) & c) & d'), 'a& b& c& d');
  t.end();
});

void t.test('a group gives its last command the operator that follows it', (t) => {
  t.equal(readShellScript('(a; b) &').commands.at(-1)?.operator, '&');
  t.equal(readShellScript('{ a; } || b').commands[0]?.operator, '||');
  t.equal(readShellScript('while a; do b; done | c').commands[1]?.operator, '|');
  t.end();
});

void t.test('a trap is one as a command only', (t) => {
  t.equal(readShellScript("trap 'kill 1' TERM; a & wait").traps, true);
  t.equal(readShellScript('if a; then trap b TERM; fi').traps, true);
  t.equal(readShellScript('echo trap').traps, false);
  t.equal(readShellScript('# trap a TERM').traps, false);
  t.end();
});

void t.test('what is not followed is called complex', (t) => {
  for (const script of [
    'a $(b)',
    'a "$(b)"',
    'a `b`',
    'a "`b`"',
    'f() { a; }; f',
    'f () { a; }; f',
    'x=(1 2)',
    'case $1 in a) b;; esac',
    'for i in 1 2; do a; done',
    'for ((;;)); do a; done',
    'cat <<END\na\nEND',
    'cat <<<a',
    'a <(b)',
    'eval a',
    '. ./env',
    'source env',
    "echo $'a'",
    "echo 'not closed",
    'echo "not closed',
    'a &>log',
    '(a',
    'a)',
    'if a; then b',
    '(a; b) | c',
    'a | { b; c; }',
  ])
    t.equal(readShellScript(script).complex, true, script);
  for (const script of [
    'a; b && c',
    "echo '$(a)'",
    'a "$b" ${c}',
    '(a; b) & c',
    'if a; then b; fi',
    'while a; do b; done',
    '(a) | b',
    '! (a)',
  ])
    t.equal(readShellScript(script).complex, false, script);
  t.end();
});

/** Pieces out of which scripts that mean something, and many that do not, are put together. */
const PIECES = [
  'a',
  'sleep 5',
  "'",
  '"',
  '\\',
  '#',
  '\n',
  ' ',
  ';',
  '&',
  '&&',
  '|',
  '||',
  '(',
  ')',
  '{ ',
  '}',
  '<',
  '>',
  '2>&1',
  '$(',
  '`',
];
const WORDS = [
  'if ',
  'then ',
  'fi',
  'while ',
  'do ',
  'done',
  'for i in ',
  'case x in ',
  'esac',
  'trap x',
  'exec ',
  'A=1 ',
  'wait',
  '\u0000',
  '🙂',
];

void t.test('no text makes the reader throw, and every word it gives is in a command that is not empty', (t) => {
  const scripts = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...PIECES, ...WORDS), { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(scripts, (script) => {
      const { commands } = readShellScript(script);
      assert.ok(commands.every(({ words }) => words.length > 0));
      // Every word costs at least a character of the script.
      assert.ok(commands.reduce((sum, { words }) => sum + words.length, 0) <= script.length);
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

void t.test('words between plain separators come back as they were', (t) => {
  const word = fc
    .stringMatching(/^[A-Za-z0-9_./:,@%-]{1,8}$/)
    .filter((text) => !/^(?:if|fi|do|for|then|else|elif|time|case|esac|done|while|until)$/.test(text));
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }), (commands) => {
      assert.deepEqual(wordsOf(commands.map((words) => words.join(' ')).join('; ')), commands);
      assert.deepEqual(wordsOf(commands.map((words) => words.map((text) => `'${text}'`).join('\t')).join('\n')), commands);
    }),
  );
  t.end();
});

void t.test('deep nesting and long words are read to the end', (t) => {
  const depth = 20_000;
  const nested = `${'('.repeat(depth)}a &${')&'.repeat(depth)} b`;
  const { commands } = readShellScript(nested);
  t.same(commands, [
    { words: ['a'], operator: '&', background: true },
    { words: ['b'], operator: '', background: false },
  ]);
  t.equal(readShellScript('>&a'.repeat(depth)).commands.length, 0);
  t.equal(wordsOf(`echo ${'x'.repeat(depth)}`)[0]?.[1]?.length, depth);
  t.end();
});
