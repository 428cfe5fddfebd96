/**
 * The tree of a shell script: what `shell-parser.ts` makes of the text, POSIX sh and what bash adds to it.
 *
 * It says what is written, not what it does: words are not expanded and no builtin is known here.
 */

/**
 * Whose grammar it is: `bash` has all that is known here; busybox `ash` has no `coproc`, no `select`, no `|&`, no `((`, no lists in
 * parentheses, no parentheses in `[[`, no `<<<` and no `&>>`, and ends each branch of a `case` by `;;`; `posix` (dash) has neither
 * those nor `function`, `[[`, `<(` and `&>`, which is `&` and `>` there.
 */
export type ShellDialect = 'bash' | 'ash' | 'posix';

/** A script, the body of a group, or what stands in `$(…)`. */
export interface Script {
  readonly lines: readonly Line[];
  /** What follows the last command; shells differ in whether they still take it for the last one then. */
  readonly afterLast: 'nothing' | 'line break' | 'more';
  /** Why the text could not be read to its end; what was read before it is in `lines`. */
  readonly problem?: string;
  /** The shell reads and runs `lines`, and ends at what comes after them: an error of the syntax. */
  readonly isRefused?: true;
}

/** The commands that a shell reads and runs before it reads on: everything up to a line break that ends a command. */
export interface Line {
  readonly statements: readonly Statement[];
}

/** A list of `&&` and `||`, with what ends it. */
export interface Statement {
  readonly first: Pipeline;
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly pipeline: Pipeline }[];
  /** It ends with `&`: the shell does not wait for it. */
  readonly isBackground: boolean;
}

export interface Pipeline {
  readonly commands: readonly Command[];
  /** `!` stands before it. */
  readonly isNegated: boolean;
  /** `time` stands before it, which bash knows as a word of the grammar. */
  readonly isTimed: boolean;
  /** `time -p` */
  readonly hasTimeOption?: true;
}

export type Command = SimpleCommand | CompoundCommand | FunctionDefinition;

export interface SimpleCommand {
  readonly kind: 'simple';
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
}

export interface Assignment {
  readonly name: string;
  /** undefined for a list, an element, `a[1]=x`, and what is appended, `a+=x`. */
  readonly value: Word | undefined;
  /** `a=(1 2)` */
  readonly list?: readonly Word[];
  /** `a+=(1 2)` */
  readonly appends?: true;
}

export interface Redirection {
  /** `>`, `>>`, `<`, `<<`, `2>&1` is `>&`, … */
  readonly operator: string;
  /** The file descriptor that is named before the operator. */
  readonly descriptor: string | undefined;
  /** The target, or the word that ends a here-document. */
  readonly target: Word;
}

export type CompoundCommand =
  | Group
  | (WithRedirections & { readonly kind: 'if'; readonly branches: readonly IfBranch[]; readonly otherwise: Script | undefined })
  | Loop
  | ForLoop
  | CaseCommand
  /** `((i++))`, and bash's `[[ … ]]`: tests and sums, which run no command of their own. */
  | (WithRedirections & { readonly kind: 'test'; readonly text: string; readonly isSum: boolean })
  /** `for ((…))`, with the text of its header, and `select`. */
  | OtherLoop
  /** `coproc`: runs beside the script. */
  | (WithRedirections & { readonly kind: 'coprocess'; readonly body: Command });

interface WithRedirections {
  readonly redirections: readonly Redirection[];
}
/** `{ …; }` and `( … )`. */
export interface Group extends WithRedirections {
  readonly kind: 'group' | 'subshell';
  readonly body: Script;
}
export interface IfBranch {
  readonly condition: Script;
  readonly body: Script;
}
export interface Loop extends WithRedirections {
  readonly kind: 'while' | 'until';
  readonly condition: Script;
  readonly body: Script;
}
export interface ForLoop extends WithRedirections {
  readonly kind: 'for';
  readonly variable: string;
  /** undefined for `for i; do`, which goes over the arguments. */
  readonly words: readonly Word[] | undefined;
  readonly body: Script;
}
export interface OtherLoop extends WithRedirections {
  readonly kind: 'other loop';
  /** `i = 0; i < 10; i++`; undefined for `select`. */
  readonly header: string | undefined;
  readonly body: Script;
}
export interface CaseCommand extends WithRedirections {
  readonly kind: 'case';
  readonly subject: Word;
  readonly items: readonly { readonly patterns: readonly Word[]; readonly body: Script }[];
}
export interface FunctionDefinition extends WithRedirections {
  readonly kind: 'function';
  readonly name: string;
  readonly body: Command;
}

export interface Word {
  readonly parts: readonly WordPart[];
}

export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  /** `$name`, `${name}`, `$1`, `$@`; `operator` and `argument` for `${name:-word}`. */
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly operator: string;
      readonly argument: Word | undefined;
      readonly isQuoted: boolean;
    }
  | { readonly kind: 'substitution'; readonly script: Script; readonly isQuoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: string; readonly isQuoted: boolean }
  /** `<(…)` and `>(…)` */
  | { readonly kind: 'process'; readonly script: Script; readonly isQuoted: false };

/** The text of a word that nothing is expanded in; undefined where something is. Quotes are gone. */
export function literalOf(word: Word): string | undefined {
  let text = '';
  for (const part of word.parts) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}

/** The simple command that is all of a script, or of what stands in `$(…)`; undefined where there is more, or another. */
export function onlyCommandOf({ lines }: Script): SimpleCommand | undefined {
  const statements = lines.length === 1 ? lines[0]?.statements : undefined;
  const statement = statements?.length === 1 ? statements[0] : undefined;
  if (statement === undefined || statement.rest.length > 0 || statement.isBackground) return undefined;
  const { commands, isNegated } = statement.first;
  const command = commands.length === 1 && !isNegated ? commands[0] : undefined;
  return command?.kind === 'simple' ? command : undefined;
}

/** The words of a command that are expanded: values of assignments, the command and its arguments. */
export function expandedIn({ assignments, words }: SimpleCommand): readonly Word[] {
  return assignments.length === 0 ? words : [...assignments.flatMap(({ value, list }) => list ?? value ?? []), ...words];
}

/** The scripts that stand in a command. */
export function bodiesOf(command: Command): readonly Script[] {
  switch (command.kind) {
    case 'group':
    case 'subshell':
    case 'for':
    case 'other loop':
      return [command.body];
    case 'while':
    case 'until':
      return [command.condition, command.body];
    case 'if':
      return [...command.branches.flatMap(({ condition, body }) => [condition, body]), ...(command.otherwise ? [command.otherwise] : [])];
    case 'case':
      return command.items.map(({ body }) => body);
    default:
      return [];
  }
}
