/**
 * What the kubelet makes of `$(NAME)` and `$$` in the command and args of a container and in the command of a probe, before any shell reads
 * them (third_party/forked/golang/expansion/expand.go). It leaves the commands of hooks alone.
 */
import type { Container } from '../pod.ts';
import type { Work } from '../work.ts';

/** `$$`, `$(NAME)`; of a `$` before anything else nothing changes. */
const REFERENCE = /\$(?:\$|\(([^)]*)\))/g;

/** `$(NAME)`, which is left where the value is not known, and where nothing has that name. */
const LEFT = /\$\([-._a-zA-Z\d]+\)/;

/** The words that the container starts, as far as the Pod says what its variables are. */
export function expandedByKubelet(words: readonly string[], container: Pick<Container, 'env'>, work?: Work): readonly string[] {
  if (!words.some((word) => word.includes('$$') || word.includes('$('))) return words;
  const { env } = container;
  work?.spend(env?.length ?? 0);
  const values = new Map((env ?? []).map(({ name, value, valueFrom }) => [name, valueFrom == null ? (value ?? '') : undefined]));
  return words.map((word) =>
    word.replaceAll(REFERENCE, (text, name: string | undefined) => {
      if (name === undefined) return '$';
      const value = values.get(name);
      // Which of the other variables a value holds, and what they hold, nobody follows.
      return value === undefined || value.includes('$') ? text : value;
    }),
  );
}

/** Whether a value that nobody knows may stand in a word. */
export function holdsReference(word: string): boolean {
  return LEFT.test(word);
}
