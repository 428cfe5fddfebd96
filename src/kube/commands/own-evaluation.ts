/** Evaluates an object that is being created, in the same way as the webhook. */
import { admit } from '../../offline/admit.ts';
import { creationOf } from '../../offline/creation.ts';
import { decideValidation } from '../../admission/decision.ts';
import { readSubmission } from '../../admission/submission-reading.ts';
import type { Submission } from '../../admission/submission.ts';
import { possibleWarnings } from '../../admission/warnings.ts';
import { catalogue } from '../../config/catalogue.ts';
import { companionKindOf } from '../../core/companion.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PathPattern } from '../../core/path.ts';
import { allReferencesOf, type PodReference } from '../../core/pod-references.ts';
import type { Policy } from '../../core/policy.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../core/surroundings.ts';
import { asksForInventories } from '../../core/rule.ts';
import { bySeverity, isReported, reported, type ReportedFinding } from '../../offline/finding.ts';
import { changesBetween, type Change } from './object-changes.ts';
import type { ObjectsOfRun } from './objects-of-run.ts';
import type { SurroundingsOfNamespaces } from './surroundings-of-namespace.ts';

export interface OwnEvaluation {
  /** The name of the policy. */
  readonly policy: string;
  readonly allowed: boolean;
  /** What it changes about the Pod as the API server has it, defaults filled in. Nothing for anything but a Pod. */
  readonly changes: readonly Change[];
  /** Every warning that podgrace may answer with, of this evaluation or of a milder one. */
  readonly warnings: ReadonlySet<string>;
  /** The rules that change it. */
  readonly rules: readonly { readonly id: string; readonly writes: readonly PathPattern[] }[];
}

export interface OwnAsking {
  readonly policy: Policy;
  readonly now: Date;
}

/**
 * @param asking `surroundings`: of the namespace, as the server knows them; nothing is known if not given
 * @returns undefined for an object that podgrace does not judge, or that is none
 */
export function evaluateOwn(
  object: JsonObject,
  namespace: string,
  { policy, now, surroundings = NOTHING_KNOWN }: OwnAsking & { readonly surroundings?: Surroundings },
): OwnEvaluation | undefined {
  const creation = creationOf(object, namespace);
  if (typeof creation === 'string') return undefined;
  // The webhook meets it behind an API server, which fills in defaults: what equals one is no choice, whatever the file spells out.
  const submission: Submission = { ...creation, origin: { from: 'review', username: '' } };
  const asking = { nowMs: now.getTime(), surroundings, othersMayFollow: true };
  const { mutate, validate } = admit(submission, policy, asking);
  if (validate.skipped !== undefined) return undefined;
  const before = mutate.patch.length === 0 ? undefined : decideValidation(submission, policy, asking).pod;
  return {
    policy: policy.name,
    allowed: validate.allowed,
    warnings: possibleWarnings(validate.findings),
    changes: before === undefined || validate.pod === undefined ? [] : changesBetween(before, validate.pod),
    rules: mutate.rules.map((id) => ({ id, writes: catalogue.get(id)?.writes ?? [] })),
  };
}

/** What a command knows and a server does not: all that the API has in a namespace, and the other files of the run. */
export interface KnownHere {
  readonly surroundings: SurroundingsOfNamespaces;
  readonly run: ObjectsOfRun;
}

/**
 * What the server cannot find, because it does not know enough: everything about a budget or an autoscaler, and what a Pod names that is
 * not there.
 *
 * @throws {KubeUnreachableError} where nothing answers
 */
export async function findHere(
  object: JsonObject,
  namespace: string,
  { policy, now }: OwnAsking,
  { surroundings, run }: KnownHere,
): Promise<readonly ReportedFinding[]> {
  const creation = creationOf(object, namespace);
  if (typeof creation === 'string') return [];
  const isCompanion = companionKindOf(creation.kind.group, creation.kind.kind) !== undefined;
  const references = isCompanion ? [] : referencesIn(creation, policy);
  if (!isCompanion && references.length === 0) return [];
  const live = await (isCompanion ? surroundings.aroundCompanion(namespace) : surroundings.aroundPods(namespace, references));
  const { findings } = decideValidation(creation, policy, { nowMs: now.getTime(), surroundings: run.over(namespace, live) });
  const found = findings.filter((finding) => isReported(finding) && (isCompanion || isAboutReferences(finding.rule)));
  return bySeverity(found.map((finding) => reported(finding)));
}

function referencesIn(submission: Submission, policy: Policy): readonly PodReference[] {
  const reading = readSubmission(submission, policy);
  if (reading.outcome !== 'subject') return [];
  return [reading.subject, ...reading.others].flatMap(({ pod }) => allReferencesOf(pod.spec));
}

function isAboutReferences(ruleId: string): boolean {
  const rule = catalogue.get(ruleId);
  return rule !== undefined && asksForInventories(rule);
}
