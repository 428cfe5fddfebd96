import t from 'tap';
import { isChecked, withEndOnError } from '../../../src/core/process/script-clock-errors.ts';
import { NO_WAY, on, START, type Ways } from '../../../src/core/process/script-ways.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import type { Command } from '../../../src/core/process/shell-syntax.ts';

function command(text: string): Command {
  const found = parseShell(text).lines[0]?.statements[0]?.first.commands[0];
  if (found === undefined) throw new Error(`${text} is no command`);
  return found;
}

/** `on`, `ended` or both: where it goes after a command that succeeded, failed, or of which nobody knows. */
function after(text: string, succeeded: boolean | undefined, exitsOnError: boolean | undefined, functions = START.functions): string {
  const ways: Ways = withEndOnError(on({ ...START, succeeded, exitsOnError, functions }), command(text));
  return [ways.on && 'on', ways.ended && 'ended'].filter((way) => way !== undefined).join(' ');
}

void t.test('of what holds commands, `set -e` has looked at those', (t) => {
  for (const text of ['app', '(app)', '[[ a = b ]]']) t.ok(isChecked(command(text)), text);
  for (const text of ['{ app; }', 'if a; then b; fi', 'while a; do b; done']) t.notOk(isChecked(command(text)), text);
  t.end();
});

void t.test('what fails ends the script, and what an image may lack may fail', (t) => {
  t.equal(after('false', false, true), 'ended');
  t.equal(after('true', true, true), 'on');
  for (const text of ['sleep 5', 'rm -rf /x', 'mkdir -p /x', 'cd /tmp', '/bin/echo x']) t.equal(after(text, undefined, true), 'on', text);
  for (const text of ['app', '$APP x', 'cd /app', 'rm /x', 'mkdir /x']) t.equal(after(text, undefined, true), 'on ended', text);
  for (const text of ['env cp a b', 'env A=b cp a b', 'time cp a b', 'usleep 5', 'logger x', 'touch /x'])
    t.equal(after(text, undefined, true), 'on ended', text);
  t.equal(after('grep x f', undefined, true), 'on ended', 'what is there to fail at times may');
  t.equal(after('(app)', undefined, true), 'on ended');
  t.equal(after('app', undefined, true, new Map([['app', command('{ x; }')]])), 'on ended', 'a function may');
  t.end();
});

void t.test('without `set -e` nothing ends it, and where nobody knows it may', (t) => {
  t.equal(after('false', false, false), 'on');
  t.equal(after('false', false, undefined), 'on ended');
  t.equal(withEndOnError(NO_WAY, command('false')), NO_WAY);
  t.end();
});
