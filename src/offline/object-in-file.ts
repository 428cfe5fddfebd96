/** An object of a manifest file, as reports name it. */
export interface ObjectInFile {
  readonly file: string;
  /** From 1, within the file. */
  readonly document: number;
  /** Where the object begins, from 1. */
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}
