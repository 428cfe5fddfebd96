/** How the command of a container is spelled, so that the stop signal comes to the application. */
import { withoutBusybox } from './argv.ts';
import { isShort } from './program-length.ts';
import { parseShell } from './shell-parser.ts';
import { BUILTINS } from './shell-spelling.ts';
import { literalOf, onlyCommandOf } from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';

/** A message shows less of it. A longer script is as its author wrote it. */
const LONGEST_SPELLED = 500;

/** So many operators after the last command may stand in quotes: `psql -c 'select 1; select 2'`. */
const MOST_OPERATORS_IN_QUOTES = 4;

/**
 * With `exec`, what the script of a shell ends with becomes PID 1 in its place: `["sh", "-c", "cd /srv && exec app --flag"]`.
 *
 * @param read told of each text before it is read
 * @returns the words as they are where there is no script, or where its last command is not there to stay
 */
export function asEntrypoint(argv: readonly string[], read: (text: string) => string): readonly string[] {
  if (!isShell(argv)) return argv;
  const { script, parameters } = readShellStart(withoutBusybox(argv).slice(1));
  if (script === undefined || parameters.length > 0 || script.length > LONGEST_SPELLED) return argv;
  const at = startOfLast(script, read);
  if (at === undefined) return argv;
  const last = onlyCommandOf(parseShell(read(script.slice(at))));
  const words = last?.words.map(literalOf) ?? [];
  const program = words[0];
  // `exec A=b app` would look for a program of that name.
  if (last === undefined || last.assignments.length > 0 || program === undefined) return argv;
  if (BUILTINS.has(program) || isShort(words)) return argv;
  const replaced = `${script.slice(0, at)}exec ${script.slice(at)}`;
  return parseShell(read(replaced)).problem === undefined ? [...argv.slice(0, -1), replaced] : argv;
}

/**
 * Where the last command of a list begins: after the last operator before which a whole script stands. What stands before an operator in
 * quotes is none.
 *
 * @returns undefined where too many operators stand in quotes
 */
function startOfLast(script: string, read: (text: string) => string): number | undefined {
  const operators = [...script.matchAll(/(?:&&|\|\||;|\n)\s*/g)].reverse();
  for (const [tried, { index, 0: operator }] of operators.entries()) {
    if (tried > MOST_OPERATORS_IN_QUOTES) return undefined;
    if (parseShell(read(script.slice(0, index))).problem === undefined) return index + operator.length;
  }
  return 0;
}
