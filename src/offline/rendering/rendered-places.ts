/** Where the fields of an object that a tool has rendered stand in the file that it was rendered from. */
import { isObject } from '../../core/json.ts';
import type { DocumentPath } from '../../yaml/positions.ts';
import type { FieldPlace } from '../field-place.ts';
import type { DocumentPlaces } from '../input/documents.ts';
import type { TemplateDocument, TemplateOutline } from './template-outline.ts';

export class RenderedPlaces implements DocumentPlaces {
  readonly #rendered: DocumentPlaces;
  readonly #text: string;
  readonly #value: unknown;
  readonly #outline: TemplateOutline | undefined;
  #template: { readonly found: TemplateDocument | undefined } | undefined;

  /**
   * @param rendered places in what the tool has written
   * @param text of the document, as the tool has written it
   * @param value all that the document holds
   * @param outline of the template that it comes from, where there is one to read
   */
  constructor(rendered: DocumentPlaces, text: string, value: unknown, outline: TemplateOutline | undefined) {
    this.#rendered = rendered;
    this.#text = text;
    this.#value = value;
    this.#outline = outline;
  }

  get contentLine(): number {
    return this.#document()?.line ?? 1;
  }

  get renderedLine(): number | undefined {
    return this.#document() === undefined ? this.#rendered.contentLine : undefined;
  }

  placeOf(path: DocumentPath): FieldPlace {
    const place = this.#document()?.placeOf(existing(path, this.#value));
    if (place?.isField === true) return { ...place.region, quote: place.quote };
    const { line, column, endLine, endColumn, quote } = this.#rendered.placeOf(path);
    const rendered = { line, column, endLine, endColumn, quote, isAroundKnown: place !== undefined };
    return place === undefined ? { ...FIRST_LINE, rendered } : { ...place.region, quote: place.quote, rendered };
  }

  #document(): TemplateDocument | undefined {
    this.#template ??= { found: this.#outline?.document(this.#text) };
    return this.#template.found;
  }
}

const FIRST_LINE = { line: 1, column: 1, endLine: 1, endColumn: 1, quote: '' } as const;

/** As much of a path as the document has. */
function existing(path: DocumentPath, document: unknown): DocumentPath {
  let at = document;
  for (const [depth, step] of path.entries()) {
    const hasStep = typeof step === 'number' ? Array.isArray(at) && at.length > step && step >= 0 : isObject(at) && Object.hasOwn(at, step);
    if (!hasStep) return path.slice(0, depth);
    at = (at as Record<string | number, unknown>)[step];
  }
  return path;
}
