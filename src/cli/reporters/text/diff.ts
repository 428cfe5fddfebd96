/** A unified diff, as `diff -u` prints it and `git apply` takes it. */
import { isAbsolute } from 'node:path';
import { hunksOf } from '../../../offline/text-diff.ts';
import type { FixedText } from '../../../offline/fixed-text.ts';
import { styled, Text } from '../../output/text.ts';
import type { TextOutput } from '../../output/text-output.ts';

const STYLES = { '+': 'green', '-': 'red' } as const;

/** Prints nothing where nothing is changed. */
export function writeDiff({ file, before, edits }: Pick<FixedText, 'before' | 'edits'> & { readonly file: string }, out: TextOutput): void {
  if (edits.length === 0) return;
  const name = (side: string): string => (isAbsolute(file) ? file : `${side}/${file.replace(/^\.\//, '')}`);
  const lines: Text[] = [styled('bold', `--- ${name('a')}`), styled('bold', `+++ ${name('b')}`)];
  for (const { oldStart, oldCount, newStart, newCount, lines: marked } of hunksOf(before, edits)) {
    lines.push(styled('cyan', `@@ -${range(oldStart, oldCount)} +${range(newStart, newCount)} @@`));
    for (const { mark, text: line } of marked) {
      const whole = mark + line.replace(out.isTTY ? /\r?\n$/ : /\n$/, '');
      lines.push(mark === ' ' ? Text.of(whole) : styled(STYLES[mark], whole));
      if (!line.endsWith('\n')) lines.push(Text.of('\\ No newline at end of file'));
    }
  }
  out.contentLines(lines);
}

function range(start: number, count: number): string {
  return count === 1 ? String(start) : `${start},${count}`;
}
