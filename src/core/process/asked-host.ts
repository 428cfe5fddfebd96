/** Which other host a command asks, as far as its words tell: `curl http://db:8080/health`, `nc -z db 5432`, `pg_isready -h db`. */
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { addressesOfCurl } from './curl-words.ts';
import { afterLauncher, LAUNCHERS } from './launchers.ts';
import { parseShell } from './shell-parser.ts';
import {
  bodiesOf,
  literalOf,
  type Command,
  type CompoundCommand,
  type Pipeline,
  type Script,
  type Statement,
  type Word,
} from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH } from './step-budget.ts';

type IfCommand = Extract<CompoundCommand, { readonly kind: 'if' }>;

export interface AskedHost {
  readonly program: string;
  readonly host: string;
}

/**
 * The first host but the own one that a command asks, and without whose answer the command fails. In a script, it counts in the last
 * list of `&&`, in one before `|| exit 1`, and as the condition of an `if` whose other branch, or what follows it, ends the script in failure.
 *
 * @param argv with nothing in it that the kubelet or a shell has yet to expand
 * @returns undefined where none is known
 */
export function otherHostAskedBy(argv: readonly string[]): AskedHost | undefined {
  if (!isShell(argv)) return hostIn(argv);
  const { script } = readShellStart(withoutBusybox(argv).slice(1));
  if (script === undefined || script.length > MAX_SCRIPT_LENGTH) return undefined;
  const parsed = parseShell(script);
  if (parsed.problem !== undefined) return undefined;
  const statements = parsed.lines.flatMap((line) => line.statements);
  for (const [at, statement] of statements.entries()) {
    for (const { commands } of pipelinesThatDecide(statement, statements.slice(at + 1))) {
      const [command] = commands;
      if (commands.length > 1 && !failsWithoutInput(commands.at(-1))) continue;
      const found = command?.kind === 'simple' ? (hostIn(command.words.map(literalOf)) ?? hostInTest(command.words)) : undefined;
      if (found !== undefined) return found;
    }
    // Then nothing that follows is needed.
    if (mayEndInSuccess(statement)) return undefined;
  }
  return undefined;
}

/** `test -e /tmp/up && exit 0`, `if nc -z other 80; then exit 0; fi` */
function mayEndInSuccess({ first, rest }: Statement): boolean {
  return [first, ...rest.map(({ pipeline }) => pipeline)].some(({ commands }) =>
    commands.some((command) =>
      command.kind === 'simple'
        ? literalOf(command.words[0] ?? NO_WORD) === 'exit' && !isExit(command)
        : bodiesOf(command).some((body) => statementsIn(body).some(mayEndInSuccess)),
    ),
  );
}

/** The pipelines of a statement without whose success the script ends in failure. */
function pipelinesThatDecide(statement: Statement, after: readonly Statement[]): readonly Pipeline[] {
  const { first, rest, isBackground } = statement;
  if (isBackground) return [];
  const [command] = first.commands;
  if (command?.kind === 'if' && rest.length === 0 && !first.isNegated && first.commands.length === 1)
    return conditionThatDecides(command, after);
  const endsScript = rest.at(-1)?.operator === '||' && isExit(rest.at(-1)?.pipeline.commands[0]);
  return failsWithEach(statement) && (after.length === 0 || endsScript) ? [first, ...rest.map(({ pipeline }) => pipeline)] : [];
}

/** `if C; then …; else exit 1; fi`, `if ! C; then exit 1; fi`, `if C; then exit 0; fi; exit 1`. */
function conditionThatDecides({ branches, otherwise }: IfCommand, after: readonly Statement[]): readonly Pipeline[] {
  const [branch, another] = branches;
  const [condition, more] = branch?.condition.lines.flatMap(({ statements }) => statements) ?? [];
  if (branch === undefined || another !== undefined || condition === undefined || more !== undefined) return [];
  const { first, rest } = condition;
  if (first.isNegated) return rest.length === 0 && endsInFailure(statementsIn(branch.body), after) ? [first] : [];
  const without = otherwise === undefined ? after : statementsIn(otherwise);
  return failsWithEach(condition) && endsInFailure(without, otherwise === undefined ? [] : after)
    ? [first, ...rest.map(({ pipeline }) => pipeline)]
    : [];
}

function statementsIn({ lines }: Script): readonly Statement[] {
  return lines.flatMap(({ statements }) => statements);
}

/** `echo gone; exit 1`; without `exit`, the last of all decides. */
function endsInFailure(statements: readonly Statement[], after: readonly Statement[]): boolean {
  for (const [at, { first, rest }] of statements.entries()) {
    const [command] = first.commands;
    if (command?.kind !== 'simple' || rest.length > 0) return false;
    if (isExit(command)) return true;
    if (at === statements.length - 1) return after.length === 0 && isFailure(command);
    // Nothing else may end the script.
    if (programName(literalOf(command.words[0] ?? NO_WORD) ?? '') !== 'echo') return false;
  }
  return false;
}

const NO_WORD: Word = { parts: [] };

/** The last command decides: `grep` fails where it reads nothing, and `cat`, `head` or `jq` do not. */
function failsWithoutInput(command: Command | undefined): boolean {
  const [program] = command?.kind === 'simple' ? command.words.map(literalOf) : [];
  return /^[ef]?grep$/.test(programName(program ?? ''));
}

/** `a && b`, and `a && b || exit 1`, fail where one of their commands does; `a || b` and `! a` do not. */
function failsWithEach({ first, rest }: Statement): boolean {
  const { operator, pipeline } = rest.at(-1) ?? {};
  const lists = operator === '||' && isFailure(pipeline?.commands[0]) ? rest.slice(0, -1) : rest;
  return (
    [first, ...rest.map((item) => item.pipeline)].every(({ isNegated }) => !isNegated) && lists.every((item) => item.operator === '&&')
  );
}

function isFailure(command: Command | undefined): boolean {
  return isExit(command) || (command?.kind === 'simple' && command.words.map(literalOf)[0] === 'false');
}

/** `exit 1`; a code that is not known may be 0. */
function isExit(command: Command | undefined): boolean {
  if (command?.kind !== 'simple') return false;
  const [program, code] = command.words.map(literalOf);
  return program === 'exit' && code !== undefined && /^0*[1-9]\d*$/.test(code);
}

/** `[ "$(curl -so /dev/null -w '%{http_code}' http://db/)" = 200 ]`: without an answer, the two are not equal. */
function hostInTest(words: readonly Word[]): AskedHost | undefined {
  const [program, left, operator, right] = words;
  const name = programName(literalOf(program ?? NO_WORD) ?? '');
  if ((name !== '[' && name !== 'test') || left === undefined || operator === undefined || right === undefined) return undefined;
  if (!['=', '==', '-eq'].includes(literalOf(operator) ?? '') || !/[1-9a-z]/i.test(literalOf(right) ?? '')) return undefined;
  const [part, more] = left.parts.filter((of) => of.kind !== 'text' || of.text !== '');
  if (part?.kind !== 'substitution' || more !== undefined) return undefined;
  const [statement, another] = statementsIn(part.script);
  return statement === undefined || another !== undefined ? undefined : hostOfOutput(literalOf(right) ?? '', statement);
}

function hostOfOutput(text: string, statement: Statement): AskedHost | undefined {
  return mayPrint(text, statement) ? undefined : hostIn(argvOf(statement.first.commands[0]));
}

/** Whether a text may come without an answer: `curl … || echo ok`, `curl … | wc -l`. */
function mayPrint(text: string, { first, rest }: Statement): boolean {
  const [program] = argvOf(first.commands.at(-1));
  if (first.isNegated || (first.commands.length > 1 && /^(?:wc|\w+sum)$/.test(programName(program ?? '')))) return true;
  return rest.some(({ operator, pipeline: { commands } }) => {
    const [name, ...words] = argvOf(commands[0]);
    return operator === '||' && (name !== 'echo' || commands.length > 1 || words.some((word) => word === undefined || word === text));
  });
}

function argvOf(command: Command | undefined): Argv {
  return command?.kind === 'simple' ? command.words.map(literalOf) : [];
}

function hostIn(words: Argv): AskedHost | undefined {
  const [path, ...args] = behindWhatStartsIt(words);
  const program = programName(path ?? '');
  const host = HOST_OF.get(program)?.(args);
  return host === undefined || !HOST.test(host) || isOwnHost(host) ? undefined : { program, host };
}

/** `exec timeout 2 busybox wget …`: whether the launcher waits or becomes the command, its end is that of the command. */
function behindWhatStartsIt(words: Argv): Argv {
  let command = words;
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    command = withoutBusybox(command);
    const name = programName(command[0] ?? '');
    const launcher = LAUNCHERS.get(name);
    if (name === 'exec') command = command.slice(1);
    else if (launcher === undefined || launcher.shell !== undefined) return command;
    else command = afterLauncher(command, launcher);
  }
  return command;
}

/** Of letters that nothing expands; a path is that of a socket. */
const HOST = /^(?:[a-z\d_](?:[a-z\d._-]*[a-z\d])?\.?|[\da-f]*:[\da-f:]+)$/i;

/** A name without a value, the loopback addresses, and those that stand for every own one. */
export function isOwnHost(host: string): boolean {
  return /^(?:(?:[^.]+\.)?localhost(?:\.localdomain|[46])?\.?|ip6-(?:localhost|loopback)|127(?:\.\d{1,3}){1,3}|0\.0\.0\.0|0|[0:]*:0*1?)$/i.test(
    host,
  );
}

type Reader = (args: Argv) => string | undefined;

const HOST_OF: ReadonlyMap<string, Reader> = new Map([
  ['curl', hostOf(addressesOfCurl)],
  ['wget', hostOf(addressesOfWget)],
  ...['nc', 'ncat', 'netcat'].map((name): [string, Reader] => [name, hostBeforePort]),
  ...['pg_isready', 'psql', 'redis-cli', 'valkey-cli', 'mysql', 'mysqladmin', 'mariadb', 'mariadb-admin'].map((name): [string, Reader] => [
    name,
    hostOfOption,
  ]),
  ['grpc_health_probe', hostOfFlag],
  ['grpc-health-probe', hostOfFlag],
]);

/** Options of curl and wget that make another host of the one in the address, or take an address that they do not ask. */
const OTHERWISE =
  /^(?:-x|-K|-i|-A|-U|-[a-zA-Z]*[ed]$|-[de]|--(?:data|json|proxy|preproxy|referer|resolve|connect-to|unix-socket|abstract-unix-socket|config|input-file))/;

/** Of several addresses, any may be the one that decides. */
function hostOf(addressesOf: (args: Argv) => readonly string[] | undefined): Reader {
  return (args) => {
    if (args.some((word) => word === undefined || OTHERWISE.test(word))) return undefined;
    const withScheme = args.filter((word): word is string => /^https?:\/\//i.test(word ?? ''));
    const addresses = withScheme.length > 0 ? withScheme : (addressesOf(args) ?? []);
    const [, bracketed, name] = /^(?:[a-z]+:\/\/)?(?:[^/?#@]*@)?(?:\[([^\]]*)\]|([^/?#:]*))/i.exec(addresses[0] ?? '') ?? [];
    return addresses.length === 1 ? (bracketed ?? name) : undefined;
  };
}

/** What is no option and no value of one; of a long option without `=`, the next word may be its value (wget(1), busybox). */
function addressesOfWget(args: Argv): readonly string[] | undefined {
  const addresses: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) return undefined;
    if (!word.startsWith('-')) addresses.push(word);
    else if (word.startsWith('--')) {
      if (!word.includes('=') && !WGET_ALONE.has(word)) return undefined;
    } else if (/^-[a-zA-Z]*[oOPTtUw]$/.test(word)) at += 1;
  }
  return addresses;
}

const WGET_ALONE: ReadonlySet<string> = new Set(['--spider', '--quiet', '--no-check-certificate', '--no-verbose', '--server-response']);

/** `nc -z -w 3 db 5432`: the last two words. Of several ports, `nc -z localhost 80 443`, a port is no host. */
function hostBeforePort(args: Argv): string | undefined {
  if (args.some((word) => word === undefined || /^-[a-zA-Z]*[lUxX]/.test(word))) return undefined;
  const [host, port] = args.slice(-2);
  if (host === undefined || host.startsWith('-') || /^\d+$/.test(host)) return undefined;
  return /^\d+$/.test(port ?? '') && !isValueOf(args.at(-3)) ? host : undefined;
}

/** `-w 3 5432`: the word before is the value of an option. */
function isValueOf(word: string | undefined): boolean {
  return /^-[a-zA-Z]*[wips]$/.test(word ?? '');
}

/** `-h db`, `-hdb`, `--host=db`, `--host db`; the last one counts. */
export function hostOfOption(args: Argv): string | undefined {
  let host: string | undefined;
  for (const [at, word = ''] of args.entries()) {
    if (word === '-h' || word === '--host') host = args[at + 1];
    else if (word.startsWith('--host=')) host = word.slice('--host='.length);
    else if (/^-h[^-=]/.test(word)) host = word.slice(2);
  }
  return host;
}

/** `-addr=db:50051`, `--addr db:50051`; `unix:///run/app.sock` is a socket, and `dns:///db` some other way to find it. */
function hostOfFlag(args: Argv): string | undefined {
  for (const [at, word = ''] of args.entries()) {
    const [, value] = /^--?addr(?:=(.*))?$/.exec(word) ?? [];
    const address = value ?? (/^--?addr$/.test(word) ? args[at + 1] : undefined);
    if (address !== undefined) return address.includes('/') ? undefined : address.slice(0, Math.max(address.lastIndexOf(':'), 0));
  }
  return undefined;
}
