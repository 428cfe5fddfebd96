/**
 * Tells when files may have changed.
 *
 * The kubelet replaces a Secret or ConfigMap volume: it renames a new symbolic link over the old one, `..data`
 * (pkg/volume/util/atomic_writer.go). A watch on a file in the volume stays with the old file, which is then deleted, and
 * reports nothing more. So this module watches the directories. A watch can be refused (inotify limits), or miss a link to
 * another directory, so the module also calls back at regular intervals. The callee compares contents.
 */
import { watch, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface FileWatchListener {
  readonly onHint: () => void;
  /** A directory is not watched, or not any more: changes in it are noticed at the intervals alone. */
  readonly onUnwatched: (directory: string, cause: NodeJS.ErrnoException) => void;
}

export interface FileWatch {
  /** No hint comes after this. */
  close: () => void;
}

/** A swap makes a handful of events at once; one hint after them is enough. */
const GATHER_MS = 20;

/** Keeps no process alive. The first hint is not given by itself: look once after this call, and no change is missed. */
export function watchFiles(files: readonly string[], pollMs: number, { onHint, onUnwatched }: FileWatchListener): FileWatch {
  let gathering: NodeJS.Timeout | undefined;
  const gather = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      onHint();
    }, GATHER_MS).unref();
  };
  const watchers: FSWatcher[] = [];
  for (const directory of new Set(files.map((file) => dirname(resolve(file))))) {
    const giveUp = (cause: unknown): void => {
      onUnwatched(directory, cause as NodeJS.ErrnoException);
    };
    try {
      watchers.push(watch(directory, { persistent: false }, gather).on('error', giveUp));
    } catch (cause) {
      giveUp(cause);
    }
  }
  const poll = setInterval(onHint, pollMs).unref();
  return {
    close: () => {
      for (const watcher of watchers) watcher.close();
      clearInterval(poll);
      clearTimeout(gathering);
    },
  };
}
