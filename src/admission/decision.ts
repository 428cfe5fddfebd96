/** What podgrace decides about one request: the evaluation, with the scope and the sender of the request considered. */
import { readCompanion } from '../core/companion.ts';
import { validateCompanion } from '../core/companion-evaluation.ts';
import { excuseWhatMayFollow, excuseWhatWasThere, validate, whatIsBetter } from '../core/evaluate.ts';
import { Evaluation, type Circumstances } from '../core/evaluation.ts';
import { ERRORED, placeOf, UNREADABLE, UNREADABLE_REST, type Finding, type Renamed } from '../core/finding.ts';
import { equalJson } from '../core/json.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import { mutate, repairedFindings, suggest, type Repair } from '../core/mutation.ts';
import type { Pod } from '../core/pod.ts';
import type { Policy } from '../core/policy.ts';
import { KnownCommands } from '../core/process/known-commands.ts';
import { renamedContainers } from '../core/renamed-containers.ts';
import { typeOf, type Readable, type Subject, type SubjectOptions, type SubjectReading } from '../core/subject.ts';
import { NOTHING_KNOWN } from '../core/surroundings.ts';
import { isSameToRules } from '../core/update-scope.ts';
import type { Work } from '../core/work.ts';
import { notRepaired, outOfScope, type Skipped } from './scope.ts';
import { apiVersionOf, deletionIn, TRUST_IN_DELETED, type Submission } from './submission.ts';
import { companionKindIn, comparedInTime, inTime, readInTime, subjectOptions } from './submission-reading.ts';
import { malformedFindings, OUT_OF_TIME, unjudgedFindings } from './unread-findings.ts';

/** How a request is judged. With `detailed`, a decision also has each repair as a finding, for which the webhook has no use. */
export interface Asking extends Circumstances {
  /** Whether other objects may come right after this one, as with what people apply; not where all of them are here. */
  readonly othersMayFollow?: boolean;
}

/** How a Pod, or a template, was judged, and the repairs that the policy has made in it. */
export interface RepairedSubject {
  readonly evaluation: Evaluation;
  readonly repairs: readonly Repair[];
}

export interface ValidateDecision {
  readonly phase: 'validate';
  readonly allowed: boolean;
  readonly skipped?: Skipped;
  readonly findings: readonly Finding[];
  /** What the Pods of a judged template will have repaired (`detailed`). */
  readonly repaired: readonly Finding[];
  /** The templates that were judged (`detailed`). */
  readonly templates?: readonly RepairedSubject[];
  /** What was judged, where something was. */
  readonly subject?: Subject;
  /** The Pod that was judged: with repairs, where the subject is a template. */
  readonly pod?: Pod;
}

export interface MutateDecision {
  readonly phase: 'mutate';
  readonly skipped?: Skipped;
  readonly patch: readonly PatchOperation[];
  /** The rules that changed the Pod. */
  readonly rules: readonly string[];
  /** What rules whose mutation is `would` would change besides. */
  readonly suggestedPatch: readonly PatchOperation[];
  readonly suggestingRules: readonly string[];
  /** Rules that failed, or an object that cannot be read; never a reason to refuse a mutation call. */
  readonly findings: readonly Finding[];
  /** What was repaired, and what a rule whose mutation is `would` would repair (`detailed`). */
  readonly repaired: readonly Finding[];
  readonly suggested: readonly Finding[];
  /** The Pod that was repaired (`detailed`); undefined where none was read as a whole. */
  readonly pod?: RepairedSubject;
}

export type Decision = ValidateDecision | MutateDecision;

/**
 * Judges a request as it was received. A workload is judged by the Pods that will come out of it: with the repairs that
 * they get when they are created. Of an update, only what it makes worse is denied.
 *
 * @param read for a caller that has read the submission before
 */
export function decideValidation(submission: Submission, policy: Policy, asking: Asking, read?: () => SubjectReading): ValidateDecision {
  if (submission.operation === 'DELETE') return decideDeletion(submission, policy, asking);
  const skipped = outOfScope(submission, policy);
  if (skipped !== undefined) return allowed(skipped);
  const companionKind = companionKindIn(submission);
  if (companionKind !== undefined) return decideCompanion(companionKind, submission, policy, asking);
  const options = subjectOptions(submission, policy);
  const isUpdate = submission.operation === 'UPDATE';
  const isSame = isUpdate ? comparedInTime(asking, (work) => isUnchanged(submission, options, policy, work)) : false;
  if (isSame === true) return allowed('unchanged');
  if (isSame === undefined) return unjudgedValidation(submission, policy, OUT_OF_TIME);
  const reading = read?.() ?? readInTime(submission.object, options, asking);
  if (reading === undefined) return unjudgedValidation(submission, policy, OUT_OF_TIME);
  if (reading.outcome === 'no-template') return allowed('no-template');
  const known = isUpdate ? sharedCommands(policy, asking) : undefined;
  const judgement = judgeSubmitted(reading, submission, policy, isUpdate ? { ...asking, known } : asking);
  // A clean object needs no comparison with what it was.
  if (!isUpdate || !judgement.findings.some(denies)) return judged(judgement);
  const before = readInTime(submission.oldObject, options, asking);
  // What there was no time to read excuses nothing.
  if (before === undefined || before.outcome === 'no-template') return judged(judgement);
  const asked = { ...asking, detailed: false, known };
  const [now, earlier] = [readableIn(reading), readableIn(before)];
  const renamed = now !== undefined && earlier !== undefined ? renamedIn(now, earlier) : undefined;
  // Who makes the file better is not blamed for a repair that its Pods got, and that was better still.
  const bettered = whatIsBetter(findingsAsReceived(before, policy, asked), findingsAsReceived(reading, policy, asked), renamed);
  const findings = [...judgeReading(before, submission, policy, asked).findings, ...bettered];
  return judged({ ...judgement, findings: excuseWhatWasThere(judgement.findings, findings, renamed) });
}

/** A budget or an autoscaler, which no rule about Pods is asked about. What an update leaves as it was is not judged again. */
function decideCompanion(kind: string, submission: Submission, policy: Policy, asking: Asking): ValidateDecision {
  const { namespace, operation, object, oldObject } = submission;
  if (policy.companionSettingsFor(namespace, kind).length === 0) return allowed('no-template');
  const read = inTime(asking, (work) => {
    const companion = readCompanion(kind, object, work);
    const before = operation === 'UPDATE' ? readCompanion(kind, oldObject, work) : undefined;
    return { companion, before, isSame: before !== undefined && equalJson(companion, before, work) };
  });
  // What there is no time for is recorded, and denies nothing, as in `validateCompanion`.
  if (read === undefined)
    return judged({ findings: unjudgedFindings(submission, policy, OUT_OF_TIME).map((each) => each.excused('audit', 'unknown')) });
  const { companion, before, isSame } = read;
  if (companion === undefined) return allowed('no-template');
  if (isSame) return allowed('unchanged');
  const { nowMs, surroundings = NOTHING_KNOWN, outOfTime } = asking;
  const circumstances = { nowMs, surroundings, outOfTime };
  const found = validateCompanion({ kind, namespace, companion }, policy, circumstances);
  const findings = asking.othersMayFollow === true ? excuseWhatMayFollow(found, operation === 'CREATE') : found;
  if (before === undefined) return judged({ findings });
  return judged({
    findings: excuseWhatWasThere(findings, validateCompanion({ kind, namespace, companion: before }, policy, circumstances)),
  });
}

/**
 * Judges the deletion of a Pod, by the rules that are about deletions. A deletion must go through when anything is wrong with
 * podgrace or with the Pod: only what a rule has found denies it.
 */
function decideDeletion(submission: Submission, policy: Policy, asking: Asking): ValidateDecision {
  const deletion = deletionIn(submission);
  if (deletion === undefined) return allowed('operation');
  if (policy.isExcludedNamespace(submission.namespace)) return allowed('excluded-namespace');
  const reading = readInTime(submission.oldObject, { ...subjectOptions(submission, policy), trust: TRUST_IN_DELETED }, asking);
  const readable = reading === undefined || reading.outcome === 'no-template' ? undefined : readableIn(reading);
  if (readable === undefined) return allowed('operation');
  const judgement = judgeAll(readable, policy, { ...asking, deletion });
  const isFound = ({ messageId }: Finding): boolean => ![ERRORED, UNREADABLE, UNREADABLE_REST].includes(messageId);
  const findings = judgement.findings.map((finding) => (isFound(finding) ? finding : finding.excused('audit', 'unknown')));
  return judged({ ...judgement, findings });
}

type WithTemplate = Exclude<SubjectReading, { readonly outcome: 'no-template' }>;

function readableIn(reading: WithTemplate): Readable | undefined {
  return reading.outcome === 'subject' ? reading : reading.readable;
}

function judgeSubmitted(reading: WithTemplate, submission: Submission, policy: Policy, asking: Asking): Judgement {
  const judgement = judgeReading(reading, submission, policy, asking);
  if (asking.othersMayFollow !== true) return judgement;
  return { ...judgement, findings: excuseWhatMayFollow(judgement.findings, submission.operation === 'CREATE') };
}

/** Of an object that cannot be read as a whole, what can be read is judged. */
function judgeReading(reading: WithTemplate, submission: Submission, policy: Policy, asking: Asking): Judgement {
  if (reading.outcome === 'subject') return judgeAll(reading, policy, asking);
  const malformed = malformedFindings(reading.problems, submission, policy);
  if (reading.readable === undefined) return { findings: malformed };
  const { findings, repaired } = judgeAll(reading.readable, policy, asking);
  return { findings: malformed.concat(findings), repaired: repaired ?? [] };
}

/** What rules find in the templates of an object as they are, with no repair; nothing of what is judged so anyway. */
function findingsAsReceived(reading: WithTemplate, policy: Policy, asking: Asking): readonly Finding[] {
  const readable = readableIn(reading);
  if (readable?.subject.isTemplate !== true) return [];
  return [readable.subject, ...readable.others].flatMap((subject) => validate(new Evaluation(policy, subject, asking)));
}

function isUnchanged(submission: Submission, options: SubjectOptions, { kinds, readPlaces }: Policy, work: Work): boolean {
  const { apiVersion, kind } = options.type ?? typeOf(submission.object);
  return isSameToRules(submission, kinds.templates(apiVersion, kind), readPlaces, work);
}

/**
 * Repairs a Pod that is being created; anything else stays as it is (most of a Pod's spec is immutable later).
 *
 * @param read for a caller that reads the submission once more
 */
export function decideMutation(submission: Submission, policy: Policy, asking: Asking, read?: () => SubjectReading): MutateDecision {
  const skipped = outOfScope(submission, policy) ?? notRepaired(submission);
  if (skipped !== undefined) return { ...NOT_MUTATED, skipped };
  const reading = read?.() ?? readInTime(submission.object, subjectOptions(submission, policy), asking);
  if (reading === undefined) return unjudgedMutation(submission, policy, OUT_OF_TIME);
  const readable = reading.outcome === 'no-template' ? undefined : readableIn(reading);
  if (reading.outcome === 'no-template' || readable?.subject.isTemplate === true) return { ...NOT_MUTATED, skipped: 'no-template' };
  const malformed = reading.outcome === 'malformed' ? malformedFindings(reading.problems, submission, policy) : [];
  if (readable === undefined) return { ...NOT_MUTATED, findings: malformed };

  const { subject } = readable;
  const evaluation = new Evaluation(policy, subject, asking);
  const applied = mutate(evaluation);
  const suggested = suggest(evaluation, applied);
  return {
    phase: 'mutate',
    patch: applied.patch,
    rules: applied.rules,
    suggestedPatch: suggested.patch,
    suggestingRules: suggested.rules,
    findings: [...malformed, ...applied.errored, ...suggested.errored],
    repaired: asking.detailed === true ? repairedFindings(evaluation, evaluation.subject.pod, applied) : [],
    suggested: asking.detailed === true ? repairedFindings(evaluation, applied.pod, suggested) : [],
    ...(asking.detailed === true && reading.outcome === 'subject' && { pod: { evaluation, repairs: applied.repairs } }),
  };
}

const NOT_MUTATED: MutateDecision = {
  phase: 'mutate',
  patch: [],
  rules: [],
  suggestedPatch: [],
  suggestingRules: [],
  findings: [],
  repaired: [],
  suggested: [],
};

/**
 * About a request whose object was not looked at: there was too much of it, or no time. It is denied where a rule of the policy might
 * have denied it (docs/adr/0066); else the policy says what becomes of it. The excuses hold.
 *
 * @param reason after "could not be judged: "
 */
export function decideUnjudged(phase: Decision['phase'], submission: Submission, policy: Policy, reason: string): Decision {
  return (phase === 'validate' ? unjudgedValidation : unjudgedMutation)(submission, policy, reason);
}

function unjudgedValidation(submission: Submission, policy: Policy, reason: string): ValidateDecision {
  const skipped = notJudged(submission, policy);
  return skipped === undefined ? judged({ findings: unjudgedFindings(submission, policy, reason) }) : allowed(skipped);
}

function unjudgedMutation(submission: Submission, policy: Policy, reason: string): MutateDecision {
  const skipped = notJudged(submission, policy) ?? notRepaired(submission);
  return skipped === undefined ? { ...NOT_MUTATED, findings: unjudgedFindings(submission, policy, reason) } : { ...NOT_MUTATED, skipped };
}

function notJudged(submission: Submission, policy: Policy): Skipped | undefined {
  const hasTemplate = policy.kinds.templates(apiVersionOf(submission.kind), submission.kind.kind).length > 0;
  return outOfScope(submission, policy) ?? (hasTemplate ? undefined : 'no-template');
}

/** What has the same commands before an update and after it has them followed once. */
function sharedCommands({ images }: Policy, { surroundings = NOTHING_KNOWN }: Asking): KnownCommands {
  return new KnownCommands(images.with(surroundings.images), { isShared: true });
}

type Judgement = Partial<Omit<ValidateDecision, 'findings'>> & Pick<ValidateDecision, 'findings'>;

/** The templates of an object, one after the other; what is said of the object as a whole is said of the first. */
function judgeAll({ subject, others }: Readable, policy: Policy, asking: Asking): Judgement {
  const judgement = judge(new Evaluation(policy, subject, asking), asking);
  if (others.length === 0) return judgement;
  const all = [judgement, ...others.map((other) => judge(new Evaluation(policy, other, asking), asking))];
  return {
    ...judgement,
    findings: all.flatMap(({ findings }) => findings),
    repaired: all.flatMap(({ repaired }) => repaired ?? []),
    templates: all.flatMap(({ templates }) => templates ?? []),
  };
}

/** Of each template, known by the names on the way to it, the containers that are others than those that had their names. */
function renamedIn(now: Readable, before: Readable): Renamed {
  const earlier = new Map([before.subject, ...before.others].map((subject) => [placeOf(subject.root), subject]));
  const renamed = new Map<string, string | undefined>();
  for (const subject of [now.subject, ...now.others]) {
    const counterpart = earlier.get(placeOf(subject.root));
    if (counterpart === undefined) continue;
    for (const [place, placeBefore] of renamedContainers(subject, counterpart)) renamed.set(place, placeBefore);
  }
  return renamed;
}

/** Findings in the Pod, or in the Pod that comes out of a template once it has been repaired. */
function judge(evaluation: Evaluation, { detailed = false }: Asking): Judgement {
  const { subject } = evaluation;
  if (!subject.isTemplate) return { subject, pod: subject.pod, findings: validate(evaluation) };
  const mutation = mutate(evaluation);
  return {
    subject,
    pod: mutation.pod,
    findings: validate(evaluation, mutation.pod),
    repaired: detailed ? repairedFindings(evaluation, subject.pod, mutation) : [],
    ...(detailed && { templates: [{ evaluation, repairs: mutation.repairs }] }),
  };
}

function judged(judgement: Judgement): ValidateDecision {
  return { phase: 'validate', repaired: [], ...judgement, allowed: !judgement.findings.some(denies) };
}

function denies({ mode }: Finding): boolean {
  return mode === 'enforce';
}

function allowed(skipped: Skipped): ValidateDecision {
  return { phase: 'validate', allowed: true, skipped, findings: [], repaired: [] };
}
