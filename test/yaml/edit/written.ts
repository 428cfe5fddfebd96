/** Documents as people write them: any mixture of indentation, quotes, brackets, comments, blank lines and line ends. */
import { isObject } from '../../../src/core/json.ts';

export interface Written {
  readonly text: string;
  /** Each of them is there once. */
  readonly comments: readonly string[];
}

/**
 * @param choices decide about everything that the value leaves open; used again and again
 * @param onlyBlocks leaves brackets to what is empty
 */
export function written(value: Readonly<Record<string, unknown>>, choices: readonly number[], onlyBlocks = false): Written {
  const author = new Author(choices, onlyBlocks);
  const lines = author.document(value);
  const lineEnd = author.chance(5) ? '\r\n' : '\n';
  return { text: lines.join(lineEnd) + (author.chance(5) ? '' : lineEnd), comments: author.comments };
}

class Author {
  readonly comments: string[] = [];
  readonly #choices: readonly number[];
  readonly #onlyBlocks: boolean;
  #at = 0;
  #anchors = 0;
  readonly #indent: number;
  readonly #listIndent: number;

  constructor(choices: readonly number[], onlyBlocks: boolean) {
    this.#choices = choices;
    this.#onlyBlocks = onlyBlocks;
    this.#indent = 1 + this.#below(4);
    this.#listIndent = this.chance(2) ? 0 : this.#indent;
  }

  chance(of: number): boolean {
    return this.#below(of) === 0;
  }

  document(value: Readonly<Record<string, unknown>>): string[] {
    const head = this.chance(4) ? ['---'] : [];
    return [...this.#between(0), ...head, ...this.#mapping(value, 0), ...this.#between(0)];
  }

  #below(limit: number): number {
    this.#at += 1;
    return ((this.#choices[this.#at % this.#choices.length] ?? 0) + this.#at) % limit;
  }

  #comment(): string {
    const comment = `# no. ${this.comments.length}: {a: 'b"`;
    this.comments.push(comment);
    return comment;
  }

  /** Before a line: nothing, most often. */
  #between(column: number): string[] {
    if (this.chance(6)) return [' '.repeat(column) + this.#comment()];
    return this.chance(8) ? [''] : [];
  }

  #behind(): string {
    return this.chance(5) ? `  ${this.#comment()}` : '';
  }

  /** An anchor that nothing stands for, or nothing. */
  #anchor(): string {
    if (!this.chance(15)) return '';
    this.#anchors += 1;
    return ` &a${this.#anchors}`;
  }

  /** The first line without its indentation where `isOpen` says that something stands before it. */
  #mapping(value: Readonly<Record<string, unknown>>, column: number, isOpen = false): string[] {
    return Object.entries(value).flatMap(([key, member], index) => {
      const pad = ' '.repeat(column);
      const before = index === 0 && isOpen ? [] : this.#between(column);
      const [first = '', ...rest] = this.#member(`${this.#scalar(key)}:`, member, column);
      return [...before, (index === 0 && isOpen ? '' : pad) + first, ...rest];
    });
  }

  #member(name: string, value: unknown, column: number): string[] {
    const start = name + this.#anchor();
    if (value === null && this.chance(2)) return [start + this.#behind()];
    if (this.#isInline(value)) return [`${start} ${this.#flow(value)}${this.#behind()}`];
    if (typeof value === 'string') return this.#literal(`${start} `, value, column);
    if (Array.isArray(value)) return [start + this.#behind(), ...this.#list(value, column + this.#listIndent)];
    return [start + this.#behind(), ...this.#mapping(value as Record<string, unknown>, column + this.#indent)];
  }

  #list(value: readonly unknown[], column: number, isOpen = false): string[] {
    return value.flatMap((item, index) => {
      const start = index === 0 && isOpen;
      const before = start ? [] : this.#between(column);
      const mark = `${start ? '' : ' '.repeat(column)}-${this.#anchor()}`;
      const dash = `${mark} `;
      if (this.#isInline(item)) return [...before, dash + this.#flow(item) + this.#behind()];
      if (typeof item === 'string') return [...before, ...this.#literal(dash, item, column)];
      // An anchor in front of the first key would be one of that key.
      const isBare = mark.endsWith('-');
      const lines = Array.isArray(item)
        ? this.#list(item, column + 2, isBare)
        : this.#mapping(item as Record<string, unknown>, column + 2, isBare);
      if (!isBare) return [...before, mark + this.#behind(), ...lines];
      const [first = '', ...rest] = lines;
      return [...before, dash + first, ...rest];
    });
  }

  #isInline(value: unknown): boolean {
    if (typeof value === 'string') return !/^[a-z]+\n[a-z\n]*\n$/.test(value) || value.endsWith('\n\n') || this.chance(3);
    if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return true;
    return !this.#onlyBlocks && this.chance(6);
  }

  #literal(before: string, value: string, column: number): string[] {
    const head = this.chance(4) ? `|${this.#behind()}` : '|';
    return [
      before + head,
      ...value
        .slice(0, -1)
        .split('\n')
        .map((line) => (line === '' ? '' : ' '.repeat(column + 2) + line)),
    ];
  }

  #flow(value: unknown): string {
    if (typeof value === 'string') return this.#scalar(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const isTight = this.chance(2);
    const parts = Array.isArray(value)
      ? value.map((item) => this.#flow(item))
      : Object.entries(value).map(([key, member]) => `${this.#scalar(key)}: ${this.#flow(member)}`);
    const [open, close] = isObject(value) ? ['{', '}'] : ['[', ']'];
    const comma = parts.length > 0 && this.chance(6) ? ',' : '';
    return isTight ? open + parts.join(',') + comma + close : `${open} ${parts.join(', ')}${comma} ${close}`;
  }

  #scalar(value: string): string {
    if (/^[a-z]+$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/.test(value) && !this.chance(4)) return value;
    return /^[ -~]*$/.test(value) && this.chance(2) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
  }
}
