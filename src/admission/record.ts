/** What is kept of an answered request: for the log, the metrics, and nothing else. Never the object. */
import type { Finding } from '../core/finding.ts';
import { nameOf, type Decision } from './decision.ts';
import type { AdmissionRequest } from './review.ts';

export type Outcome = 'allowed' | 'warned' | 'denied' | 'mutated' | 'skipped';

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
  readonly findings: readonly Finding[];
  readonly rules: readonly string[];
  readonly suggestingRules: readonly string[];
  readonly elapsedMs: number;
}

/** @param elapsedMs from the last byte of the body to the answer */
export function recordOf(request: AdmissionRequest, decision: Decision, elapsedMs: number): DecisionRecord {
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
    username: request.username,
    dryRun: request.dryRun,
    skipped: decision.skipped,
    findings: decision.findings,
    rules: isMutation ? decision.rules : NONE,
    suggestingRules: isMutation ? decision.suggestingRules : NONE,
    elapsedMs,
  };
}

const NONE: readonly string[] = [];

function outcomeOf(decision: Decision): Outcome {
  if (decision.skipped !== undefined) return 'skipped';
  if (decision.phase === 'mutate') return decision.patch.length > 0 ? 'mutated' : 'allowed';
  if (!decision.allowed) return 'denied';
  return decision.findings.some(({ mode }) => mode === 'warn') ? 'warned' : 'allowed';
}
