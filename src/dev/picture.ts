/** The README's picture: what a command prints on a terminal, drawn as SVG from the real output. */
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runCli } from '../cli/run.ts';
import type { Generated } from './generated.ts';

const COMMAND = ['replay', 'samples/reviews/create-deployment-web.json', 'samples/reviews/create-pod-of-replicaset-web.json'];

const COLUMNS = 118;
const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 20;
const MARGIN = 20;

/** SGR codes of `styleText` for the styles that reports use, in colours that are readable on the picture's background. */
const COLOURS: Readonly<Record<string, string>> = {
  '1': '#ffffff',
  '2': '#8b949e',
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '35': '#d2a8ff',
  '36': '#79c0ff',
};
const FOREGROUND = '#d1d5da';
const BACKGROUND = '#161b22';

/** A run of text in one colour. */
interface Span {
  readonly text: string;
  readonly colour: string;
}

export async function picture(): Promise<Generated> {
  let output = '';
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      output += chunk.toString();
      done();
    },
  });
  await runCli(['node', 'podgrace', ...COMMAND], {
    env: { FORCE_COLOR: '1' },
    stdin: process.stdin,
    stdout,
    stderr: process.stderr,
    serve: () => Promise.reject(new Error('the picture serves nothing')),
  });
  const lines = [`$ podgrace ${COMMAND.join(' ')}`, ...output.trimEnd().split('\n')].flatMap(wrapped);
  return { path: 'docs/images/replay.svg', content: drawn(lines) };
}

/** Breaks a line at the terminal's width, and indents what goes on as the line was. */
function wrapped(line: string): Span[][] {
  const indent = ' '.repeat(4 + (/^ */.exec(stripVTControlCharacters(line))?.[0].length ?? 0));
  const lines: Span[][] = [[]];
  let width = 0;
  for (const { text, colour } of spansOf(line)) {
    for (const word of text.match(/ +[^ ]*|[^ ]+/g) ?? []) {
      if (width + word.length > COLUMNS) {
        lines.push([{ text: indent, colour: FOREGROUND }]);
        width = indent.length;
      }
      const shown = width === indent.length && lines.length > 1 ? word.trimStart() : word;
      lines.at(-1)?.push({ text: shown, colour });
      width += shown.length;
    }
  }
  return lines;
}

function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let colour = FOREGROUND;
  // eslint-disable-next-line no-control-regex -- SGR sequences start with ESC
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    // eslint-disable-next-line no-control-regex -- as above
    const code = /^\u001b\[(\d+)m$/.exec(part)?.[1];
    if (code !== undefined) colour = COLOURS[code] ?? FOREGROUND;
    else if (part !== '') spans.push({ text: part, colour });
  }
  return spans;
}

function drawn(lines: readonly Span[][]): string {
  const width = Math.ceil(COLUMNS * CHARACTER_WIDTH + 2 * MARGIN);
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN;
  const texts = lines.map((spans, index) => {
    const y = MARGIN + (index + 0.75) * LINE_HEIGHT;
    const parts = spans.map(({ text, colour }) => `<tspan fill="${colour}">${escaped(text)}</tspan>`);
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${parts.join('')}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>podgrace denies a Deployment, warns of it, and repairs a Pod</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">',
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
