/** Repeats a check at an interval. Two checks never run at the same time, and the interval does not keep the process alive. */

export interface Poll {
  /** The next look comes at once. */
  readonly wake: () => void;
  /** Aborts a look that is going on, and resolves when it has ended. */
  readonly close: () => Promise<void>;
}

/** @param look must not throw; gives the milliseconds until the next look */
export function poll(look: (signal: AbortSignal) => Promise<number>): Poll {
  const closing = new AbortController();
  const { signal } = closing;
  let isWanted = false;
  let endWait = (): void => undefined;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      isWanted = false;
      const waitMs = await look(signal);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs).unref();
        endWait = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isWanted || signal.aborted) endWait();
      });
    }
  };
  const ended = run();
  const wake = (): void => {
    isWanted = true;
    endWait();
  };
  return {
    wake,
    close: () => {
      closing.abort();
      wake();
      return ended;
    },
  };
}
