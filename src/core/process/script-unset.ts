/**
 * Arguments that a script asks for and was not given, at which its shell ends: `$2` after `set -u`, and `${1:?usage}`. Of variables nobody
 * knows: the image and the Pod may have set them.
 */
import type { Path } from './script-path.ts';
import type { Command, Word, WordPart } from './shell-syntax.ts';
import type { ShellFlavour } from './shells.ts';

type Test = Extract<Command, { readonly kind: 'test' }>;
type Asking = Pick<Path, 'endsAtUnset' | 'parameters' | 'isOpaque'>;

/** `${1:-b}`, `${1+b}`: with any of these nobody asks for a value. */
const HAS_OTHER = /^:?[-+=]/;

/** Whether the shell ends for certain where it expands some words. */
export function endsAtWords(words: readonly Word[], path: Asking): boolean {
  return areKnown(path) && words.some(({ parts }) => parts.some((part) => endsAt(part, path)));
}

/**
 * The same of the text of `[[ … ]]` and `(( … ))`. What stands behind `&&` and `||` in the former, bash only looks at where it has to; ash
 * expands it all before.
 */
export function endsAtTest({ text, isSum }: Test, path: Asking, flavour: ShellFlavour): boolean {
  const [first = ''] = isSum || flavour === 'ash' ? [text] : text.split(/&&|\|\|/, 1);
  return path.endsAtUnset && areKnown(path) && asksMissing(first, path);
}

/** What is quoted, stands for another value, or is asked for by a child of the shell does not end it: `\$1`, `${NAME:-$1}`, `$(echo $1)`. */
const MAY_NOT_ASK = /['\\`]|\$[$(]|\$\{[^}]*\$/;

function asksMissing(text: string, path: Asking): boolean {
  if (MAY_NOT_ASK.test(text)) return false;
  for (const [, digit, digits = digit] of text.matchAll(/\$(?:(\d)|\{(\d+)\})/g)) if (isMissing(digits ?? '', path)) return true;
  return false;
}

function endsAt(part: WordPart, path: Asking): boolean {
  if (part.kind === 'arithmetic') return path.endsAtUnset && asksMissing(part.text, path);
  if (part.kind !== 'parameter' || HAS_OTHER.test(part.operator)) return false;
  // `${#1}` asks for the length of `$1`.
  const name = part.name.replace(/^#(?=.)/, '');
  if (!/^\d+$/.test(name)) return false;
  if (part.operator.startsWith(':?') && path.parameters[Number(name)] === '') return true;
  return (path.endsAtUnset || /^:?\?/.test(part.operator)) && isMissing(name, path);
}

/** What another file has done to the arguments, nobody knows. */
function areKnown({ parameters, isOpaque }: Asking): boolean {
  return !isOpaque && !parameters.includes(undefined);
}

function isMissing(digits: string, { parameters }: Asking): boolean {
  return Number(digits) > 0 && Number(digits) >= parameters.length;
}
