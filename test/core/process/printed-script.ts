import { parseShell } from '../../../src/core/process/shell-parser.ts';
import type { Command, Script, ShellDialect, Word } from '../../../src/core/process/shell-syntax.ts';

/** The tree as a text: words with blanks between them, groups with their kind. */
export function printed(text: string, dialect?: ShellDialect): string {
  const script = parseShell(text, dialect);
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
