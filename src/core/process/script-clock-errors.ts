/** What `set -e` makes of commands while the time of a script is added up. */
import { failureOf } from './script-clock-redirections.ts';
import { join, NO_WAY, type Ways } from './script-ways.ts';
import { literalOf, type Command } from './shell-syntax.ts';

/** Whether `set -e` looks at a command: of one that holds others, it has looked at those. */
export function isChecked({ kind }: Command): boolean {
  return kind === 'simple' || kind === 'subshell' || kind === 'test';
}

/** Commands that are there to fail at times. */
const MAY_FAIL: ReadonlySet<string> = new Set(
  'false test [ expr let grep egrep fgrep pgrep pidof kill pkill killall which command type hash wait cmp diff'.split(' '),
);

/** What becomes of a command that failed, or may have, after `set -e`; of most that are not known to fail, nobody expects it. */
export function withEndOnError(ways: Ways, command: Command): Ways {
  const { on: now } = ways;
  if (now === undefined || now.exitsOnError === false || now.succeeded === true) return ways;
  const ended = { ...now, succeeded: false };
  if (now.succeeded === false && now.exitsOnError === true) return join({ ...ways, on: undefined }, { ...NO_WAY, ended });
  const word = command.kind === 'simple' ? command.words[0] : undefined;
  const name = word === undefined ? undefined : literalOf(word);
  const isExpected = name !== undefined && !MAY_FAIL.has(name) && !now.functions.has(name) && failureOf(command) === undefined;
  if (now.succeeded === undefined && isExpected) return ways;
  return join(ways, { ...NO_WAY, ended });
}
