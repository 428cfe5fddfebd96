/** The lines of a Go template as YAML has them: an action is a part of its line, however many line ends stand in it. */
import type { TemplateAction } from './template-actions.ts';

/** A line of a template, or several that one action joins. */
export interface TemplateLine {
  /** From 1, of its first line. */
  readonly number: number;
  /** With a placeholder for each character of an action. */
  readonly text: string;
  /** Where it begins in the template. */
  readonly offset: number;
  readonly actions: readonly TemplateAction[];
}

/** A character for private use; templates that have it are not read. */
export const PLACEHOLDER = '\ue000';

/** @param actions of the text, in order */
export function* templateLines(text: string, actions: readonly TemplateAction[]): Generator<TemplateLine> {
  let masked = '';
  let at = 0;
  for (const { start, end } of actions) {
    masked += text.slice(at, start) + PLACEHOLDER.repeat(end - start);
    at = end;
  }
  masked += text.slice(at);
  let number = 1;
  let offset = 0;
  let next = 0;
  for (const line of masked.split('\n')) {
    const end = offset + line.length;
    const first = next;
    while ((actions[next]?.start ?? Infinity) < end) next += 1;
    yield { number, text: line.replace(/\r$/, ''), offset, actions: actions.slice(first, next) };
    number += 1 + countLineEnds(text, offset, end);
    offset = end + 1;
  }
}

/** The line ends that actions hide. */
function countLineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
