/** Why the configuration of an image is not known. The message has the registry for its subject, and no full stop. */
export class UnknownImageError extends Error {
  override readonly name = 'UnknownImageError';
  /** Where the registry may answer later: how long it wants to be left alone, 0 where it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
