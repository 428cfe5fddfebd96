/** Starts the thread for large reviews. The executable has another way to its code (packaging/executable). */
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The thread in which large reviews are judged; `review-worker.ts` beside this file, or its compiled form, runs there. */
export function startReviewThread(options: WorkerOptions): Worker {
  return new Worker(new URL(`./review-worker${extname(import.meta.url)}`, import.meta.url), options);
}
