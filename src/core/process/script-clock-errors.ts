/** What `set -e` makes of commands while the time of a script is added up. */
import { programName } from './argv.ts';
import { failureOf } from './script-clock-redirections.ts';
import { join, NO_WAY, type Ways } from './script-ways.ts';
import { literalOf, type Command, type Word } from './shell-syntax.ts';

/** Whether `set -e` looks at a command: of one that holds others, it has looked at those. */
export function isChecked({ kind }: Command): boolean {
  return kind === 'simple' || kind === 'subshell' || kind === 'test';
}

/**
 * Commands of which nobody expects that they fail. `env` and `time` fail with the program behind them, many an image has no `usleep` or
 * `logger`, and `touch` fails in a folder that is read-only.
 */
const SUCCEEDS: ReadonlySet<string> = new Set(
  ': true echo printf sleep date export local readonly declare set trap umask shift sync eval exec'.split(' '),
);

/** Whether nobody expects that a command fails, as far as its words tell; whether an image has a program or a folder, nobody knows. */
function isSure([word, ...others]: readonly Word[]): boolean {
  const name = word && literalOf(word);
  if (name === undefined) return false;
  const has = (option: RegExp): boolean => others.some((each) => option.test(literalOf(each) ?? ''));
  if (name === 'rm') return has(/^-[a-zA-Z]*f/);
  if (name === 'mkdir') return has(/^-[a-zA-Z]*p/);
  if (name === 'cd') return others.every((each) => /^\/(?:$|tmp\/?$)/.test(literalOf(each) ?? ''));
  return SUCCEEDS.has(programName(name));
}

/** What becomes of a command that failed, or may have, after `set -e`. */
export function withEndOnError(ways: Ways, command: Command): Ways {
  const { on: now } = ways;
  if (now === undefined || now.exitsOnError === false || now.succeeded === true) return ways;
  const ended = { ...now, succeeded: false };
  if (now.succeeded === false && now.exitsOnError === true) return join({ ...ways, on: undefined }, { ...NO_WAY, ended });
  const words = command.kind === 'simple' ? command.words : [];
  const isCalled = words[0] !== undefined && now.functions.has(literalOf(words[0]) ?? '');
  const isExpected = isSure(words) && !isCalled && failureOf(command) === undefined;
  if (now.succeeded === undefined && isExpected) return ways;
  return join(ways, { ...NO_WAY, ended });
}
