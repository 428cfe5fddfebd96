/**
 * In place of `src/server/review-thread.ts` where `dist` is compiled from `src`. The thread has neither hooks nor kept code, so that it would read
 * 240 files of source at each start, which takes half a second.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';

export function startReviewThread(options: WorkerOptions): Worker {
  return new Worker(new URL('../../dist/bin/review-worker.js', import.meta.url), options);
}
