/** What the parser has told of a document, kept to be told again: a second look takes no second scan. */
import { NO_PROPERTIES, type Properties, type YamlListener } from './parser.ts';

const SCALAR = 0;
const PLAIN_SCALAR = 1;
const ALIAS = 2;
const SEQUENCE = 3;
const MAPPING = 4;
const COLLECTION_END = 5;

/** A kind, an offset and the end of a scalar. */
const NUMBERS_PER_EVENT = 3;

/** Passes on what it hears, and remembers it. */
export class EventTape implements YamlListener {
  #listener: YamlListener | undefined;
  /** `NUMBERS_PER_EVENT` for each event: few objects, as most tapes are thrown away. */
  readonly #numbers: number[] = [];
  /** Of scalars and aliases, in order. */
  readonly #texts: string[] = [];
  /** Of the few events that have any, by their place among the numbers. */
  #properties: Map<number, Properties> | undefined;

  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  /** @param listener hears what the tape hears */
  recordingFor(listener: YamlListener): this {
    this.#listener = listener;
    return this;
  }

  /** Tells a listener what the parser has told. */
  replay(listener: YamlListener): void {
    const numbers = this.#numbers;
    let textAt = 0;
    for (let at = 0; at < numbers.length; at += NUMBERS_PER_EVENT) {
      const offset = numbers[at + 1] ?? 0;
      const properties = this.#properties?.get(at) ?? NO_PROPERTIES;
      switch (numbers[at]) {
        case SCALAR:
        case PLAIN_SCALAR:
          listener.scalar(offset, this.#texts[textAt++] ?? '', numbers[at] === PLAIN_SCALAR, properties, numbers[at + 2] ?? offset);
          break;
        case ALIAS:
          listener.alias(offset, this.#texts[textAt++] ?? '');
          break;
        case SEQUENCE:
          listener.startSequence(offset, properties);
          break;
        case MAPPING:
          listener.startMapping(offset, properties);
          break;
        default:
          listener.end(offset);
      }
    }
  }

  scalar(offset: number, text: string, isPlain: boolean, properties: Properties, end: number): void {
    this.#texts.push(text);
    this.#record(isPlain ? PLAIN_SCALAR : SCALAR, offset, end, properties);
    this.#listener?.scalar(offset, text, isPlain, properties, end);
  }

  alias(offset: number, anchor: string): void {
    this.#texts.push(anchor);
    this.#record(ALIAS, offset, offset, NO_PROPERTIES);
    this.#listener?.alias(offset, anchor);
  }

  startSequence(offset: number, properties: Properties): void {
    this.#record(SEQUENCE, offset, offset, properties);
    this.#listener?.startSequence(offset, properties);
  }

  startMapping(offset: number, properties: Properties): void {
    this.#record(MAPPING, offset, offset, properties);
    this.#listener?.startMapping(offset, properties);
  }

  end(offset: number): void {
    this.#record(COLLECTION_END, offset, offset, NO_PROPERTIES);
    this.#listener?.end(offset);
  }

  #record(kind: number, offset: number, end: number, properties: Properties): void {
    if (properties !== NO_PROPERTIES) (this.#properties ??= new Map()).set(this.#numbers.length, properties);
    this.#numbers.push(kind, offset, end);
  }
}
