import t from 'tap';
import { hasTail, isTailCommand, isTailScript, isTailStatement } from '../../../src/core/process/script-tail.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import type { Command, Statement } from '../../../src/core/process/shell-syntax.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';

const FLAVOURS: readonly ShellFlavour[] = ['dash', 'bash', 'old bash', 'ash'];

function statementsOf(text: string): readonly Statement[] {
  return parseShell(text).lines[0]?.statements ?? [];
}

function commandOf(text: string): Command {
  const command = statementsOf(text)[0]?.first.commands[0];
  if (command === undefined) throw new Error(`${text} is no command`);
  return command;
}

/** The shells that may become the last statement of a line. */
function becoming(text: string): ShellFlavour[] {
  const statements = statementsOf(text);
  return FLAVOURS.filter((flavour) => isTailStatement(statements, statements.length - 1, flavour));
}

void t.test('a script is over where nothing is left to read', (t) => {
  for (const flavour of FLAVOURS) {
    t.ok(isTailScript(parseShell('a'), flavour), flavour);
    t.equal(isTailScript(parseShell('a\n'), flavour), flavour !== 'ash', `${flavour}, with a line break`);
    t.notOk(isTailScript(parseShell('a\n# b'), flavour), `${flavour}, with a comment`);
  }
  t.end();
});

void t.test('the last statement of a line', (t) => {
  t.same(becoming('a'), ['bash', 'old bash', 'ash']);
  t.same(becoming('a; b'), ['bash', 'ash']);
  t.same(becoming('a & b'), ['ash']);
  t.same(becoming('a; b && c'), ['ash']);
  t.end();
});

void t.test('only ash becomes what is redirected or stands in a group', (t) => {
  for (const flavour of FLAVOURS) {
    const simple = commandOf('a >b');
    t.equal(simple.kind === 'simple' && isTailCommand(simple, flavour), flavour === 'ash', flavour);
    t.equal(hasTail(commandOf('{ a; }'), flavour), flavour === 'ash', flavour);
    t.equal(hasTail(commandOf('(a) >b'), flavour), flavour === 'ash', flavour);
    t.notOk(hasTail(commandOf('{ a; } >b'), flavour), flavour);
  }
  t.end();
});
