/** In the executable, in place of src/server/review-thread.ts. */
import { getAsset } from 'node:sea';
import { Worker, type WorkerOptions } from 'node:worker_threads';

export function startReviewThread(options: WorkerOptions): Worker {
  return new Worker(getAsset('review-worker.js', 'utf8'), { ...options, eval: true });
}
