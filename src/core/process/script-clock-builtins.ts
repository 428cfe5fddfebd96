/** Builtins of a shell that run no other command: the ways that they take while the time of a script is added up. */
import { assignmentIn } from './arithmetic.ts';
import type { Argv } from './argv.ts';
import { isMomentary } from './program-length.ts';
import { mayEndAtUnsetIn, mayUnsetStart } from './script-clock-names.ts';
import { changed, tested } from './script-clock-words.ts';
import { join, NO_WAY, on, refused, type Clock, type Place, type Ways } from './script-ways.ts';
import { isProgramNameIn } from './shell-keywords.ts';
import { failsAtName, lacksBuiltin, refusesBuiltin } from './shell-differences.ts';
import { isSwitched, NO_VARIABLES, parametersOfSet, shifted, withDeclared } from './shell-values.ts';
import { dialectOf, type ShellFlavour } from './shells.ts';

/**
 * @param argv the builtin and its words; undefined where a value is not known
 * @param flavour undefined where nothing in the script is read by one shell and refused by another
 * @returns undefined for a program, and for what runs another command (`exec`, `eval`, `command`)
 */
export function waysOfBuiltin(argv: Argv, clock: Clock, place: Place, flavour: ShellFlavour | undefined): Ways | undefined {
  const [name = ''] = argv;
  if (flavour !== undefined) {
    if (lacksBuiltin(flavour, name) || isProgramNameIn(dialectOf(flavour), name)) return on({ ...clock, succeeded: false });
    if (refusesBuiltin(flavour, argv)) return refused(clock);
    if (failsAtName(flavour, argv)) return on({ ...clock, succeeded: false });
    // Outside a function, bash complains, and the others end.
    if (name === 'local' && place.calls === 0) return flavour.endsWith('bash') ? on({ ...clock, succeeded: false }) : refused(clock);
  }
  return waysOfFlow(argv, clock, place, flavour) ?? waysOfWaiting(argv, clock) ?? waysOfVariables(argv, clock);
}

/** What says where the script goes on, or whether something holds. */
function waysOfFlow([name, ...args]: Argv, clock: Clock, place: Place, flavour: ShellFlavour | undefined): Ways | undefined {
  switch (name) {
    case ':':
    case 'true':
      return on({ ...clock, succeeded: true });
    case 'false':
      return on({ ...clock, succeeded: false });
    case 'exit':
      return { ...NO_WAY, ended: { ...clock, succeeded: statusOf(args, clock) } };
    case 'return': {
      const returned = { ...clock, succeeded: statusOf(args, clock) };
      // Outside a function, bash complains and goes on; dash and ash end there.
      return { ...NO_WAY, returned, on: place.calls > 0 ? undefined : { ...clock, succeeded: false } };
    }
    case 'break':
    case 'continue':
      return left(name, args, clock, place);
    case '[':
    case 'test':
      return on({ ...clock, succeeded: tested(name === '[' ? args.slice(0, -1) : args, flavour) });
    default:
      return undefined;
  }
}

/** What waits, or leaves something to be done later or by another file. */
function waysOfWaiting([name, ...args]: Argv, clock: Clock): Ways | undefined {
  switch (name) {
    case '.':
    case 'source': {
      const after = { ...clock, isOpen: true, succeeded: undefined };
      // By its `exit`, or because it is not there.
      return { ...on(after), ended: after };
    }
    case 'trap': {
      const after = { ...clock, hasTraps: clock.hasTraps || args.length > 0, succeeded: true };
      // What an action does is not added up.
      return on(
        actsAtEnd(args)
          ? { ...after, isOpen: true, stop: clock.stop ?? { min: Math.max(0, clock.min), max: clock.max, isCertain: false } }
          : after,
      );
    }
    case 'wait':
      return on({
        ...clock,
        // `wait $PID` waits for one of them, `wait -n` for the first; dash knows no `-n`.
        min: Math.max(clock.min, args.length === 0 ? clock.jobsLeast : args.every(isNoJob) ? 0 : firstEndOf(clock)),
        max: Math.max(clock.max, clock.jobsEnd),
        isOpen: clock.isOpen || clock.areJobsOpen,
        succeeded: args.length === 0 ? true : undefined,
      });
    default:
      return undefined;
  }
}

/** `wait -n` of bash, and what is the number of no job: nobody knows one beforehand. */
function isNoJob(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith('%');
}

function firstEndOf({ firstJobEnd }: Clock): number {
  return Number.isFinite(firstJobEnd) ? firstJobEnd : 0;
}

/** What changes variables and parameters; undefined for other builtins. */
function waysOfVariables([name = '', ...args]: Argv, clock: Clock): Ways | undefined {
  return CHANGES.get(name)?.(args, clock);
}

type Change = (args: Argv, clock: Clock) => Ways | undefined;

const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['shift', waysOfShift],
  ['set', waysOfSet],
  ['let', waysOfLet],
  ['export', waysOfDeclaration],
  ['local', (args, clock) => on({ ...withoutOuter(args, clock), succeeded: true })],
  ['readonly', waysOfDeclaration],
  ['declare', waysOfDeclaration],
  ['typeset', waysOfDeclaration],
  [
    'unset',
    (args, clock) => on({ ...clock, variables: NO_VARIABLES, lacksStart: clock.lacksStart || mayUnsetStart(args), succeeded: true }),
  ],
  // Only `printf -v` of bash changes a variable; other uses count as a program.
  ['printf', (args, clock) => (args[0]?.startsWith('-v') === true ? waysOfReading(args, clock) : undefined)],
  ['getopts', waysOfReading],
  ['mapfile', waysOfReading],
  ['readarray', waysOfReading],
  ['read', (args, clock) => waysOfReading(args, { ...clock, isOpen: true })],
]);

function waysOfShift(args: Argv, clock: Clock): Ways {
  const parameters = clock.parameters && shifted(clock.parameters, args.length > 0 ? args[0] : '1');
  const after = on({ ...clock, parameters, succeeded: parameters === undefined ? undefined : true });
  // dash ends where there are not so many, and the others complain.
  return parameters === undefined ? join(after, refused(clock)) : after;
}

function waysOfSet(args: Argv, clock: Clock): Ways {
  // `set -n`: the rest is read and not run.
  if (isSwitched(args, 'n', 'noexec') === true) return { ...NO_WAY, ended: { ...clock, succeeded: true } };
  const words = parametersOfSet(args);
  const exitsOnError = isSwitched(args, 'e', 'errexit') ?? clock.exitsOnError;
  const parameters = words === undefined ? clock.parameters : [clock.parameters?.[0], ...words];
  const endsAtUnset = isSwitched(args, 'u', 'nounset') ?? clock.endsAtUnset;
  return on({ ...clock, parameters, exitsOnError, endsAtUnset, succeeded: true });
}

function waysOfLet(expressions: Argv, clock: Clock): Ways {
  const [expression] = expressions;
  if (clock.endsAtUnset && expressions.some((text) => text === undefined || mayEndAtUnsetIn({ text, isSum: true }, clock)))
    return join(on({ ...clock, variables: NO_VARIABLES, succeeded: undefined }), refused(clock));
  const change = expression === undefined ? undefined : assignmentIn(expression, (variable) => clock.variables.get(variable));
  return on(change === undefined ? { ...clock, variables: NO_VARIABLES, succeeded: undefined } : changed(clock, change));
}

function waysOfDeclaration(args: Argv, clock: Clock): Ways {
  return on({ ...clock, variables: withDeclared(clock.variables, args), succeeded: true });
}

/** What fills variables with values that nobody knows. */
function waysOfReading(_: Argv, clock: Clock): Ways {
  return on({ ...clock, variables: NO_VARIABLES, succeeded: undefined });
}

/** `local A B=c`: in bash the first has no value then, and in dash and ash that of whoever called the function. */
function withoutOuter(args: Argv, clock: Clock): Clock {
  const bare = args.filter((word) => word?.includes('=') !== true);
  const declared = withDeclared(clock.variables, args);
  const lacksStart = clock.lacksStart || mayUnsetStart(bare);
  if (!bare.some((name) => name !== undefined && declared.has(name))) return { ...clock, variables: declared, lacksStart };
  return { ...clock, variables: new Map([...declared].filter(([name]) => !bare.includes(name))), lacksStart };
}

/** `break`, `continue 2` */
function left(name: 'break' | 'continue', [count = '1']: Argv, clock: Clock, place: Place): Ways {
  const asked = /^[1-9]\d{0,3}$/.test(count) ? Number(count) : 1;
  const flow = name === 'break' ? 'broken' : 'next';
  const after = { ...clock, succeeded: true };
  const inner: Ways = place.loops === 0 ? on(after) : { ...NO_WAY, [flow]: { ...after, levels: Math.min(asked, place.loops) } };
  if (asked <= place.loops || place.beyond === undefined) return inner;
  // Only ash leaves the loops that are beyond a function; dash and ash end a subshell that is to leave loops beyond it.
  const outer: Ways = place.beyond === 'subshell' ? { ...NO_WAY, ended: after } : { ...NO_WAY, [flow]: { ...after, levels: asked } };
  return join(inner, outer);
}

/** The status of `exit` and `return`: their word, or that of the command before. */
function statusOf(args: Argv, { succeeded }: Clock): boolean | undefined {
  if (args.length === 0) return succeeded;
  const [status] = args;
  return status === undefined || !/^\d{1,9}$/.test(status) ? undefined : Number(status) % 256 === 0;
}

/** `trap 'sleep 5' EXIT`, and ERR, DEBUG and RETURN of bash, where the action is more than words and files. */
function actsAtEnd(args: Argv): boolean {
  const [action, ...signals] = args[0] === '--' ? args.slice(1) : args;
  if (!signals.some((signal) => signal === undefined || signal === '0' || /^(?:(?:sig)?exit|err|debug|return)$/i.test(signal)))
    return false;
  return action === undefined || action.split(/[;&|\n]+/).some((line) => !isMomentaryLine(line.trim()));
}

function isMomentaryLine(line: string): boolean {
  const words = line.split(/\s+/);
  return line === '' || line === '-' || (isMomentary(words) && !/^p?kill/.test(words[0] ?? ''));
}
