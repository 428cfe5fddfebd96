/** How the command of a container is spelled, so that the stop signal comes to the application. */
import { BUILTINS } from './exec-form.ts';
import { withoutBusybox } from './argv.ts';
import { isShort } from './program-length.ts';
import { parseShell } from './shell-parser.ts';
import { literalOf, onlyCommandOf } from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';
import { MAX_SCRIPT_LENGTH } from './step-budget.ts';

/**
 * With `exec`, what the script of a shell ends with becomes PID 1 in its place: `["sh", "-c", "cd /srv && exec app --flag"]`.
 *
 * @returns the words as they are where there is no script, or where its last command is not there to stay
 */
export function asEntrypoint(argv: readonly string[]): readonly string[] {
  if (!isShell(argv)) return argv;
  const { script, parameters } = readShellStart(withoutBusybox(argv).slice(1));
  if (script === undefined || parameters.length > 0 || script.length > MAX_SCRIPT_LENGTH) return argv;
  const at = startOfLast(script);
  const last = onlyCommandOf(parseShell(script.slice(at)));
  const words = last?.words.map(literalOf) ?? [];
  const program = words[0];
  // `exec A=b app` would look for a program of that name.
  if (last === undefined || last.assignments.length > 0 || program === undefined) return argv;
  if (BUILTINS.has(program) || isShort(words)) return argv;
  const replaced = `${script.slice(0, at)}exec ${script.slice(at)}`;
  return parseShell(replaced).problem === undefined ? [...argv.slice(0, -1), replaced] : argv;
}

/** Where the last command of a list begins; where an operator stands in quotes, what follows it is none that can be read. */
function startOfLast(script: string): number {
  let start = 0;
  for (const { index, 0: operator } of script.matchAll(/(?:&&|\|\||;|\n)\s*/g)) {
    const at = index + operator.length;
    if (parseShell(script.slice(0, index)).problem === undefined) start = at;
  }
  return start;
}
