/** What is kept of an answered request, for the log and the metrics only. The object is never kept. */
import type { Finding } from '../core/finding.ts';
import { entryOf } from '../core/map-entry.ts';
import type { Decision } from './decision.ts';
import type { AdmissionRequest } from './review.ts';
import { nameOf } from './submission.ts';

export type Outcome = 'allowed' | 'warned' | 'denied' | 'mutated' | 'skipped';

export type RecordedFinding = Pick<Finding, 'rule' | 'messageId' | 'mode' | 'message' | 'field' | 'excuse'>;

export interface FindingCount {
  readonly rule: string;
  /** What the policy made of them: the excuse where there is one. */
  readonly mode: Finding['mode'] | NonNullable<Finding['excuse']>;
  readonly count: number;
}

/** A Pod of 100,000 containers must not write a line of megabytes. */
const MAX_RECORDED_FINDINGS = 20;

export interface DecisionRecord {
  readonly webhook: Decision['phase'];
  readonly outcome: Outcome;
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly subResource: string;
  readonly username: string;
  readonly dryRun: boolean;
  readonly skipped: string | undefined;
  /** The first of them; an object can have any number. */
  readonly findings: readonly RecordedFinding[];
  /** All of them, counted. */
  readonly findingCounts: readonly FindingCount[];
  readonly rules: readonly string[];
  readonly suggestingRules: readonly string[];
}

/** What the log and the metrics get of a decision: names and counts, and nothing of the content of the object. */
export function recordOf(request: AdmissionRequest, decision: Decision): DecisionRecord {
  const isMutation = decision.phase === 'mutate';
  return {
    webhook: decision.phase,
    outcome: outcomeOf(decision),
    uid: request.uid,
    operation: request.operation,
    kind: request.kind.kind,
    namespace: request.namespace,
    name: nameOf(request),
    subResource: request.subResource,
    username: request.origin.username,
    dryRun: request.dryRun,
    skipped: decision.skipped,
    findings: decision.findings.slice(0, MAX_RECORDED_FINDINGS).map(recorded),
    findingCounts: countFindings(decision.findings),
    rules: isMutation ? decision.rules : NONE,
    suggestingRules: isMutation ? decision.suggestingRules : NONE,
  };
}

const NONE: readonly string[] = [];

function recorded({ rule, messageId, mode, message, field, excuse }: Finding): RecordedFinding {
  return { rule, messageId, mode, message, field, excuse };
}

function countFindings(findings: readonly Finding[]): readonly FindingCount[] {
  if (findings.length === 0) return [];
  const counts = new Map<string, { rule: string; mode: FindingCount['mode']; count: number }>();
  for (const { rule, mode, excuse } of findings) {
    const key = `${rule} ${excuse ?? mode}`;
    entryOf(counts, key, () => ({ rule, mode: excuse ?? mode, count: 0 })).count += 1;
  }
  return [...counts.values()];
}

function outcomeOf(decision: Decision): Outcome {
  if (decision.skipped !== undefined) return 'skipped';
  if (decision.phase === 'mutate') return decision.patch.length > 0 ? 'mutated' : 'allowed';
  if (!decision.allowed) return 'denied';
  return decision.findings.some(({ mode }) => mode === 'warn') ? 'warned' : 'allowed';
}
