/**
 * What is wrong with a YAML text, and where; `parseDocument` turns it into an error that names the line of the file. Which
 * texts are refused follows go-yaml; the messages are podgrace's own.
 */
export class YamlProblem extends Error {
  override readonly name = 'YamlProblem';
  /** In UTF-16 code units from the start of the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export const TAB_PROBLEM = 'the indentation must be of spaces, but here is a tab';
