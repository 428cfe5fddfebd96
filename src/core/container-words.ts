/** The words and variables of a container, in which its programs find their settings. */
import type { Container, Maybe } from './pod.ts';

export type ContainerWords = Pick<Container, 'command' | 'args' | 'env'>;

/** Where they stand, for `meta.reads`. */
export const READ_FOR_WORDS: readonly string[] = ['containers', 'initContainers'].flatMap((list) =>
  ['command', 'args', 'env'].map((field) => `spec.${list}[*].${field}`),
);

/** What counts the lists and texts that somebody reads: the context of a rule does. */
export interface Reading {
  each<T>(list: Maybe<readonly T[]>): Iterable<T>;
  read(text: string): string;
}
