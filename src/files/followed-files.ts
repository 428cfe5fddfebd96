/** The one loop that reads files again and again: a policy, a serving pair, an authority. */
import { watchFiles, type FileWatchListener } from './file-watch.ts';
import { poll } from './poll.ts';

export interface FollowedFiles {
  /** Looks once more, at once; during a look, after it. */
  readonly wake: () => void;
  /** No look begins after this. */
  readonly close: () => void;
}

/** What `setTimeout` can wait for at the most: the watch has the interval. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Looks at files now, whenever they may have changed, and at intervals; never twice at a time. Keeps no process alive.
 *
 * @param look reads the files and compares; must not throw
 */
export function followFiles(
  files: readonly string[],
  pollMs: number,
  look: () => Promise<void>,
  onUnwatched: FileWatchListener['onUnwatched'],
): FollowedFiles {
  const looks = poll(async () => {
    await look();
    return LONGEST_MS;
  });
  const watch = watchFiles(files, pollMs, { onHint: looks.wake, onUnwatched });
  return {
    wake: looks.wake,
    close: () => {
      watch.close();
      void looks.close();
    },
  };
}
