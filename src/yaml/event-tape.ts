/** What the parser has told of a document, kept to be told again: a second look takes no second scan. */
import { NO_PROPERTIES, type Properties, type YamlListener } from './parser.ts';
import type { Scalar } from './tokens.ts';

const SCALAR = 0;
const PLAIN_SCALAR = 1;
const ALIAS = 2;
const SEQUENCE = 3;
const MAPPING = 4;
const COLLECTION_END = 5;

/** A kind, an offset, and by kind: the end of a scalar, the event that ends a collection, the one that has started it. */
const NUMBERS_PER_EVENT = 3;

/** Where the events of the document that is read are written, before their number is known; one for all tapes, which are recorded in turn. */
let scratch = new Int32Array(4096);

/** Passes on what it hears, and remembers it. An event is told by its place, from 0. */
export class EventTape implements YamlListener {
  #listener: YamlListener | undefined;
  /** `NUMBERS_PER_EVENT` for each event, in one piece: tapes of many documents may be kept at once. */
  #numbers: Int32Array = NOTHING;
  #length = 0;
  /** Of scalars and aliases; empty for other events. */
  readonly #texts: string[] = [];
  /** Of the few events that have any. */
  #properties: Map<number, Properties> | undefined;
  #hasAlias = false;
  /** The starts of the collections whose ends are still to come. */
  readonly #open: number[] = [];

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** How many events there are. */
  get length(): number {
    return this.#length;
  }

  /** Whether no node has an anchor or a tag, and none is an alias. */
  get isPlainTree(): boolean {
    return this.#properties === undefined && !this.#hasAlias;
  }

  /**
   * Listens to a parser.
   *
   * @param listener hears what the tape hears
   * @param parse tells the tape a document
   */
  record(listener: YamlListener, parse: (tape: this) => void): void {
    this.#listener = listener;
    this.#numbers = scratch;
    try {
      parse(this);
    } finally {
      this.#numbers = scratch.slice(0, this.#length * NUMBERS_PER_EVENT);
      this.#listener = undefined;
    }
  }

  /** Tells a listener what the parser has told. */
  replay(listener: YamlListener): void {
    for (let event = 0; event < this.#length; event++) {
      const offset = this.offsetOf(event);
      const properties = this.#properties?.get(event) ?? NO_PROPERTIES;
      switch (this.#numbers[event * NUMBERS_PER_EVENT]) {
        case SCALAR:
        case PLAIN_SCALAR:
          listener.scalar({ offset, text: this.textOf(event), isPlain: this.isPlainScalar(event), end: this.endOf(event) }, properties);
          break;
        case ALIAS:
          listener.alias(offset, this.textOf(event));
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

  offsetOf(event: number): number {
    return this.#numbers[event * NUMBERS_PER_EVENT + 1] ?? 0;
  }

  /** Behind the last character of a scalar. */
  endOf(scalar: number): number {
    return this.#numbers[scalar * NUMBERS_PER_EVENT + 2] ?? 0;
  }

  textOf(scalar: number): string {
    return this.#texts[scalar] ?? '';
  }

  isPlainScalar(event: number): boolean {
    return this.#numbers[event * NUMBERS_PER_EVENT] === PLAIN_SCALAR;
  }

  isSequence(event: number): boolean {
    return this.#numbers[event * NUMBERS_PER_EVENT] === SEQUENCE;
  }

  isMapping(event: number): boolean {
    return this.#numbers[event * NUMBERS_PER_EVENT] === MAPPING;
  }

  /** The event that starts the collection that one ends; undefined for one that ends none. */
  startOf(event: number): number | undefined {
    const at = event * NUMBERS_PER_EVENT;
    return this.#numbers[at] === COLLECTION_END ? this.#numbers[at + 2] : undefined;
  }

  /** The last event of a node: the node itself, or the end of the collection. */
  lastOf(event: number): number {
    return this.isMapping(event) || this.isSequence(event) ? this.endOf(event) : event;
  }

  scalar(scalar: Scalar, properties: Properties): void {
    this.#keep(properties);
    this.#record(scalar.isPlain ? PLAIN_SCALAR : SCALAR, scalar.offset, scalar.end, scalar.text);
    this.#listener?.scalar(scalar, properties);
  }

  alias(offset: number, anchor: string): void {
    this.#hasAlias = true;
    this.#record(ALIAS, offset, offset, anchor);
    this.#listener?.alias(offset, anchor);
  }

  startSequence(offset: number, properties: Properties): void {
    this.#open.push(this.#length);
    this.#keep(properties);
    this.#record(SEQUENCE, offset, 0, '');
    this.#listener?.startSequence(offset, properties);
  }

  startMapping(offset: number, properties: Properties): void {
    this.#open.push(this.#length);
    this.#keep(properties);
    this.#record(MAPPING, offset, 0, '');
    this.#listener?.startMapping(offset, properties);
  }

  end(offset: number): void {
    const start = this.#open.pop() ?? 0;
    this.#numbers[start * NUMBERS_PER_EVENT + 2] = this.#length;
    this.#record(COLLECTION_END, offset, start, '');
    this.#listener?.end(offset);
  }

  /** Of the event that is recorded next. */
  #keep(properties: Properties): void {
    if (properties !== NO_PROPERTIES) (this.#properties ??= new Map()).set(this.#length, properties);
  }

  /** @param link the third number of the event (`NUMBERS_PER_EVENT`) */
  #record(kind: number, offset: number, link: number, text: string): void {
    const event = this.#length;
    this.#texts.push(text);
    const at = event * NUMBERS_PER_EVENT;
    if (at + NUMBERS_PER_EVENT > scratch.length) this.#numbers = scratch = grown(scratch);
    scratch[at] = kind;
    scratch[at + 1] = offset;
    scratch[at + 2] = link;
    this.#length = event + 1;
  }
}

const NOTHING = new Int32Array(0);

/** Room for twice as many. */
function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
