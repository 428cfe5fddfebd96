/** Lists of bash, as far as the reader of a script knows what is in them: `A=(b c)`, `"${A[@]}"`. */
import { BEFORE_ITEM, UNKNOWN, withValue, type Variables } from './shell-values.ts';
import type { Word, WordPart } from './shell-syntax.ts';

/**
 * The variables after `A=(b c)`; without its brackets, `$A` stands for the first item.
 *
 * @param items with undefined for one that is not known, and undefined where none is
 */
export function withList(variables: Variables, name: string, items: readonly (string | undefined)[] | undefined): Variables {
  const text = items?.map((item) => `${BEFORE_ITEM}${item ?? UNKNOWN}`).join('');
  const first = items?.length === 0 ? '' : items?.[0];
  return withValue(withValue(variables, nameOfList(name), text), name, first);
}

/** The variables after `A=b`, behind which nobody follows a list of that name. */
export function withoutList(variables: Variables, name: string): Variables {
  return variables.has(nameOfList(name)) ? withValue(variables, nameOfList(name), undefined) : variables;
}

/** The items of a list, with undefined for one that is not known; undefined where none is. */
export function itemsOf(variables: Variables, name: string): (string | undefined)[] | undefined {
  const items = variables.get(nameOfList(name))?.split(BEFORE_ITEM).slice(1);
  return items?.map((item) => (item === UNKNOWN ? undefined : item));
}

/** No variable has such a name. */
function nameOfList(name: string): string {
  return `${name}[@]`;
}

/** The item that a word stands for: `${A[0]}`, `"${A[-1]}"`; undefined for any other word. */
export function itemIn(part: WordPart): { readonly name: string; readonly at: number } | undefined {
  if (part.kind !== 'parameter' || (part.operator !== '[' && part.operator !== '[-')) return undefined;
  const [index, further] = part.argument?.parts ?? [];
  const [, digits] = (index?.kind === 'text' && further === undefined ? /^(\d{1,3})\]$/.exec(index.text) : null) ?? [];
  return digits === undefined ? undefined : { name: part.name, at: Number(digits) * (part.operator === '[-' ? -1 : 1) };
}

/** The list that a word stands for with all of its items: `"${A[@]}"`, `${A[*]}`; undefined for any other word. */
export function listIn({ parts: [part, more] }: Word): Extract<WordPart, { kind: 'parameter' }> | undefined {
  if (part?.kind !== 'parameter' || more !== undefined) return undefined;
  const isWhole = part.operator === '[@' || (part.operator === '[*' && !part.isQuoted);
  const [end, further] = part.argument?.parts ?? [];
  return isWhole && end?.kind === 'text' && end.text === ']' && further === undefined ? part : undefined;
}
