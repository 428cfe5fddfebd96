/**
 * What the kubelet makes of `$(NAME)` and `$$` in the command and args of a container and in the command of a probe, before any shell reads
 * them (third_party/forked/golang/expansion/expand.go). It leaves the commands of hooks alone.
 */
import type { Container } from '../pod.ts';
import { Work } from '../work.ts';

/** `$$`, `$(NAME)`; of a `$` before anything else nothing changes. */
const REFERENCE = /\$(?:\$|\(([^)]*)\))/g;

/** `$(NAME)`, which is left where the value is not known, and where nothing has that name. */
const LEFT = /\$\([-._a-zA-Z\d]+\)/;

/** Linux starts no program with a longer word (MAX_ARG_STRLEN, execve(2)). It bounds what short words and one long value can be made to hold. */
const LONGEST_VALUES = 131_072;

/**
 * The words that the container starts, as far as the Pod says what its variables are.
 *
 * @returns undefined where the values are longer than any program is given
 */
export function expandedByKubelet(
  words: readonly string[],
  { env }: Pick<Container, 'env'>,
  work = Work.UNBOUNDED,
): readonly string[] | undefined {
  if (!words.some((word) => word.includes('$$') || word.includes('$('))) return words;
  work.spend(env?.length ?? 0);
  const values = new Map((env ?? []).map(({ name, value, valueFrom }) => [name, valueFrom == null ? (value ?? '') : undefined]));
  let length = 0;
  const expanded: string[] = [];
  for (const word of words) {
    work.spendOnText(word);
    // After the last `)` no reference ends. To look for its end from each `$(` would take the square of the length.
    const end = word.lastIndexOf(')') + 1;
    const start = word.slice(0, end).replaceAll(REFERENCE, (text, name: string | undefined) => {
      if (name === undefined) return '$';
      const value = values.get(name);
      // Which of the other variables a value holds, and what they hold, nobody follows.
      if (value === undefined || value.includes('$')) return text;
      length += value.length;
      return length > LONGEST_VALUES ? '' : value;
    });
    if (length > LONGEST_VALUES) return undefined;
    expanded.push(start + word.slice(end).replaceAll('$$', () => '$'));
  }
  return expanded;
}

/** Whether a value that nobody knows may stand in a word. */
export function holdsReference(word: string): boolean {
  return LEFT.test(word);
}
