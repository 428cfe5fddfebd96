/** A file or folder that cannot be read as a whole; the others still are. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** As messages call it. */
  readonly file: string;

  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}
