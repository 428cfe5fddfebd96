/** How much a look at registries may cost. */

export interface Bounds {
  /** Images that are asked about; of the others nothing is known. */
  readonly images: number;
  /** Images that are asked about at the same time. */
  readonly atOnce: number;
  /** Of one answer. */
  readonly answerBytes: number;
  /** Of all answers. */
  readonly totalBytes: number;
  /** For one request, its answer included. */
  readonly requestMs: number;
  /** For all of it. */
  readonly totalMs: number;
  /** What a registry that has had enough may ask to wait for. */
  readonly waitMs: number;
}

export const BOUNDS: Bounds = {
  images: 250,
  atOnce: 4,
  // What every registry takes as a manifest, and the largest that docker and containerd read (distribution specification).
  answerBytes: 4 * 1024 * 1024,
  totalBytes: 64 * 1024 * 1024,
  requestMs: 10_000,
  totalMs: 60_000,
  waitMs: 10_000,
};
