/** What `explain` says of an object. */
import type { Skipped } from '../admission/scope.ts';
import type { StatusCause } from '../core/cause.ts';
import type { Drain } from '../core/drain.ts';
import type { EffectOnPods } from '../core/effect-on-pods.ts';
import type { PrintedStatus } from '../core/pod-status.ts';
import type { PodTimelines } from '../core/pod-timelines.ts';
import type { RolloutSurge } from '../core/rollout-quota.ts';
import type { Subject } from '../core/subject.ts';
import type { WorkloadChange } from '../core/workload-change.ts';
import type { Applied } from './applied.ts';
import type { ExplainedSurroundings } from './explained-surroundings.ts';
import type { ReportedFinding } from './finding.ts';
import type { UnreadableManifest } from './input/documents.ts';
import type { Outcome } from './outcome.ts';
import type { Skip } from './skip.ts';

/** Where an object was read. */
export interface ExplainSource {
  /** A file as it was given or found, `-` for standard input; `pod/web` for an object of a cluster. */
  readonly file: string;
  /** From 1 within the file; null outside of files, as the line. */
  readonly document: number | null;
  readonly line: number | null;
  /** Set where the line in the file is not known: 1 stands for it. */
  readonly renderedLine?: number | undefined;
}

export interface Explanation extends ExplainSource {
  readonly subject: Subject;
  readonly timelines: PodTimelines;
  /** Undefined where a rollout never has more Pods than replicas, and where there is none. */
  readonly surge: RolloutSurge | undefined;
  /** Undefined where nobody knows the budgets, and where a drain has nothing to do. */
  readonly drain: Drain | undefined;
  /** Only of a Pod that an API server has stored. */
  readonly status: ExplainedStatus | undefined;
  /** Against the object before it; undefined where there is none. */
  readonly change: (WorkloadChange & Pick<Applied, 'misapplied'>) | undefined;
  /** Whether somebody asks what changes, and there is no object before it. */
  readonly isNew: boolean;
  /** Undefined where neither a cluster nor the files have anything to say. */
  readonly around: ExplainedSurroundings | undefined;
  readonly judgement: Judgement;
}

/** What `check` would say of the same object. */
export interface Judgement {
  /** The name of the policy. */
  readonly policy: string;
  /** Set where no rule was asked. */
  readonly skipped: Skipped | undefined;
  /** What the rules find in this Pod or template, and, with the first one of an object, in the rest of the object. */
  readonly findings: readonly ReportedFinding[];
}

export interface ExplainedStatus extends PrintedStatus {
  /** How long ago the last restart was, as kubectl prints it; undefined where it prints no age. */
  readonly lastRestartAge: string | undefined;
  /** Undefined for a STATUS that podgrace does not know. */
  readonly cause: StatusCause | undefined;
}

/** What is not explained, and why. */
export interface ExplainSkip extends Pick<Skip, 'file' | 'kind' | 'reason' | 'unjudged'> {
  /** Null outside of files. */
  readonly line: number | null;
  readonly renderedLine?: number | undefined;
  /** Of an object that concerns the Pods of others. */
  readonly other?: ExplainedOther;
}

/** An object without Pods of its own, and what it does with those of others. */
export interface ExplainedOther extends Pick<ExplainSource, 'document'> {
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  readonly effect: EffectOnPods;
}

export type ExplainError = UnreadableManifest;

/** What was explained, at the end. */
export interface ExplainSummary {
  readonly explained: number;
  readonly errors: number;
}

export type ExplainOutcome = Outcome<Explanation, ExplainSkip, ExplainError>;
