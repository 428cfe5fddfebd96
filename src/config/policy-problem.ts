/** What is wrong with a policy file. */
import type { DocumentPath } from '../yaml/positions.ts';

/** A problem of a document, wherever its text is. */
export interface FoundProblem {
  readonly path: DocumentPath;
  /** Starts with "must", as the messages of rules do. */
  readonly message: string;
}

export interface PolicyProblem {
  /** `spec.rules.pre-stop-delay.mode`; empty for the file as a whole. */
  readonly path: string;
  /** In the file, from 1. */
  readonly line: number;
  /** Starts with "must", as the messages of rules do. */
  readonly message: string;
}

/** A policy that was refused. Its message lists every problem, one a line. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly PolicyProblem[];

  /** @param source the file's name */
  constructor(source: string, problems: readonly PolicyProblem[]) {
    super(problems.map(({ path, line, message }) => `${source}:${line}: ${path === '' ? '' : `${path} `}${message}`).join('\n'));
    this.problems = problems;
  }
}

/** A value as a message quotes it. */
export function quoted(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
