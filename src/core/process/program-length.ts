/** How long a program runs, by its name and its words: for a moment, for a while, for some seconds, or for ever. */
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { runsOfAwk } from './awk.ts';
import { isInput, mayReadForEver, readsForEver } from './endless-input.ts';
import { afterLauncher, isAssignment, LAUNCHERS, type LauncherOptions } from './launchers.ts';
import { isSoon } from './possibility.ts';
import { isOfStrtod, secondsOf, secondsOfSleep } from './seconds.ts';
import { MAX_NESTING } from './step-budget.ts';

/** Programs and builtins that are over in a moment, whatever they are given. */
const MOMENTARY: ReadonlySet<string> = new Set([
  ...words('true false : echo printf pwd cd pushd popd date id whoami hostname uname basename dirname readlink realpath seq expr'),
  ...words('mkdir rmdir cp mv rm ln touch chmod chown chgrp mktemp mkfifo mknod ls stat test ['),
  ...words('grep egrep fgrep sed cut tr sort uniq head wc awk cat jq yq tee envsubst base64'),
  ...words('set shift unset export readonly local declare typeset alias unalias umask ulimit hash type which getopts shopt let trap'),
  ...words('kill pkill killall pgrep ps pidof stty clear reset tput logger env printenv'),
]);

/** Programs that a shell waits for only for a while; what comes after them is what the container is there for. */
const SHORT_PROGRAMS: ReadonlySet<string> = new Set([
  ...MOMENTARY,
  ...words('install find du df sync md5sum sha256sum getent sysctl modprobe mount umount'),
  ...words('iptables ip ifconfig route adduser addgroup useradd usermod groupadd passwd ldconfig update-ca-certificates'),
  ...words('apk apt apt-get yum dnf microdnf pip pip3 curl wget git tar gzip gunzip unzip openssl ssh-keygen keytool'),
  ...words('read disown bg jobs nslookup dig host ping logrotate locale-gen dos2unix service'),
]);

function words(text: string): string[] {
  return text.split(' ');
}

/** Whether a command is over in a moment, by its name: not what takes its time by nature, as curl and tar do. */
export function isMomentary([program = '']: Argv): boolean {
  return MOMENTARY.has(programName(program));
}

/** `setsid --fork app`: it starts the program and ends, unless it is told to wait. */
function leavesAtOnce(args: Argv): boolean {
  const has = (options: RegExp): boolean => args.some((word) => word !== undefined && options.test(word));
  return has(/^(?:-[cw]*f|--fork$)/) && !has(/^(?:-[cf]*w|--wait$)/);
}

/**
 * Whether a command is over after a while, by its name.
 *
 * @param depth how many programs stand before it: `time xargs app`
 */
export function isShort(argv: Argv, depth = 0): boolean {
  if (depth > MAX_NESTING) return false;
  const [first, ...args] = withoutBusybox(argv);
  if (first === undefined) return false;
  const name = programName(first);
  if (name === 'busybox') return true;
  if (readsForEver([first, ...args]) || mayReadForEver([first, ...args])) return false;
  const isShortWith = SHORT_BY_WORDS.get(isAwk(name) ? 'awk' : name);
  if (isShortWith !== undefined) return isShortWith(args);
  if (isMadeToStay([name, ...args])) return false;
  if (name === 'time') return isShort(timedBy(args), depth + 1);
  if (startsNoProgram(name, args)) return true;
  const started = startedForEach(name, args);
  if (started !== undefined) return started.length === 0 || isShort(started, depth + 1);
  return SHORT_PROGRAMS.has(name);
}

/** Whether programs are over after a while of which only the words tell it. */
const SHORT_BY_WORDS: ReadonlyMap<string, (args: Argv) => boolean> = new Map([
  ['cat', (args) => args.length > 0 && !args.some((word) => word === undefined || word === '-' || /^\/dev\/(?!null$)/.test(word))],
  ['tail', (args) => watchesNobody(args) || !args.some((word) => word === undefined || /^-[a-zA-Z]*[fF]|^--follow/.test(word))],
  ['env', (args) => args.every((word) => word !== undefined && isAssignment(word))],
  ['ping', (args) => args.some((word) => word !== undefined && /^-[a-zA-Z]*[cw]/.test(word))],
  ['awk', (args) => lengthOfAwk(args) === 'short'],
  ['setsid', leavesAtOnce],
  ['dd', (args) => args.some((word) => word?.startsWith('count=') === true)],
]);

/** `nice exit`: a launcher fails at once where it is to start what is no program. */
function startsNoProgram(name: string, args: Argv): boolean {
  const launcher = LAUNCHERS.get(name);
  return launcher !== undefined && isNoProgram(afterLauncher([name, ...args], launcher)[0]);
}

/** Programs that are over soon in most of their uses, and the words that make servers or watchers of them. */
const SERVES_BY: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['git', new Set(['daemon'])],
  ['openssl', new Set(['s_server'])],
  ['ip', new Set(['monitor'])],
]);

export function isMadeToStay([program = '', ...args]: Argv): boolean {
  return SERVES_BY.get(programName(program))?.has(args.find((word) => word?.startsWith('-') !== true) ?? '') === true;
}

const ENDLESS_AWK = /\bwhile\s*\(\s*1\s*\)|\bfor\s*\(\s*;\s*;/;

/** By the name of the program: `awk`, `gawk`, `mawk`. */
export function isAwk(name: string): boolean {
  return /^[gm]?awk$/.test(name);
}

/** @returns `unknown` where it may run a command that takes long */
export function lengthOfAwk(args: Argv): 'short' | 'long' | 'unknown' {
  if (args.some((word) => word !== undefined && ENDLESS_AWK.test(word))) return 'long';
  const { commands, isFirstCertain } = runsOfAwk(args);
  const takesLong = (command: Argv | undefined): boolean =>
    command === undefined || !(isShort(command) || isSoon(secondsUntilEnd(command)));
  const [first] = commands;
  if (isFirstCertain && first !== undefined && takesLong(first)) return secondsUntilEnd(first) === undefined ? 'long' : 'unknown';
  return commands.some(takesLong) ? 'unknown' : 'short';
}

/** Builtins of shells that no system has as programs: who starts them fails at once (POSIX XCU 2.14). */
const NO_PROGRAMS: ReadonlySet<string> = new Set(
  words('exec eval . source set shift trap export readonly return break continue exit local'),
);

/** Whether a word is such a builtin; no file of an image has its name. */
export function isNoProgram(word: string | undefined): boolean {
  return word !== undefined && NO_PROGRAMS.has(word);
}

/** What `time -p app` starts. */
function timedBy(args: Argv): Argv {
  return afterLauncher(['time', ...args], { withWord: 'fo', longWithWord: ['--format', '--output'] });
}

const OPTIONS_OF_XARGS: LauncherOptions = {
  withWord: 'aEdILnPs',
  longWithWord: ['--arg-file', '--delimiter', '--max-args', '--max-procs', '--max-chars'],
};

/** What `find` and `xargs` start for what they find or read; empty where they start nothing that takes long. */
function startedForEach(name: string, args: Argv): Argv | undefined {
  if (name === 'xargs') return afterLauncher([name, ...args], OPTIONS_OF_XARGS);
  if (name !== 'find') return undefined;
  const at = args.findIndex((word) => word !== undefined && /^-(?:exec|ok)(?:dir)?$/.test(word));
  // Without its end, find refuses it.
  const hasEnd = args.some((word, index) => word === ';' || (word === '+' && args[index - 1] === '{}'));
  return at < 0 || !hasEnd ? [] : args.slice(at + 1);
}

/** Whether `xargs` starts nothing for an empty input. */
export function needsInput([program = '', ...args]: Argv): boolean {
  if (programName(program) !== 'xargs') return false;
  const own = args.slice(0, args.length - afterLauncher([program, ...args], OPTIONS_OF_XARGS).length);
  const has = (options: RegExp): boolean => own.some((word) => word !== undefined && options.test(word));
  return has(/^(?:-[0optx]*[rIi]|--no-run-if-empty$|--replace)/) && !has(/^(?:-[0optrx]*a|--arg-file)/);
}

/** `setsid -c app` fails where standard input is no terminal. */
function takesTerminal(args: Argv): boolean {
  const own = args.slice(0, args.length - afterLauncher(['setsid', ...args], {}).length);
  return own.some((word) => word !== undefined && /^(?:-[fw]*c|--ctty$)/.test(word));
}

/**
 * Whether a command needs standard input, and ends where that is at its end: `cat`, an interpreter or a shell that is given nothing to run,
 * what asks for a terminal.
 */
export function readsInput(argv: Argv): boolean {
  const [first, ...args] = withoutBusybox(argv);
  const name = programName(first ?? '');
  if (name === 'cat') return args.every(isInput);
  if (name === 'tail') return args.some((word) => word === '/dev/tty');
  if (name === 'find') return args.some((word) => word !== undefined && /^-ok(?:dir)?$/.test(word));
  if (name === 'setsid') return takesTerminal(args);
  return args.length === 0 && INTERACTIVE.test(name);
}

const INTERACTIVE = /^(?:python[\d.]*|node|nodejs|perl|irb|lua|bc)$/;

/** Whether a command does nothing but to stay: `sleep infinity`, `tail -f /dev/null`, `cat`. */
export function isIdle([program, ...args]: Argv): boolean {
  const name = programName(program ?? '');
  if (name === 'sleep') return true;
  if (name === 'cat') return args.every((word) => word === '-' || word === '/dev/stdin');
  return name === 'tail' && args.at(-1) === '/dev/null';
}

/** `tail --pid=$! -f log`: it ends with the process; whether that is there, nobody knows. */
function endsWithProcess(args: Argv): boolean {
  return args.some((word) => word?.startsWith('--pid') === true);
}

/** `tail --pid=4711`: nobody knows the number of a process beforehand, so there is none, and tail ends. */
function watchesNobody(args: Argv): boolean {
  return args.some(
    (word, index) => /^--pid(?:=(?!1$)\d+$|$)/.test(word ?? '') && (word !== '--pid' || /^(?!1$)\d+$/.test(args[index + 1] ?? '')),
  );
}

/** Whether a command is there for ever, for certain: nothing of a script comes after it. */
export function neverEnds(argv: Argv): boolean {
  const [program, ...args] = withoutBusybox(argv);
  const name = programName(program ?? '');
  if (name === 'sleep') return args[0] === 'infinity' || args[0] === 'inf';
  if (readsForEver([program, ...args])) return true;
  return (
    name === 'tail' &&
    args.at(-1) === '/dev/null' &&
    !endsWithProcess(args) &&
    args.some((word) => word !== undefined && /^-[a-zA-Z]*[fF]$|^--follow/.test(word))
  );
}

/**
 * How long a command takes at most: `sleep 5`, `timeout 20 app`.
 *
 * @param depth how many programs stand before it: `time sleep 5`
 * @returns undefined where nobody knows, or where it goes on for ever
 */
export function secondsUntilEnd(argv: Argv, depth = 0): number | undefined {
  if (depth > MAX_NESTING) return undefined;
  const name = programName(argv[0] ?? '');
  if (name === 'sleep') return argv.length < 2 || argv.some(isNoDuration) ? 0 : secondsOfSleep(argv.slice(1));
  if (name === 'time') {
    const timed = timedBy(argv.slice(1));
    return timed.length === 0 || isNoProgram(timed[0]) ? 0 : secondsUntilEnd(timed, depth + 1);
  }
  const timeout = name === 'timeout' ? LAUNCHERS.get(name) : undefined;
  if (timeout === undefined) return undefined;
  // The limit stands before the command; 0 is none.
  const limit = argv.at(-1 - afterLauncher(argv, timeout).length);
  const seconds = limit === undefined ? undefined : secondsOf(limit);
  return seconds === 0 ? undefined : seconds;
}

/** `$(SECONDS)`, which the kubelet replaces where the container has that variable. */
const OF_KUBELET = /\$\([-._a-zA-Z\d]+\)/;

/** `sleep x` fails at once. */
function isNoDuration(word: string | undefined, index: number): boolean {
  if (index === 0 || word === undefined || word === 'infinity' || word === 'inf') return false;
  return secondsOf(word) === undefined && !OF_KUBELET.test(word) && !isOfStrtod(word);
}

/** Whether a command changes nothing and asks for nothing: a loop of such commands and sleeps only passes the time. */
export function isHarmless([program]: Argv): boolean {
  return program !== undefined && HARMLESS_PROGRAMS.has(programName(program));
}

const HARMLESS_PROGRAMS: ReadonlySet<string> = new Set(
  words('true false : echo printf date set export local trap wait test [ exit break continue return'),
);
