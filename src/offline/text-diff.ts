/** The differences that edits make in a text, line by line. The edits themselves say what differs, so nothing is compared. */
import { applyEdits, type TextEdit } from '../yaml/edit/edits.ts';

/** Lines with their ends; those around a change, and the change. */
export interface Hunk {
  /** From 1; of a hunk without old lines, the line before. */
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly lines: readonly { readonly mark: ' ' | '-' | '+'; readonly text: string }[];
}

interface Change {
  /** From 0. */
  readonly at: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** As `diff -u` has them by default. */
const CONTEXT_LINES = 3;

/** The edits of a text as hunks of a unified diff, with three lines around each; those close to each other share one. */
export function hunksOf(text: string, edits: readonly TextEdit[]): Hunk[] {
  const lines = linesOf(text);
  const groups: Change[][] = [];
  for (const change of changesOf(text, edits)) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && change.at - (last.at + last.removed.length) <= 2 * CONTEXT_LINES) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  let shift = 0;
  return groups.map((group) => {
    const hunk = hunkOf(group, lines, shift);
    shift += hunk.newCount - hunk.oldCount;
    return hunk;
  });
}

function hunkOf(group: readonly Change[], lines: readonly string[], shift: number): Hunk {
  const first = group[0]?.at ?? 0;
  const start = Math.max(first - CONTEXT_LINES, 0);
  const marked: { mark: ' ' | '-' | '+'; text: string }[] = [];
  let at = start;
  const keepTo = (end: number): void => {
    for (; at < end; at++) marked.push({ mark: ' ', text: lines[at] ?? '' });
  };
  for (const change of group) {
    keepTo(change.at);
    for (const text of change.removed) marked.push({ mark: '-', text });
    for (const text of change.added) marked.push({ mark: '+', text });
    at += change.removed.length;
  }
  keepTo(Math.min(at + CONTEXT_LINES, lines.length));
  const oldCount = marked.filter(({ mark }) => mark !== '+').length;
  const newCount = marked.filter(({ mark }) => mark !== '-').length;
  return {
    oldStart: oldCount === 0 ? start : start + 1,
    oldCount,
    newStart: (newCount === 0 ? start : start + 1) + shift,
    newCount,
    lines: marked,
  };
}

/** Whole lines that change; edits of the same line are one change. */
function changesOf(text: string, edits: readonly TextEdit[]): Change[] {
  const starts = lineStarts(text);
  const changes: Change[] = [];
  let group: TextEdit[] = [];
  const flush = (): void => {
    const [first] = group;
    if (first === undefined) return;
    const firstLine = lineAt(starts, first.start);
    const lastLine = lineAt(
      starts,
      group.reduce((end, edit) => Math.max(end, edit.end), 0),
    );
    const from = starts[firstLine] ?? 0;
    const before = text.slice(from, starts[lastLine + 1] ?? text.length);
    const after = applyEdits(
      before,
      group.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from })),
    );
    const change = trimmed({ at: firstLine, removed: linesOf(before), added: linesOf(after) });
    if (change.removed.length > 0 || change.added.length > 0) changes.push(change);
    group = [];
  };
  let lastLine = -1;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (lineAt(starts, edit.start) > lastLine) flush();
    group.push(edit);
    lastLine = Math.max(lastLine, lineAt(starts, edit.end));
  }
  flush();
  return changes;
}

/** Without the lines that are equal at both ends. */
function trimmed({ at, removed, added }: Change): Change {
  const shorter = Math.min(removed.length, added.length);
  let front = 0;
  while (front < shorter && removed[front] === added[front]) front += 1;
  let back = 0;
  while (back < shorter - front && removed.at(-1 - back) === added.at(-1 - back)) back += 1;
  return { at: at + front, removed: removed.slice(front, removed.length - back), added: added.slice(front, added.length - back) };
}

/** Each with its end. */
function linesOf(text: string): string[] {
  const starts = lineStarts(text);
  return text === '' ? [] : starts.map((start, index) => text.slice(start, starts[index + 1] ?? text.length));
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0 && end + 1 < text.length; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** The number of the line, from 0, that an offset is in; by bisection. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
