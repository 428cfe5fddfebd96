/** The error for a file or folder that cannot be read at all. The other files are still read. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** As messages call it. */
  readonly file: string;

  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}
