/** Waits for something in a cluster and shows what: on a terminal in one line with the time, in a log with one line for each state. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliContext } from '../context.ts';

const INTERVAL_MS = 1_000;

/** What a look found: the value that was waited for, or where it stands. */
export type Look<T> = { readonly done: T } | { readonly waiting: string };

/** The time is over. The message says which state was reached. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}

export interface Waiting extends Pick<CliContext, 'stderr' | 'transient'> {
  readonly deadlineMs: number;
}

/**
 * Looks every second.
 *
 * @param what as in "waiting for <what>"
 * @throws {WaitTimeoutError}
 */
export async function waitFor<T>(what: string, look: () => Promise<Look<T>>, { stderr, transient, deadlineMs }: Waiting): Promise<T> {
  const startedMs = Date.now();
  let said = '';
  try {
    for (;;) {
      const seen = await look();
      if ('done' in seen) return seen.done;
      if (Date.now() >= deadlineMs) throw new WaitTimeoutError(`timed out waiting for ${what}: ${seen.waiting}`);
      const state = `waiting for ${what}: ${firstLine(seen.waiting)}`;
      transient.draw(`${state} (${Math.round((Date.now() - startedMs) / 1000)} s)`);
      if (!transient.isShown && state !== said) stderr.line(state);
      said = state;
      await sleep(INTERVAL_MS);
    }
  } finally {
    transient.erase();
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
