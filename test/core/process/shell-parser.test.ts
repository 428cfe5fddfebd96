import fc from '../../fast-check.ts';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { literalOf, type Command, type Script, type Word } from '../../../src/core/process/shell-syntax.ts';
import { runs } from '../../long-tests.ts';

/** The tree as a text: words with blanks between them, groups with their kind. */
function printed(text: string): string {
  const script = parseShell(text);
  return script.problem === undefined ? ofScript(script) : `! ${script.problem}`;
}

function ofScript({ lines }: Script): string {
  return lines.map(({ statements }) => statements.map((statement) => ofStatement(statement)).join('; ')).join(' / ');
}

function ofStatement({ first, rest, isBackground }: Script['lines'][number]['statements'][number]): string {
  const pipelines = [{ operator: '', pipeline: first }, ...rest].map(({ operator, pipeline }) => {
    const prefix = `${pipeline.isNegated ? '! ' : ''}${pipeline.isTimed ? 'time ' : ''}`;
    return `${operator === '' ? '' : ` ${operator} `}${prefix}${pipeline.commands.map(ofCommand).join(' | ')}`;
  });
  return `${pipelines.join('')}${isBackground ? ' &' : ''}`;
}

function ofCommand(command: Command): string {
  const redirections = command.redirections
    .map(({ operator, descriptor, target }) => ` ${descriptor ?? ''}${operator}${ofWord(target)}`)
    .join('');
  return ofBody(command) + redirections;
}

function ofBody(command: Command): string {
  switch (command.kind) {
    case 'simple': {
      const assignments = command.assignments.map(({ name, value }) => `${name}=${value === undefined ? '…' : ofWord(value)}`);
      return [...assignments, ...command.words.map(ofWord)].join(' ');
    }
    case 'if': {
      const branches = command.branches.map(({ condition, body }) => `${ofScript(condition)} ? ${ofScript(body)}`);
      return `if(${branches.join(' : ')}${command.otherwise === undefined ? '' : ` : ${ofScript(command.otherwise)}`})`;
    }
    case 'while':
    case 'until':
      return `${command.kind}(${ofScript(command.condition)} ? ${ofScript(command.body)})`;
    case 'for':
      return `for(${command.variable} in ${command.words?.map(ofWord).join(' ') ?? '$@'}: ${ofScript(command.body)})`;
    case 'case':
      return `case(${ofWord(command.subject)}: ${command.items.map(({ patterns, body }) => `${patterns.map(ofWord).join('|')}) ${ofScript(body)}`).join('; ')})`;
    case 'test':
      return `test(${command.text.trim()})`;
    case 'function':
      return `function ${command.name}(${ofCommand(command.body)})`;
    case 'coprocess':
      return `coprocess(${ofCommand(command.body)})`;
    default:
      return `${command.kind}(${ofScript(command.body)})`;
  }
}

function ofWord({ parts }: Word): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return part.text;
        case 'parameter':
          return `\${${part.name}${part.operator}${part.argument === undefined ? '' : ofWord(part.argument)}}`;
        case 'arithmetic':
          return `$((${part.text}))`;
        default:
          return `$(${ofScript(part.script)})`;
      }
    })
    .join('');
}

void t.test('statements, lists and pipes', (t) => {
  t.equal(printed('a; b && c || d | e & f\ng'), 'a; b && c || d | e &; f / g');
  t.equal(printed('a;b&&c||d|e&f'), 'a; b && c || d | e &; f');
  t.equal(printed('a &&\n\n b |\n c'), 'a && b | c');
  t.equal(printed('a |& b'), 'a | b');
  t.equal(printed('! a; time -p b; ! { c; }'), '! a; time b; ! group(c)');
  t.equal(printed('\n\n a \n # c\n b # d\n'), 'a / b');
  t.equal(printed(''), '');
  t.end();
});

void t.test('groups hold lists, whatever stands in them', (t) => {
  t.equal(printed('if a; then b; elif c; then d; else e; fi'), 'if(a ? b : c ? d : e)');
  t.equal(printed('while a\ndo\nb\nc\ndone > f &'), 'while(a ? b / c) >f &');
  t.equal(printed('until a; do b & done; c'), 'until(a ? b &); c');
  t.equal(printed('for i in 1 "2 3" $x; do a $i; done'), 'for(i in 1 2 3 ${x}: a ${i})');
  t.equal(printed('for i\ndo a; done'), 'for(i in $@: a)');
  t.equal(printed('for i do a; done'), 'for(i in $@: a)');
  t.equal(printed('for ((i=0;i<3;i++)); do a; done'), 'other loop(a)');
  t.equal(printed('case $1 in a|b) x;; (c) y;& *) z; esac; d'), 'case(${1}: a|b) x; c) y; *) z); d');
  t.equal(printed('case x in esac'), 'case(x: )');
  t.equal(printed('(a; b) 2>&1 | { c; }'), 'subshell(a; b) 2>&1 | group(c)');
  t.equal(printed('f() { a; }; function g { b; }; h () (c); f'), 'function f(group(a)); function g(group(b)); function h(subshell(c)); f');
  t.equal(printed('[[ -f x && $y =~ a(b|c) ]] && a; ((i++)); coproc a'), 'test(-f x && $y =~ a(b|c)) && a; test(i++); coprocess(a)');
  t.equal(printed('echo if then fi done'), 'echo if then fi done');
  t.equal(printed('((a); b)'), 'subshell(subshell(a); b)');
  t.end();
});

void t.test('words lose their quotes and keep what is expanded', (t) => {
  t.equal(printed(`echo 'a; b' "c && d" e\\ f '' x""`), 'echo a; b c && d e f  x');
  t.equal(printed(`echo 'it'"'"'s' "a \\"b\\" \\$c \\d"`), `echo it's a "b" $c \\d`);
  t.equal(printed('echo a#b "a\\\nb" a\\\nb'), 'echo a#b ab ab');
  t.equal(printed(`echo $'a\\'b\\n'`), "echo a'b\n");
  t.equal(printed('echo $a ${b} ${c:-$(d)} "${e##*/}" $1 $@ $ $$ ${#f}'), 'echo ${a} ${b} ${c:-$(d)} ${e##*/} ${1} ${@} $ ${$} ${#f}');
  t.equal(printed('a $(b "$(c ")")") `d \\`e\\`` $((1+(2))) <(f)'), 'a $(b $(c ))) $(d $(e)) $((1+(2))) $(f)');
  t.equal(printed('A=1 B="x y" C=(1 2) D[0]=z E+=f a G=h'), 'A=1 B=x y C=… D=… E=… a G=h');
  t.end();
});

void t.test('redirections are no words; here-documents are skipped', (t) => {
  t.equal(printed('a >b 2>&1 <c >>"d e" 2>|f {g}>h <<<i'), 'a >b 2>&1 <c >>d e 2>|f {g}>h <<<i');
  t.equal(printed('a 5>b c5>d'), 'a c5 5>b >d');
  t.equal(printed('a &>b c'), 'a c &>b');
  t.equal(printed('cat <<X | b\nif (\nX\nc'), 'cat <<X | b / c');
  t.equal(printed("cat <<-'X' <<Y; b\n\tx\n\tX\ny\nY\nc"), 'cat <<-X <<Y; b / c');
  t.equal(printed('a=$(cat <<X\n)\nX\n)\nb'), 'a=$(cat <<X) / b');
  t.end();
});

void t.test('in POSIX sh, &> is the end of a command and a redirection', (t) => {
  const { lines } = parseShell('a &>b', 'posix');
  t.equal(ofScript({ lines, afterLast: 'nothing' }), 'a &;  >b');
  t.end();
});

void t.test('what follows the last command is told', (t) => {
  for (const text of ['a', ' a ', 'a;', 'a # b']) t.equal(parseShell(text).afterLast, 'nothing', text);
  for (const text of ['a\n', 'b\na\n']) t.equal(parseShell(text).afterLast, 'line break', text);
  for (const text of ['a\n\n', 'a\n ', 'a\n# b', 'a\n# b\n']) t.equal(parseShell(text).afterLast, 'more', text);
  t.end();
});

void t.test('a text without quotes and expansions has a literal', (t) => {
  const wordOf = (text: string): Word => {
    const command = parseShell(text).lines[0]?.statements[0]?.first.commands[0];
    return command?.kind === 'simple' ? (command.words[0] ?? { parts: [] }) : { parts: [] };
  };
  t.equal(literalOf(wordOf(`a'b'"c"`)), 'abc');
  t.equal(literalOf(wordOf('a$b')), undefined);
  t.end();
});

const BROKEN = [
  'if a; then b',
  'a | | b',
  '( a',
  'a & ; b',
  'a && ; b',
  'a; fi',
  'case x in a) b',
  '"abc',
  "'abc",
  '$(a',
  '`a',
  'a &&',
  'for do done',
  '{ a',
  'a;;b',
  ') a',
  'a (b)',
  'a >',
  '${a',
  'while a; do done',
  'f() ',
  '$((1',
  'function',
  '[[ a',
];

void t.test('what no shell reads is a problem, said in words', (t) => {
  for (const text of BROKEN) t.match(parseShell(text).problem, /\w+ \w+/, text);
  t.end();
});

void t.test('nesting beyond reason is a problem of the script and none of the stack', (t) => {
  const depth = 100_000;
  for (const open of ['(', '{ ', '$(', '"$(', '${a:-', 'if ', 'while ', '`', '((', '$((', 'a[', '<(', 'case x in x) ', 'f() ', '! '])
    t.doesNotThrow(() => parseShell(open.repeat(depth)), open);
  t.match(parseShell('( '.repeat(depth) + 'a' + ')'.repeat(depth)).problem, /nested too deeply|missing/);
  t.end();
});

const PIECES = [
  ...[
    'a',
    'b c',
    "'x'",
    '"y $z"',
    '$(',
    ')',
    '(',
    '{ ',
    '}',
    ';',
    '&',
    '&&',
    '||',
    '|',
    '\n',
    ' ',
    '>',
    '<<X\n',
    'X\n',
    '`',
    '\\',
    '#',
    '$((',
    '))',
    '${',
    '}',
  ],
  ...[
    'if ',
    'then ',
    'else ',
    'fi',
    'while ',
    'do ',
    'done',
    'for i in ',
    'case x in ',
    'esac',
    ';;',
    'f() ',
    '[[ ',
    ' ]]',
    'A=',
    '=(',
    '🙂',
    '\u0000',
  ],
];

void t.test('no text makes it throw, and none is read for longer than it is', (t) => {
  const scripts = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(scripts, (text) => {
      const { lines } = parseShell(text);
      assert.ok(lines.length <= text.length + 1);
    }),
    { numRuns: runs(5000) },
  );
  t.end();
});

/** Whether bash itself reads it. */
function isReadByBash(text: string): boolean {
  return spawnSync('bash', ['-n', '-c', text]).status === 0;
}

void t.test('bash reads the same scripts', { skip: spawnSync('bash', ['-c', ':']).status === 0 ? false : 'there is no bash' }, (t) => {
  const pieces = PIECES.filter((piece) => !['\u0000', 'f() ', '<<X\n', '[[ ', ' ]]', '=(', 'A=', '${', '$((', '))'].includes(piece));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      // What is too deep for us, and what bash says only as it runs, cannot be compared: it reads what backquotes hold when it gets there.
      if (parseShell(text).problem === undefined) assert.ok(isReadByBash(text), `only we read ${JSON.stringify(text)}`);
      else if (!text.includes('`')) assert.ok(!isReadByBash(text), `bash reads ${JSON.stringify(text)}: ${parseShell(text).problem}`);
    }),
    { numRuns: runs(1500) },
  );
  t.end();
});
