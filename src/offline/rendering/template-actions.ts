/**
 * The actions of a Go template (`{{ … }}`), found as `text/template/parse/lex.go` of Go 1.26 finds them: an action ends at the first
 * `}}` outside of its strings, raw strings, characters and comments.
 */

export interface TemplateAction {
  /** Offsets in the text, of `{{` and behind `}}`. */
  readonly start: number;
  readonly end: number;
  /** What stands in it, without the marks that trim and the space around. */
  readonly body: string;
  /** What comes before: `{{-` takes the space and the line end away. */
  readonly trimsBefore: boolean;
}

/** @returns undefined for a text that Go would refuse, as an action has no end */
export function templateActions(text: string): TemplateAction[] | undefined {
  const actions: TemplateAction[] = [];
  for (let start = text.indexOf('{{'); start >= 0; start = text.indexOf('{{', start)) {
    const end = endOfAction(text, start + 2);
    if (end === undefined) return undefined;
    const inner = text.slice(start + 2, end - 2);
    const trimsBefore = /^-\s/.test(inner);
    actions.push({
      start,
      end,
      body: inner
        .replace(/^-(?=\s)/, '')
        .replace(/(?<=\s)-$/, '')
        .trim(),
      trimsBefore,
    });
    start = end;
  }
  return actions;
}

/** Behind the `}}` of an action whose content begins at an offset. */
function endOfAction(text: string, from: number): number | undefined {
  const comment = /^(?:-\s)?\s*\/\*/.exec(text.slice(from, from + COMMENT_HEAD));
  if (comment !== null) {
    const closed = text.indexOf('*/', from + comment[0].length);
    const end = closed < 0 ? -1 : text.indexOf('}}', closed);
    return end < 0 ? undefined : end + 2;
  }
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '}' && text[at + 1] === '}') return at + 2;
    if (QUOTES.includes(character)) {
      const closed = endOfQuoted(text, at + 1, character);
      if (closed === undefined) return undefined;
      at = closed;
    }
  }
  return undefined;
}

/** How far behind `{{` the opening of a comment is looked for: a dash and some blanks may come before it. */
const COMMENT_HEAD = 64;
const QUOTES = ['"', "'", '`'];

/** Of the closing quote. Only a raw string goes over line ends, and has no escapes. */
function endOfQuoted(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === quote) return at;
    if (quote === '`') continue;
    if (text[at] === '\n') return undefined;
    if (text[at] === '\\') at += 1;
  }
  return undefined;
}
