/** Programs that wait for something else until it is there, without a deadline unless they are given one. */
import { programName, type Argv } from './argv.ts';
import { afterLauncher, LAUNCHERS } from './launchers.ts';

/**
 * `wait-on tcp:db:5432` (npm wait-on, README: the timeout is Infinity by default), also by `npx`, and `wait-for-it.sh -t 0 db:5432`
 * with nothing to start behind it.
 */
export function waitsWithoutEnd(argv: Argv): boolean {
  const command = behindNpx(argv);
  const name = programName(command[0] ?? '');
  if (name === 'wait-on') return !command.some((word) => word === undefined || /^(?:-[a-zA-Z]*t|--timeout)/.test(word));
  const launcher = LAUNCHERS.get(name);
  return launcher?.isEndless?.(command.slice(1)) === true && afterLauncher(command, launcher).length === 0;
}

function behindNpx(argv: Argv): Argv {
  if (programName(argv[0] ?? '') !== 'npx') return argv;
  const own = argv.slice(1).findIndex((word) => word?.startsWith('-') !== true);
  return own < 0 ? [] : argv.slice(own + 1);
}
