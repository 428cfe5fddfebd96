/** The line of a finding, with carets under its field. */
import { displayWidth } from '../../output/display-width.ts';
import { styled, text, type Style, type Text } from '../../output/text.ts';
import type { Quoted } from '../quoted-place.ts';

/** What is shown of a longer line begins so far before the field. */
const SHOWN_LENGTH = 120;
const SHOWN_BEFORE = 40;

/** @param indent before both lines, in columns */
export function quotedLine(place: Quoted, style: Style, indent: number): Text[] {
  const { line, column, endLine, endColumn, quote } = place;
  const from = quote.length <= SHOWN_LENGTH ? 0 : Math.max(0, Math.min(column - 1 - SHOWN_BEFORE, quote.length - SHOWN_LENGTH));
  const shown = quote.slice(from, from + SHOWN_LENGTH).replaceAll('\t', ' ');
  const before = from === 0 ? '' : '…';
  const after = from + SHOWN_LENGTH < quote.length ? '…' : '';
  const start = column - 1 - from;
  const end = endLine === line ? endColumn - 1 - from : shown.trimEnd().length;
  const marked = shown.slice(start, Math.max(start, Math.min(end, shown.length)));
  const carets = '^'.repeat(Math.max(1, displayWidth(marked)));
  const number = String(line);
  const pad = ' '.repeat(indent);
  const padding = ' '.repeat(displayWidth(before) + displayWidth(shown.slice(0, start)) + Math.max(0, start - shown.length));
  return [
    text`${pad}${styled('dim', `${number} |`)} ${before}${shown.trimEnd()}${after}`,
    text`${pad}${styled('dim', `${' '.repeat(number.length)} |`)} ${padding}${styled(style, carets)}`,
  ];
}
