/** Reserved words of shell scripts (POSIX XCU 2.4), and which shells know them. */
import type { ShellDialect } from './shell-syntax.ts';

/** Words of the grammar that end a list that stands before them, where a command could begin. */
export const CLOSERS: ReadonlySet<string> = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);

/** Words of the grammar that begin a command, and that only some shells know; to the others they are names of programs. */
const ONLY_IN_BASH: ReadonlySet<string> = new Set(['coproc', 'select']);
const NOT_IN_POSIX: ReadonlySet<string> = new Set(['function', '[[']);

/** Whether a shell takes a word, which others know as one of the grammar, for the name of a program. */
export function isProgramNameIn(dialect: ShellDialect, word: string): boolean {
  return (dialect !== 'bash' && ONLY_IN_BASH.has(word)) || (dialect === 'posix' && NOT_IN_POSIX.has(word));
}
