/**
 * What can stand at the end of a command line, for the scripts in `scripts.ts`: they ask with
 * `podgrace complete -- <word>...`, the last of which is not whole yet.
 */
import type { Argument, Command, Option } from 'commander';
import { suggestedFor } from '../options/suggested-values.ts';

/** A last line that tells the shell to offer files besides: nothing is known to fit. */
const FILES = ':files';

/**
 * @param argv as in `process.argv`
 * @returns the words to complete, the last of which is not yet whole; undefined for any other command line
 */
export function wordsToComplete(argv: readonly string[]): readonly string[] | undefined {
  return argv[2] === 'complete' && argv[3] === '--' ? argv.slice(4) : undefined;
}

/** @returns candidates, one a line, each with what it means after a tab; `:files` at the end where files may stand there */
export function candidatesFor(words: readonly string[], program: Command): string {
  const last = words.at(-1) ?? '';
  const found = candidates(unbroken(words.slice(0, -1)), last, program);
  const fitting = found.candidates.filter(({ word }) => word.startsWith(last));
  const lines = fitting.map(({ word, means }) => (means === '' ? word : `${word}\t${means}`));
  return [...lines, ...(found.areFilesOffered && fitting.length === 0 ? [FILES] : [])].map((line) => `${line}\n`).join('');
}

/** bash breaks words at `=`: `--preset=strict` comes as three. */
function unbroken(words: readonly string[]): string[] {
  return words.filter((word, index) => word !== '=' || words[index - 1]?.startsWith('--') !== true);
}

interface Candidate {
  readonly word: string;
  readonly means: string;
}

interface Offer {
  readonly candidates: readonly Candidate[];
  /** Whether a file may stand there, too, if no candidate fits. */
  readonly areFilesOffered: boolean;
}

const NOTHING: Offer = { candidates: [], areFilesOffered: false };
const ONLY_FILES: Offer = { candidates: [], areFilesOffered: true };

/** `>`, `2>`, `<`, `&>>`: what follows is a file of the shell's. */
const REDIRECTION = /^\d*[<>&|]+$/;

function candidates(before: readonly string[], last: string, program: Command): Offer {
  if (REDIRECTION.test(before.at(-1) ?? '')) return ONLY_FILES;
  const command = program.commands.find((each) => [each.name(), ...each.aliases()].includes(before[0] ?? ''));
  if (command === undefined) return before.length > 0 ? NOTHING : offered([...commandsOf(program), ...flagsOf(program, last)]);
  const given = before.slice(1);
  const valued = optionAwaitingValue(command, given);
  if (valued !== undefined) return valuesInList(valued, last);
  const isOptionsOver = given.includes('--');
  if (last.startsWith('--') && last.includes('=') && !isOptionsOver) return valuesInWord(command, last);
  if (last.startsWith('-') && !isOptionsOver) return offered(flagsOf(command, last));
  if (command.name() === 'help') return offered(commandsOf(program));
  const argument = argumentAt(command, given);
  if (argument === undefined) return NOTHING;
  return valuesOf(argument);
}

function offered(list: readonly Candidate[]): Offer {
  return { candidates: list, areFilesOffered: false };
}

function commandsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), means: command.summary() }));
}

/** Long names, and short ones where the word is no long one yet. */
function flagsOf(command: Command, last: string): Candidate[] {
  if (!last.startsWith('-')) return [];
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ short, long, description }) => [short, long].flatMap((word) => (word === undefined ? [] : [{ word, means: description }])))
    .filter(({ word }) => last === '-' || word.startsWith('--'));
}

/** The values of an option or argument are its choices, or those that are suggested; anything else may be a file. */
function valuesOf(valued: Option | Argument): Offer {
  const values = valued.argChoices ?? suggestedFor(valued);
  return values === undefined ? ONLY_FILES : offered(values.map((word) => ({ word, means: '' })));
}

/** `pre-stop-delay,read`: only options whose values are lists of ids suggest any. */
function valuesInList(option: Option, last: string): Offer {
  const ids = suggestedFor(option);
  const before = last.slice(0, last.lastIndexOf(',') + 1);
  if (ids === undefined || before === '') return valuesOf(option);
  const given = new Set(before.split(','));
  return offered(ids.filter((id) => !given.has(id)).map((id) => ({ word: `${before}${id}`, means: '' })));
}

/** `--preset=pro` */
function valuesInWord(command: Command, last: string): Offer {
  const flag = last.slice(0, last.indexOf('='));
  const option = command.options.find(({ long }) => long === flag);
  if (option === undefined) return NOTHING;
  const { candidates, areFilesOffered } = valuesInList(option, last.slice(flag.length + 1));
  return { candidates: candidates.map(({ word }) => ({ word: `${flag}=${word}`, means: '' })), areFilesOffered };
}

/** The option whose value the last word is. */
function optionAwaitingValue(command: Command, given: readonly string[]): Option | undefined {
  if (given.includes('--')) return undefined;
  const word = given.at(-1);
  const option = command.options.find(({ short, long }) => word !== undefined && (word === short || word === long));
  return option !== undefined && (option.required || option.optional) ? option : undefined;
}

/** The argument that the last word is. */
function argumentAt(command: Command, given: readonly string[]): Argument | undefined {
  const declared = command.registeredArguments;
  let position = 0;
  for (const [index, word] of given.entries()) {
    const isOption = word.startsWith('-') && word !== '-' && !given.slice(0, index).includes('--');
    if (!isOption && word !== '--' && optionAwaitingValue(command, given.slice(0, index)) === undefined) position += 1;
  }
  return declared[position] ?? declared.findLast(({ variadic }) => variadic);
}
