/** What is wrong with an object of a file, at its place. */
import type { FieldPlace } from './field-place.ts';
import type { UnreadableManifest } from './input/documents.ts';

interface Source {
  readonly file: string;
  readonly document: number | null;
  readonly line: number | null;
  readonly renderedLine?: number | undefined;
}

/** @param place of the field, where it is about one; else that of the object */
export function manifestError(source: Source, message: string, place?: FieldPlace): UnreadableManifest {
  const { file, document } = source;
  const { line, rendered } = place ?? { line: source.line, rendered: undefined };
  const renderedLine = rendered?.line ?? source.renderedLine;
  return renderedLine === undefined
    ? { file, document, line, message }
    : { file, document, line: null, message: `${message} (rendered line ${renderedLine})` };
}
