/** A line for people, made of pieces with a style each. What is put into a line can neither end it nor steer the terminal. */
import { styleText } from 'node:util';
import { visibleLine } from '../../core/visible-text.ts';

export type Style = 'red' | 'yellow' | 'green' | 'cyan' | 'magenta' | 'dim' | 'bold';

interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** What can be put into a line. */
export type Part = string | number | Text;

export class Text {
  readonly #spans: readonly Span[];

  constructor(spans: readonly Span[]) {
    this.#spans = spans;
  }

  /** @param isColoured whether styles become escape sequences */
  render(isColoured: boolean): string {
    return this.#shown(visibleLine, isColoured);
  }

  /** For files and programs: nothing in it is encoded. */
  raw(isColoured: boolean): string {
    return this.#shown((text) => text, isColoured);
  }

  #shown(encode: (text: string) => string, isColoured: boolean): string {
    // What is encoded is encoded unit by unit, so that it does not matter where a span ends.
    if (!isColoured) {
      let line = '';
      for (const { text } of this.#spans) line += text;
      return encode(line);
    }
    return this.#spans
      .map(({ text, style }) => {
        const shown = encode(text);
        return style === undefined ? shown : styleText(style, shown, { validateStream: false });
      })
      .join('');
  }

  /** The same in one style. */
  styled(style: Style): Text {
    return new Text(this.#spans.map(({ text }) => ({ text, style })));
  }

  static of(part: Part): Text {
    return part instanceof Text ? part : new Text([{ text: String(part) }]);
  }

  static join(parts: readonly Part[], separator: Part = ''): Text {
    const spans: Span[] = [];
    for (let index = 0; index < parts.length; index++) {
      if (index > 0) Text.#append(separator, spans);
      Text.#append(parts[index] ?? '', spans);
    }
    return new Text(spans);
  }

  /** The parts, each between two literals. */
  static between(literals: readonly string[], parts: readonly Part[]): Text {
    const spans: Span[] = [];
    for (let index = 0; index < literals.length; index++) {
      Text.#append(literals[index] ?? '', spans);
      Text.#append(parts[index] ?? '', spans);
    }
    return new Text(spans);
  }

  static #append(part: Part, spans: Span[]): void {
    if (part instanceof Text) for (const span of part.#spans) spans.push(span);
    else if (part !== '') spans.push({ text: String(part) });
  }
}

/** A line: text`${file}: ${styled('red', 'denied')}`. */
export function text(literals: TemplateStringsArray, ...parts: readonly Part[]): Text {
  return Text.between(literals, parts);
}

/** A part of a line in a style, which shows where colours are on. */
export function styled(style: Style, part: Part): Text {
  return Text.of(part).styled(style);
}

/**
 * Colours only where somebody looks: on a terminal that can show them. NO_COLOR (https://no-color.org) switches them off,
 * FORCE_COLOR on, also against NO_COLOR as in Node itself; FORCE_COLOR of 0 or false switches them off.
 */
export function isColoured(isTTY: boolean | undefined, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  return isTTY === true && !NO_COLOR && TERM !== 'dumb';
}
