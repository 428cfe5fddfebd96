/** What `podgrace explain` says of an object, in sentences, whatever the format is. */
import type { Explanation, Judgement } from '../../../offline/explanation.ts';
import type { ReportedFinding } from '../../../offline/finding.ts';
import type { Part } from '../../output/text.ts';
import { changeLines } from './change-lines.ts';
import { drainLines } from './drain-lines.ts';
import { nodeLostText } from './node-lost-text.ts';
import { memoryText, qosText } from './resources-text.ts';
import { rolloutLines } from './rollout-lines.ts';
import { startLines } from './start-lines.ts';
import { statusLines } from './status-lines.ts';
import { stopLines } from './stop-lines.ts';
import { surroundingsLines } from './surroundings-lines.ts';

export type SectionName =
  'status' | 'change' | 'qos' | 'memory' | 'start' | 'stop' | 'nodeLost' | 'rollout' | 'drain' | 'around' | 'findings';

export interface ExplanationSection {
  readonly name: SectionName;
  readonly title: string;
  readonly lines: readonly Part[];
  /** What each format prints in its own way, after the lines. */
  readonly findings?: readonly ReportedFinding[];
}

/** `Deployment shop/web` */
export function titleOf({ subject: { kind, namespace, name } }: Explanation): string {
  return `${kind} ${namespace}/${name}`;
}

/** Sections that have nothing to say are left out. */
export function explanationSections(explanation: Explanation): ExplanationSection[] {
  const { subject, timelines, drain, status, around, judgement } = explanation;
  const sections: ExplanationSection[] = [
    { name: 'status', title: 'STATUS', lines: status === undefined ? [] : statusLines(status) },
    { name: 'change', title: 'Change', lines: changeLines(explanation) },
    { name: 'qos', title: 'QoS class', lines: [qosText(timelines, subject)] },
    { name: 'memory', title: 'Under memory pressure', lines: [memoryText(timelines)] },
    { name: 'start', title: 'Start (at the earliest)', lines: startLines(timelines, subject) },
    { name: 'stop', title: `Stop (grace period ${timelines.stop.graceSeconds} s)`, lines: stopLines(timelines.stop) },
    { name: 'nodeLost', title: 'Node lost', lines: [nodeLostText(timelines, subject)] },
    { name: 'rollout', title: 'Rollout', lines: rolloutLines(explanation) },
    { name: 'drain', title: 'Drain', lines: drain === undefined ? [] : drainLines(drain) },
    { name: 'around', title: 'Around it', lines: around === undefined ? [] : surroundingsLines(around, subject) },
    {
      name: 'findings',
      title: `Findings (policy ${judgement.policy})`,
      lines: judgementLines(judgement),
      findings: judgement.findings,
    },
  ];
  return sections.filter(({ lines, findings = [] }) => lines.length + findings.length > 0);
}

function judgementLines({ skipped, findings }: Judgement): Part[] {
  if (skipped === 'excluded-namespace') return ['the policy excludes its namespace: no rule is asked'];
  return findings.some(({ mode }) => mode !== 'audit') ? [] : ['no rule denies it, warns of it or repairs it'];
}
