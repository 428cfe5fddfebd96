/** Starts the thread for large reviews. The executable has another way to its code (packaging/executable). */
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

export function startReviewThread(options: WorkerOptions): Worker {
  return new Worker(new URL(`./review-worker${extname(import.meta.url)}`, import.meta.url), options);
}
