/** `podgrace explain` as one page for a browser: what the text says, and the timelines drawn. It needs no script. */
import { VERSION } from '../../../config/version.ts';
import { waitsForItsNode, type ContainerStart, type ContainerStop, type PodTimelines } from '../../../core/pod-timelines.ts';
import type { ExplainError, ExplainOutcome, ExplainSkip, ExplainSummary, Explanation } from '../../../offline/explanation.ts';
import type { ReportedFinding } from '../../../offline/finding.ts';
import { Text, type Part } from '../../output/text.ts';
import { effectLines } from '../explanation/effect-lines.ts';
import { explanationSections, titleOf, type ExplanationSection, type SectionName } from '../explanation/sections.ts';
import { whoIs } from '../explanation/words.ts';
import { fieldText, startText } from '../place-text.ts';
import type { Reporter, ReportOptions } from '../reporter.ts';
import { errorLine } from '../text/check.ts';
import { isForSomebody } from '../text/finding-lines.ts';
import { unexplainedLines } from '../text/unjudged-text.ts';
import { documentEnd, documentHead, errorSection, escape, listSection } from './document.ts';
import { MODE_WORDS } from './mode-words.ts';
import { drawTimeline, TIMELINE_STYLE, type Bar, type Lane, type Mark, type Timeline } from './timeline.ts';

export class ExplainHtml implements Reporter<undefined, ExplainOutcome, ExplainSummary> {
  readonly #options: ReportOptions;
  readonly #errors: ExplainError[] = [];
  readonly #notices: string[] = [];
  /** Whether an object without Pods of its own was explained. */
  #isAnyOther = false;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    const subtitle = `podgrace ${escape(VERSION)}. Times are the earliest ones unless said otherwise.`;
    this.#options.stdout.write(documentHead({ title: 'podgrace explain', subtitle, hasScript: false, style: TIMELINE_STYLE }));
  }

  object(outcome: ExplainOutcome): void {
    if (outcome.outcome === 'judged') this.#options.stdout.write(objectHtml(outcome.result));
    if (outcome.outcome === 'skipped') this.#skip(outcome.skip);
    if (outcome.outcome === 'error') for (const error of outcome.errors) this.#errors.push(error);
  }

  #skip(skip: ExplainSkip): void {
    for (const line of unexplainedLines(skip)) this.#notices.push(line);
    const other = otherHtml(skip);
    this.#isAnyOther ||= other !== '';
    this.#options.stdout.write(other);
  }

  end({ explained }: ExplainSummary): void {
    const nothing = explained === 0 && !this.#isAnyOther ? '<p>No object has a Pod template.</p>\n' : '';
    const told = `${errorSection(this.#errors.map(errorLine))}${listSection('notices', 'Not explained', this.#notices)}`;
    this.#options.stdout.write(`${nothing}${told}${documentEnd()}`);
  }
}

function objectHtml(explanation: Explanation): string {
  const { subject } = explanation;
  const meta = `${startText(explanation)}, ${subject.workloadClass}`;
  const sections = explanationSections(explanation).map((section) => sectionHtml(section, explanation));
  return `<section class="group">\n<h2>${escape(titleOf(explanation))}</h2>\n<p class="soft">${escape(meta)}</p>\n${sections.join('')}</section>\n`;
}

/** What an object does with the Pods of others; empty for one that concerns none. */
function otherHtml(skip: ExplainSkip): string {
  const { kind, other } = skip;
  if (other === undefined) return '';
  const title = escape(`${kind} ${other.namespace}/${other.name}`);
  return `<section class="group">\n<h2>${title}</h2>\n<p class="soft">${escape(startText(skip))}</p>\n${listHtml(effectLines(other.effect))}</section>\n`;
}

function listHtml(lines: readonly Part[]): string {
  const items = lines.map((line) => `<li>${escape(Text.of(line).raw(false).trim())}</li>\n`).join('');
  return items === '' ? '' : `<ul>\n${items}</ul>\n`;
}

function sectionHtml({ name, title, lines, findings = [] }: ExplanationSection, { timelines }: Explanation): string {
  const drawing = DRAWINGS[name]?.(timelines);
  return `<h3>${escape(title)}</h3>\n${drawing === undefined ? '' : drawTimeline(drawing)}${listHtml(lines)}${findings.map(findingHtml).join('')}`;
}

/** All of them, also what is only recorded: a page has room, and somebody may search it. */
function findingHtml(finding: ReportedFinding): string {
  const { rule, mode, message, fix } = finding;
  const advice = isForSomebody(finding) ? `<p class="soft">${escape(`fix: ${fix}`)}</p>\n` : '';
  return `<article class="${mode}">\n<p><span class="mode">${MODE_WORDS[mode]}</span> ${escape(`${fieldText(finding)}: ${message} [${rule}]`)}</p>\n${advice}</article>\n`;
}

const DRAWINGS: Partial<Readonly<Record<SectionName, (timelines: PodTimelines) => Timeline | undefined>>> = {
  start: startDrawing,
  stop: stopDrawing,
  nodeLost: nodeLostDrawing,
  rollout: rolloutDrawing,
};

/** Room behind the last event, so that it is seen that things go on. */
const MARGIN = 1.1;
/** Where nothing takes any time. */
const LEAST_SECONDS = 10;

function endAfter(seconds: readonly number[]): number {
  return seconds.reduce((last, each) => (Number.isFinite(each) ? Math.max(last, each) : last), LEAST_SECONDS) * MARGIN;
}

function startDrawing({ start }: PodTimelines): Timeline {
  const end = endAfter(
    start.flatMap(({ beginSeconds, readySeconds, budget }) => [beginSeconds + readySeconds, beginSeconds + (budget?.atMostSeconds ?? 0)]),
  );
  return {
    caption: 'Seconds after the first container begins',
    lanes: start.map((each) => startLane(each, end)),
    end,
    axis: 'time',
    unit: ' s',
    legend: {
      wait: 'has begun, and is not ready',
      good: 'ready at the earliest',
      ask: 'the livenessProbe is first asked',
      risk: 'a container that does not answer is stopped in this time',
      open: 'never begins',
    },
  };
}

function startLane({ reference, beginSeconds, readySeconds, firstLivenessSeconds, budget }: ContainerStart, end: number): Lane {
  const name = whoIs(reference);
  if (!Number.isFinite(beginSeconds)) return { name, bars: [{ kind: 'open', from: 0, to: end }] };
  const ready = beginSeconds + readySeconds;
  const bars: Bar[] = [
    { kind: 'wait', from: beginSeconds, to: ready },
    { kind: 'good', from: ready, to: end },
  ];
  const marks: Mark[] = [];
  const labels = [ready];
  if (firstLivenessSeconds !== undefined) marks.push({ kind: 'ask', at: beginSeconds + firstLivenessSeconds });
  if (budget !== undefined) {
    const [from, to] = [beginSeconds + budget.atLeastSeconds, beginSeconds + budget.atMostSeconds];
    bars.push({ kind: 'risk', from, to, isLow: true });
    labels.push(from, to);
  }
  return { name, bars, marks: marks.filter(({ at }) => at <= end), labels: labels.filter((at) => at <= end) };
}

function stopDrawing({ stop }: PodTimelines): Timeline {
  const end = endAfter([stop.graceSeconds, ...stop.containers.map(({ killSeconds }) => killSeconds)]);
  return {
    caption: 'Seconds after the Pod is deleted',
    lanes: stop.containers.map((each) => stopLane(each, stop.isPidOneElsewhere)),
    end,
    axis: 'time',
    unit: ' s',
    legend: {
      hold: 'its preStop hook runs, or it waits for other containers',
      signal: 'gets its stop signal',
      risk: 'does not end at the signal',
      open: 'may go on for as long as this',
      kill: 'SIGKILL to what is still there',
    },
  };
}

function stopLane({ reference, stopSignalSeconds, killSeconds, verdict }: ContainerStop, isPidOneElsewhere: boolean): Lane {
  const name = whoIs(reference);
  const kill: Mark = { kind: 'kill', at: killSeconds };
  if (stopSignalSeconds === undefined)
    return { name, bars: [{ kind: 'open', from: 0, to: killSeconds }], marks: [kill], labels: [killSeconds] };
  const isLost = !isPidOneElsewhere && verdict.fate === 'swallows';
  return {
    name,
    bars: [
      { kind: 'hold', from: 0, to: stopSignalSeconds },
      { kind: isLost ? 'risk' : 'open', from: stopSignalSeconds, to: killSeconds },
    ],
    marks: [{ kind: 'signal', at: stopSignalSeconds }, kill],
    labels: [stopSignalSeconds, killSeconds],
  };
}

function nodeLostDrawing({ nodeLost }: PodTimelines): Timeline {
  const { noticedSeconds, deletedSeconds } = nodeLost;
  const waits = waitsForItsNode(nodeLost);
  // The deadline of a Job may pass before anybody has noticed.
  const unnoticedSeconds = Math.min(noticedSeconds, deletedSeconds);
  const end = endAfter([waits ? 4 * noticedSeconds : deletedSeconds]);
  return {
    caption: 'Seconds after the last sign of life of the node',
    lanes: [
      {
        name: 'Pod',
        bars: [
          { kind: 'wait', from: 0, to: unnoticedSeconds },
          { kind: waits ? 'open' : 'hold', from: unnoticedSeconds, to: waits ? end : deletedSeconds },
        ],
        marks: waits ? [] : [{ kind: 'kill', at: deletedSeconds }],
        labels: waits ? [noticedSeconds] : [deletedSeconds, unnoticedSeconds],
      },
    ],
    end,
    axis: 'time',
    unit: ' s',
    legend: {
      wait: 'nobody has noticed',
      hold: 'the Pod tolerates the taint',
      open: 'the Pod waits for its node',
      kill: 'the Pod is deleted',
    },
  };
}

/** More steps are all alike. */
const MOST_STEPS = 12;

/** Not by seconds: how long a step takes is up to the application. */
function rolloutDrawing({ rollout }: PodTimelines): Timeline | undefined {
  if (rollout === undefined) return undefined;
  const { replicas, replaced, mostPods, leastAvailable, steps, isOrdered } = rollout;
  if (steps === 0) return undefined;
  const unavailable = replicas - leastAvailable;
  const atOnce = isOrdered ? 1 : rollout.atOnce;
  const shown = Math.min(steps, MOST_STEPS);
  const lanes = Array.from({ length: shown }, (_, index): Lane => {
    const fresh = index * atOnce;
    const left = replicas - fresh;
    const old = Math.max(0, left - Math.min(unavailable, left));
    const starting = Math.min(atOnce, replaced - fresh);
    return {
      name: `step ${index + 1}`,
      bars: [
        { kind: 'good', from: 0, to: fresh },
        { kind: 'hold', from: fresh, to: fresh + old },
        { kind: 'wait', from: fresh + old, to: fresh + old + starting },
      ],
      labels: [fresh + old + starting, fresh + old],
    };
  });
  return {
    caption: shown < steps ? `Pods in the first ${shown} of ${steps} steps` : 'Pods in each step',
    lanes,
    end: Math.max(1, mostPods) * MARGIN,
    axis: 'Pods',
    unit: '',
    legend: { good: 'new and ready', hold: 'old and available', wait: 'new, and not ready yet' },
  };
}
