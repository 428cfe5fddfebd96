/**
 * Arguments that a script asks for and was not given, at which its shell ends: `$2` after `set -u`, and `${1:?usage}`. Of variables nobody
 * knows: the image and the Pod may have set them.
 */
import type { Path } from './script-path.ts';
import type { Word, WordPart } from './shell-syntax.ts';

type Asking = Pick<Path, 'endsAtUnset' | 'parameters' | 'isOpaque'>;

/** `${1:-b}`, `${1+b}`: with any of these nobody asks for a value. */
const HAS_OTHER = /^:?[-+=]/;

/** Whether the shell ends for certain where it expands some words. */
export function endsAtWords(words: readonly Word[], path: Asking): boolean {
  return areKnown(path) && words.some(({ parts }) => parts.some((part) => endsAt(part, path)));
}

/** The same of the text of `[[ … ]]` and `(( … ))`. */
export function endsAtTest({ text }: { readonly text: string }, path: Asking): boolean {
  return path.endsAtUnset && areKnown(path) && !text.includes("'") && asksMissing(text, path);
}

function asksMissing(text: string, path: Asking): boolean {
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
