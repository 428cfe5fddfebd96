/** Which other host a command asks, as far as its words tell: `curl http://db:8080/health`, `nc -z db 5432`, `pg_isready -h db`. */
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { afterLauncher, LAUNCHERS } from './launchers.ts';
import { parseShell } from './shell-parser.ts';
import { literalOf, type Command, type Statement } from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH } from './step-budget.ts';

export interface AskedHost {
  readonly program: string;
  readonly host: string;
}

/**
 * The first host but the own one that a command asks, and without whose answer the command fails. Of a script, only its last list of
 * `&&` counts: what stands before it, behind an `if` or before `|| true` need not decide.
 *
 * @param argv with nothing in it that the kubelet or a shell has yet to expand
 * @returns undefined where none is known
 */
export function otherHostAskedBy(argv: readonly string[]): AskedHost | undefined {
  if (!isShell(argv)) return hostIn(argv);
  const { script } = readShellStart(withoutBusybox(argv).slice(1));
  if (script === undefined || script.length > MAX_SCRIPT_LENGTH) return undefined;
  const parsed = parseShell(script);
  const last = parsed.problem === undefined ? parsed.lines.at(-1)?.statements.at(-1) : undefined;
  if (last === undefined || last.isBackground || !failsWithEach(last)) return undefined;
  for (const { commands } of [last.first, ...last.rest.map(({ pipeline }) => pipeline)]) {
    const [command] = commands;
    if (commands.length > 1 && !failsWithoutInput(commands.at(-1))) continue;
    const found = command?.kind === 'simple' ? hostIn(command.words.map(literalOf)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

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
  if (command?.kind !== 'simple') return false;
  const [program, code] = command.words.map(literalOf);
  return program === 'false' || (program === 'exit' && code !== undefined && code !== '0');
}

function hostIn(words: Argv): AskedHost | undefined {
  const [path, ...args] = behindWhatStartsIt(words);
  const program = programName(path ?? '');
  const host = HOST_OF.get(program)?.(args);
  return host === undefined || !HOST.test(host) || isOwn(host) ? undefined : { program, host };
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
function isOwn(host: string): boolean {
  return /^(?:(?:[^.]+\.)?localhost(?:\.localdomain|[46])?\.?|ip6-(?:localhost|loopback)|127(?:\.\d{1,3}){1,3}|0\.0\.0\.0|0|[0:]*:0*1?)$/i.test(
    host,
  );
}

type Reader = (args: Argv) => string | undefined;

const HOST_OF: ReadonlyMap<string, Reader> = new Map([
  ...['curl', 'wget'].map((name): [string, Reader] => [name, hostOfAddress]),
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

/** The one address with a scheme; of several, any may be the one that decides. */
function hostOfAddress(args: Argv): string | undefined {
  if (args.some((word) => word === undefined || OTHERWISE.test(word))) return undefined;
  const addresses = args.filter((word) => /^https?:\/\//i.test(word ?? ''));
  const [, bracketed, name] = /^https?:\/\/(?:[^/?#@]*@)?(?:\[([^\]]*)\]|([^/?#:]*))/i.exec(addresses[0] ?? '') ?? [];
  return addresses.length === 1 ? (bracketed ?? name) : undefined;
}

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
function hostOfOption(args: Argv): string | undefined {
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
