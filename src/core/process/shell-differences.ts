/**
 * What one shell takes and another refuses, besides the grammar (`ShellDialect`): expansions, sums, and builtins with their options.
 * At most of it a script ends. As measured with dash 0.5.12, busybox ash 1.35 and bash 5.2 as `sh` (`test/core/process/measured/`).
 */
import type { Argv } from './argv.ts';
import { hasBashisms } from './shell-parser.ts';
import type { Redirection, SimpleCommand, Word, WordPart } from './shell-syntax.ts';
import type { ShellFlavour } from './shells.ts';

/**
 * Expansions, sums, redirections and builtins of which this file speaks, as far as a look at the text tells; names and sums are short, and
 * looking further would be quadratic.
 */
const DIFFERENCES =
  /\$\{[^}]{0,64}[\^,@[!~]|\$\{\w+[:/](?![-=?+])|\$\(\([^)]{0,64}(?:\+\+|--|\*\*|[,[])|[<>]& *[^\d\s-]|\{[^{}\s"'$]{0,32}(?:\.\.|,)[^{}\s"'$]{0,32}\}|\s==\s|\b(?:set|export|readonly|unset) +[-+](?!-)|\b(?:exec +-|local\b)|\/dev\/(?:tc|ud)p\//;

/** Whether shells may differ about a script; false only where they do not. */
export function mayDiffer(text: string): boolean {
  if (hasBashisms(text) || DIFFERENCES.test(text) || mayNameWrongVariable(text)) return true;
  return words(text).some((word) => ONLY_IN_BASH.has(word) || NOT_IN_DASH.has(word));
}

/** `export 1=x`, `unset a-b`: what follows one of these builtins is looked at once. */
function mayNameWrongVariable(text: string): boolean {
  for (const [, args = ''] of text.matchAll(/\b(?:export|readonly|unset)[ \t]+([^\n;&|]*)/g)) if (WRONG_NAME.test(args)) return true;
  return false;
}

const WRONG_NAME = /(?:^|[ \t])(?:\d|[A-Za-z_]\w*[^\w\s=;&|"'$])/;

function words(text: string): string[] {
  return text.split(/[^a-z]+/);
}

/** The expansions of POSIX: `${a:-b}`, `${a%b}`, `${a##b}`. */
const POSIX_EXPANSION = /^(?::?[-=?+]|[%#])/;
/** Those that busybox ash takes besides: `${a:0:1}` and `${a/b/c}`. */
const ASH_EXPANSION = /^[:/]/;

/** Whether a shell ends a script at the words or redirections of a command, before it runs it. */
export function refusesCommand({ assignments, words, redirections }: SimpleCommand, flavour: ShellFlavour): boolean {
  if (!isSmall(flavour)) return false;
  return (
    refusesWords(words, flavour) ||
    assignments.some(({ value }) => value !== undefined && refusesWord(value, flavour)) ||
    redirections.some((redirection) => refusesWord(redirection.target, flavour) || isOfBash(redirection, flavour))
  );
}

/** Whether a shell ends a script at the expansion of a word: `${a^^}` in dash and ash. */
export function refusesWords(words: readonly Word[], flavour: ShellFlavour): boolean {
  return isSmall(flavour) && words.some((word) => refusesWord(word, flavour));
}

function refusesWord({ parts }: Word, flavour: ShellFlavour): boolean {
  return parts.some((part) => refusesPart(part, flavour));
}

function refusesPart(part: WordPart, flavour: ShellFlavour): boolean {
  if (part.kind === 'arithmetic') return refusesSum(part.text, flavour);
  if (part.kind !== 'parameter') return false;
  // `${!name}`
  if (part.name.length > 1 && part.name.startsWith('!')) return true;
  // What stands behind `:-` is expanded only where the variable is not set, of which nobody knows.
  if (part.operator === '' || POSIX_EXPANSION.test(part.operator)) return false;
  return flavour === 'dash' || !ASH_EXPANSION.test(part.operator);
}

/** Elements of lists; in dash also `i++`, powers and commas. */
function refusesSum(text: string, flavour: ShellFlavour): boolean {
  // What a substitution or a quote holds is no part of the sum.
  if (/["'`]|\$\(/.test(text)) return false;
  return text.includes('[') || (flavour === 'dash' && /,|\*\*|\w\s*(?:\+\+|--)\s*(?:$|[^\s\w($+-])/.test(text));
}

/** `>& file`, which is `> file 2>&1` elsewhere. */
function isOfBash({ operator, target }: Redirection, flavour: ShellFlavour): boolean {
  if (flavour !== 'dash' || (operator !== '>&' && operator !== '<&')) return false;
  const [part, more] = target.parts;
  return part?.kind === 'text' && more === undefined && !/^(?:\d+|-)$/.test(part.text);
}

/** What only bash has; to the others it is a program that is not there. */
const ONLY_IN_BASH: ReadonlySet<string> = new Set(
  'declare typeset shopt pushd popd dirs mapfile readarray disown builtin enable compgen complete caller'.split(' '),
);
const NOT_IN_DASH: ReadonlySet<string> = new Set(['source', 'let', 'help']);

/** Whether a shell lacks a builtin that others have. */
export function lacksBuiltin(flavour: ShellFlavour, name: string): boolean {
  return isSmall(flavour) && (ONLY_IN_BASH.has(name) || (flavour === 'dash' && NOT_IN_DASH.has(name)));
}

/** Options that only bash has, or only bash and ash; each shell has `-abCefmnuvx`. */
const REFUSED_OPTIONS: ReadonlyMap<string, Readonly<Partial<Record<ShellFlavour, RegExp>>>> = new Map([
  ['set', { dash: /^[-+][a-zA-Z]*[hkptBHPT]/, ash: /^[-+][a-zA-Z]*[hkptBHPT]/ }],
  ['export', { dash: /^-[^p]/, ash: /^-[^pn]/ }],
  ['readonly', { dash: /^-[^p]/, ash: /^-[^p]/ }],
  ['unset', { dash: /^-[^fv]/, ash: /^-[^fv]/ }],
  ['exec', { dash: /^-[^-]/, ash: /^-[cl]/ }],
]);

/** The names that dash knows after `set -o`. */
const OPTIONS_OF_DASH: ReadonlySet<string> = new Set(
  (
    'errexit noglob ignoreeof interactive monitor noexec stdin xtrace verbose vi emacs noclobber allexport notify nounset privileged ' +
    'nolog debug'
  ).split(' '),
);

/**
 * Whether a shell ends a script at the words of one of its special builtins (POSIX XCU 2.8.1).
 *
 * @param argv the builtin and its words; undefined where a value is not known
 */
export function refusesBuiltin(flavour: ShellFlavour, argv: Argv): boolean {
  if (!isSmall(flavour)) return false;
  const [name = '', ...args] = argv;
  const refused = REFUSED_OPTIONS.get(name)?.[flavour];
  if (refused !== undefined && optionsOf(args).some((word) => refused.test(word))) return true;
  if (namesWrongVariable(argv)) return true;
  return name === 'set' && flavour === 'dash' && hasUnknownOption(args);
}

/** Whether a shell refuses the options that it is started with: `dash -o pipefail -c …`. */
export function refusesOptions(flavour: ShellFlavour, options: Argv): boolean {
  return flavour === 'dash' && hasUnknownOption(options);
}

/** `-o pipefail`, which dash learns after 0.5.12 */
function hasUnknownOption(args: Argv): boolean {
  return args.some((word, index) => {
    const option = args[index - 1];
    return (
      word !== undefined && option !== undefined && /^[-+][a-zA-Z]+$/.test(option) && option.includes('o') && !OPTIONS_OF_DASH.has(word)
    );
  });
}

/** Builtins that take names, and with `=` their values. */
const OF_NAMES: ReadonlySet<string> = new Set(['export', 'readonly', 'unset']);

/**
 * Whether a shell that goes on after a wrong name complains of one: bash does, but unsets elements of arrays and functions of any name
 * (`unset 'a[0]'`, `unset a-b`; measured with 5.2).
 *
 * @param argv the builtin and its words; undefined where a value is not known
 */
export function failsAtName(flavour: ShellFlavour, argv: Argv): boolean {
  return !(flavour === 'bash' && argv[0] === 'unset') && namesWrongVariable(argv);
}

/** Whether a builtin is given a name that no variable can have: `export 1=x`. dash and ash end at it. */
function namesWrongVariable([name = '', ...args]: Argv): boolean {
  if (!OF_NAMES.has(name) || args[0]?.startsWith('-') === true) return false;
  return args.some((word) => word !== undefined && !/^[A-Za-z_]\w*(?:$|\+?=)/.test(word));
}

/** The words before the first that is no option. */
function optionsOf(args: Argv): string[] {
  const options: string[] = [];
  for (const word of args) {
    if (word === undefined || word === '--' || !/^[-+]./.test(word)) break;
    options.push(word);
  }
  return options;
}

function isSmall(flavour: ShellFlavour): flavour is 'dash' | 'ash' {
  return flavour === 'dash' || flavour === 'ash';
}
