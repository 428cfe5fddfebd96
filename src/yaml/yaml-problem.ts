/** What is wrong with a YAML text, and where; `parseDocument` turns it into an error that names the line of the file. */
export class YamlProblem extends Error {
  override readonly name = 'YamlProblem';
  /** In UTF-16 code units from the start of the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
