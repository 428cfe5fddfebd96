/**
 * Drawn timelines: a table with a lane for each container. Names and sentences are HTML and wrap; what is drawn is SVG in percent of the
 * width, so that nothing is distorted. The drawing repeats what the sentences beside it say, so it is hidden from screen readers.
 */
import { escape } from './document.ts';

/**
 * - `wait`: not yet.
 * - `good`: ready.
 * - `hold`: held up, by a hook, by others, by a toleration.
 * - `risk`: when somebody may stop it, or what is cut off.
 * - `open`: how long is not known.
 */
export type BarKind = 'wait' | 'good' | 'hold' | 'risk' | 'open';

export interface Bar {
  readonly kind: BarKind;
  readonly from: number;
  readonly to: number;
  /** Below the others, half as high. */
  readonly isLow?: boolean;
}

export type MarkKind = 'signal' | 'kill' | 'ask';

export interface Mark {
  readonly kind: MarkKind;
  readonly at: number;
}

export interface Lane {
  /** Text. */
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly marks?: readonly Mark[];
  /** Numbers that are written into the lane; of two that are too close to each other, the first one stays. */
  readonly labels?: readonly number[];
}

export interface Timeline {
  /** Text. */
  readonly caption: string;
  readonly lanes: readonly Lane[];
  /** What the right edge stands for; above 0. */
  readonly end: number;
  /** What the numbers are, as text. */
  readonly axis: string;
  /** Behind each number: ` s`. */
  readonly unit: string;
  /** What kinds of bars and marks mean here, in the order of the legend. */
  readonly legend: Readonly<Partial<Record<BarKind | MarkKind, string>>>;
}

export const TIMELINE_STYLE = `
:root { --good: #1f7a3a; --hold: #8250df; }
@media (prefers-color-scheme: dark) { :root { --good: #56d27c; --hold: #c4a5ff; } }
h3 { margin-top: 1.2rem; }
table.lanes { table-layout: fixed; margin: .5rem 0; }
.lanes th { width: 28%; white-space: normal; overflow-wrap: anywhere; vertical-align: middle; }
.lanes caption { font-weight: 400; color: var(--soft); }
.lanes td { border-left: 1px solid var(--line); border-right: 1px solid var(--line); padding: 0; }
svg { display: block; overflow: visible; }
svg text { fill: var(--text); font: .75rem system-ui, sans-serif; }
.grid { stroke: var(--line); }
.wait { fill: var(--bar); } .good { fill: var(--good); } .hold { fill: var(--hold); } .risk { fill: var(--enforce); }
.open { fill: none; stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 5 3; }
.mark { fill: var(--text); stroke: var(--back); stroke-width: 1; } .cross { fill: none; stroke: var(--enforce); stroke-width: 3; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; list-style: none; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.finding { font-weight: 700; }
`;

const LANE_HEIGHT = 34;
/** Of the width: what a number takes. */
const LABEL_PERCENT = 9;
const MOST_TICKS = 6;

/** A table with a lane for each container, and a legend of the marks that are used; HTML without a script. */
export function drawTimeline(timeline: Timeline): string {
  const { caption, lanes, end, legend } = timeline;
  const used = new Set<BarKind | MarkKind>(lanes.flatMap(({ bars, marks = [] }) => [...bars, ...marks].map(({ kind }) => kind)));
  const keys = (Object.keys(legend) as (BarKind | MarkKind)[]).filter((kind) => used.has(kind));
  const items = keys.map((kind) => `<li>${keySymbol(kind)} ${escape(legend[kind] ?? '')}</li>\n`).join('');
  const rows = lanes.map((lane) => `<tr><th scope="row">${escape(lane.name)}</th><td>${laneSvg(lane, timeline)}</td></tr>\n`).join('');
  const ticks = ticksUpTo(end);
  const axis = `<tr><th scope="row" class="soft">${escape(timeline.axis)}</th><td>${axisSvg(ticks, timeline)}</td></tr>\n`;
  return [
    `<table class="lanes">\n<caption>${escape(caption)}</caption>\n<tbody>\n${rows}${axis}</tbody>\n</table>\n`,
    items === '' ? '' : `<ul class="legend">\n${items}</ul>\n`,
  ].join('');
}

/** Round numbers from 0 up to the end. */
function ticksUpTo(end: number): number[] {
  const rough = end / MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough);
  const ticks: number[] = [];
  for (let tick = 0; tick <= end; tick += step) ticks.push(tick);
  return ticks;
}

function axisSvg(ticks: readonly number[], { end, unit }: Timeline): string {
  const texts = ticks.map((tick) => numberText(tick, 14, end, unit));
  return `<svg width="100%" height="20" aria-hidden="true" focusable="false">${texts.join('')}</svg>`;
}

function laneSvg({ bars, marks = [], labels = [] }: Lane, { end, unit }: Timeline): string {
  const grid = ticksUpTo(end).map(
    (tick) => `<line class="grid" x1="${percent(tick, end)}" x2="${percent(tick, end)}" y1="0" y2="${LANE_HEIGHT}"/>`,
  );
  const rects = bars.map((bar) => barRect(bar, end));
  const symbols = marks.map(({ kind, at }) => `<svg x="${percent(at, end)}" y="20">${symbolOf(kind)}</svg>`);
  const numbers = withoutOverlap(labels, end).map((at) => numberText(at, 11, end, unit));
  const drawn = [...grid, ...rects, ...symbols, ...numbers].join('');
  return `<svg width="100%" height="${LANE_HEIGHT}" aria-hidden="true" focusable="false">${drawn}</svg>`;
}

function barRect({ kind, from, to, isLow = false }: Bar, end: number): string {
  const right = Math.min(to, end);
  if (right <= from) return '';
  const [y, height] = isLow ? [27, 5] : [15, 10];
  return `<rect class="${kind}" x="${percent(from, end)}" y="${y}" width="${percent(right - from, end)}" height="${height}"/>`;
}

function numberText(at: number, y: number, end: number, unit: string): string {
  const share = at / end;
  const anchor = share > 0.92 ? ' text-anchor="end"' : share > 0.02 ? ' text-anchor="middle"' : '';
  return `<text x="${percent(at, end)}" y="${y}"${anchor}>${at}${escape(unit)}</text>`;
}

function withoutOverlap(labels: readonly number[], end: number): number[] {
  const kept: number[] = [];
  for (const label of labels) if (kept.every((other) => (Math.abs(other - label) * 100) / end >= LABEL_PERCENT)) kept.push(label);
  return kept;
}

function percent(value: number, end: number): string {
  return `${((100 * value) / end).toFixed(2)}%`;
}

/** Around 0, 0. */
function symbolOf(kind: MarkKind): string {
  if (kind === 'signal') return '<path class="mark" d="M-6 -7 L6 -7 L0 6 Z"/>';
  if (kind === 'ask') return '<circle class="mark" r="4.5"/>';
  return '<path class="cross" d="M-5 -5 L5 5 M5 -5 L-5 5"/>';
}

function keySymbol(kind: BarKind | MarkKind): string {
  const isMark = kind === 'signal' || kind === 'kill' || kind === 'ask';
  const drawn = isMark ? `<svg x="8" y="8">${symbolOf(kind)}</svg>` : `<rect class="${kind}" x="1" y="3" width="14" height="10"/>`;
  return `<svg width="16" height="16" aria-hidden="true" focusable="false">${drawn}</svg>`;
}
