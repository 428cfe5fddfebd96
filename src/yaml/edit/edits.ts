/** Changes of a text at places of it. */
export interface TextEdit {
  readonly start: number;
  /** Behind what is taken out; `start` where nothing is. */
  readonly end: number;
  readonly text: string;
}

/**
 * @param edits those at one place in the order in which their texts are to stand
 * @throws {RangeError} where one takes out what another changes
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: inserted } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at || end < start || end > text.length) throw new RangeError(`edits overlap at offset ${start}`);
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at);
}

/**
 * Brings edits of a text with LF to one with CRLF.
 *
 * @param original the text as it stands in the file
 * @returns the edits with offsets in the original, and with its line ends
 */
export function withLineEndsOf(original: string, edits: readonly TextEdit[]): TextEdit[] {
  const returns = carriageReturns(original);
  if (returns.length === 0)
    return edits.map((edit) => ({ ...edit, start: Math.min(edit.start, original.length), end: Math.min(edit.end, original.length) }));
  const lines = original.split('\n').length - 1;
  const lineEnd = returns.length * 2 >= lines ? '\r\n' : '\n';
  const place = (offset: number): number => Math.min(offset + countBelow(returns, offset), original.length);
  return edits.map(({ start, end, text }) => ({ start: place(start), end: place(end), text: text.replaceAll('\n', lineEnd) }));
}

/** For each CRLF, the offset that its LF has where each is one character. */
function carriageReturns(original: string): number[] {
  const offsets: number[] = [];
  for (let at = original.indexOf('\r\n'); at >= 0; at = original.indexOf('\r\n', at + 2)) offsets.push(at - offsets.length);
  return offsets;
}

/** How many of rising numbers are below a limit. */
function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? Infinity) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
