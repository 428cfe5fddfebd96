/** Lists of bash, as far as the reader of a script knows what is in them: `A=(b c)`, `"${A[@]}"`. */
import { withValue, type Variables } from './shell-values.ts';
import type { Word, WordPart } from './shell-syntax.ts';

/** Stands before each item in the text that a list is remembered as; no text of a script has it. */
const BEFORE_ITEM = '\0,';

/** The variables after `A=(b c)`; without its brackets, `$A` stands for the first item. */
export function withList(variables: Variables, name: string, items: readonly (string | undefined)[] | undefined): Variables {
  const isKnown = items !== undefined && !items.includes(undefined);
  const text = isKnown ? items.map((item) => `${BEFORE_ITEM}${item}`).join('') : undefined;
  return withValue(withValue(variables, nameOfList(name), text), name, isKnown ? (items[0] ?? '') : undefined);
}

/** The variables after `A=b`, behind which nobody follows a list of that name. */
export function withoutList(variables: Variables, name: string): Variables {
  return variables.has(nameOfList(name)) ? withValue(variables, nameOfList(name), undefined) : variables;
}

/** The items of a list; undefined where they are not known. */
export function itemsOf(variables: Variables, name: string): string[] | undefined {
  return variables.get(nameOfList(name))?.split(BEFORE_ITEM).slice(1);
}

/** No variable has such a name. */
function nameOfList(name: string): string {
  return `${name}[@]`;
}

/** The list that a word stands for with all of its items: `"${A[@]}"`, `${A[*]}`; undefined for any other word. */
export function listIn({ parts: [part, more] }: Word): Extract<WordPart, { kind: 'parameter' }> | undefined {
  if (part?.kind !== 'parameter' || more !== undefined) return undefined;
  const isWhole = part.operator === '[@' || (part.operator === '[*' && !part.isQuoted);
  const [end, further] = part.argument?.parts ?? [];
  return isWhole && end?.kind === 'text' && end.text === ']' && further === undefined ? part : undefined;
}
