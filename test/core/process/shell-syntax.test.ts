import t from 'tap';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { literalOf, type Word } from '../../../src/core/process/shell-syntax.ts';

void t.test('a text without quotes and expansions has a literal', (t) => {
  const wordOf = (text: string): Word => {
    const command = parseShell(text).lines[0]?.statements[0]?.first.commands[0];
    return command?.kind === 'simple' ? (command.words[0] ?? { parts: [] }) : { parts: [] };
  };
  t.equal(literalOf(wordOf(`a'b'"c"`)), 'abc');
  t.equal(literalOf(wordOf('a$b')), undefined);
  t.end();
});
