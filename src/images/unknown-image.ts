/** Why the configuration of an image is not known. The message has the registry for its subject, and no full stop. */
export class UnknownImageError extends Error {
  override readonly name = 'UnknownImageError';
}
