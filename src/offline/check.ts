/** Judges manifests as the cluster would: as if each object were being created by a person, repairs included. */
import { apiVersionOf, nameOf, type Submission } from '../admission/submission.ts';
import type { RepairedSubject } from '../admission/decision.ts';
import type { Skipped } from '../admission/scope.ts';
import { WELL_FORMED } from '../admission/unread-findings.ts';
import { companionKindOf } from '../core/companion.ts';
import type { Finding } from '../core/finding.ts';
import type { Policy } from '../core/policy.ts';
import { qosClassOf, type QosClass } from '../core/qos.ts';
import { NOTHING_KNOWN, type Surroundings } from '../core/surroundings.ts';
import type { WorkloadClass } from '../core/workload.ts';
import { admit, type Admission } from './admit.ts';
import { creationOf } from './creation.ts';
import { placeOfField, type FieldPlace, type SourceText } from './field-place.ts';
import { bySeverity, isReported, type ReportedMode } from './finding.ts';
import { DefinedKinds, mayDefineKinds } from './defined-kinds.ts';
import { addImages, type ReadImages } from './images.ts';
import { FolderSurroundings } from './folder-surroundings.ts';
import {
  holdNothing,
  KeptFiles,
  MANIFEST_EXTENSIONS,
  ManifestDocument,
  readListed,
  type ReadOutcome,
  type RepositoryEntry,
} from './input/documents.ts';
import { STDIN } from './input/files.ts';
import { ReplayedBytes } from './input/replayed-bytes.ts';
import type { ReadOptions } from './input/file-text.ts';
import { listedFiles, type EndedFolder } from './input/repository-files.ts';
import { LocatedFinding, type CheckFinding } from './located-finding.ts';
import type { ObjectInFile } from './object-in-file.ts';
import type { Outcome } from './outcome.ts';
import { refusalsOf } from './refusals.ts';
import { withRepairsNamed } from './repaired-refusals.ts';
import { Proposals } from './proposal.ts';
import type { RenderedManifest } from './rendering/render.ts';
import { isOwnKind, versionsOfGroup } from './own-kinds.ts';
import type { ReadPlace } from './kustomization.ts';
import { manifestError } from './manifest-error.ts';
import type { Skip, Unjudged } from './skip.ts';
import { skipOfDocument, skipOfTemplates } from './skipped-document.ts';
import type { SurroundingsOfFiles } from './surroundings.ts';
import type { UsedExemptions } from './used-exemptions.ts';
import { hintAboutKind, kindInOtherCase, similarKind } from './unlisted-kind.ts';

export type { CheckFinding };

/** One object of a file, as it was read. */
export interface ManifestSource extends ReadPlace, SourceText {
  /** Whether the file was found in a folder, where much else stands beside manifests; else somebody has named it. */
  readonly isFound?: boolean;
  readonly file: string;
  /** From 1, within the file. */
  readonly document: number;
  /** Where the document starts, from 1. */
  readonly line: number;
  /** Where a tool has rendered it and its place in the file is not known: the line in what was rendered. */
  readonly renderedLine?: number | undefined;
  readonly value: unknown;
}

export interface CheckResult extends ObjectInFile {
  /** Set where the line in the file is not known: 1 stands for it. */
  readonly renderedLine?: number;
  /** The class of the Pods: service, stateful, batch, …; not of a budget or an autoscaler, which has none. */
  readonly workload?: WorkloadClass;
  /** Of the Pod as it will be created, repairs included. */
  readonly qosClass?: QosClass;
  readonly allowed: boolean;
  /** The name of the policy that it was judged by. */
  readonly policy: string;
  readonly findings: readonly CheckFinding[];
  /** How many of its findings a baseline has, which are left out; not set where it has none. */
  readonly known?: number;
  /** What the repairs of rules would set in it. */
  readonly proposals: Proposals;
}

export interface CheckError {
  readonly file: string;
  readonly document: number | null;
  readonly line: number | null;
  readonly message: string;
}

export type CheckOutcome = Outcome<CheckResult, Skip, CheckError>;

export interface CheckContext {
  readonly policy: Policy;
  /** For objects that name none, as kubectl's `--namespace`. */
  readonly namespace: string;
  readonly nowMs: number;
  /** What stands around the object; nothing is known if not given. */
  readonly surroundings?: Surroundings;
  /** Whether it is said what the API server itself refuses; it is unless given. */
  readonly saysRefused?: boolean;
  /** Gets the exemptions that excuse something. */
  readonly exemptions?: UsedExemptions;
  /** The kinds that the input defines, where an object of a kind that nobody knows is an error; else it is passed over. */
  readonly definedKinds?: DefinedKinds;
}

export interface CheckInput extends ReadOptions {
  /** What tools have rendered, which is checked after the files. */
  readonly rendered?: readonly RenderedManifest[];
  /** Whether an object of a kind that nobody knows is an error. */
  readonly isStrict?: boolean;
  /** Asked about the images of all files before the first is judged; nothing is known of images if not given. */
  readonly readImages?: ReadImages | undefined;
  /** Called for each file that is looked at before others are judged. */
  readonly onLook?: () => void;
}

/**
 * Checks every object of manifest files as they are read, so that memory is that of the largest folder. The files of a folder are looked at
 * before for what stands around workloads: Services, PodDisruptionBudgets, autoscalers.
 *
 * @param paths files, folders, patterns, `-` for standard input; to hold no object at all is an error of each of them
 * @param ignored patterns of what is left out, relative to the working folder
 * @param contextOf what a file is judged by
 */
export async function* checkFiles(
  paths: readonly string[],
  ignored: readonly string[],
  contextOf: (file: string) => CheckContext,
  options: CheckInput,
): AsyncGenerator<CheckOutcome, void, undefined> {
  let isEmpty = true;
  const { rendered = [], readImages, isStrict = false } = options;
  const reading = { ...options, ...(paths.includes(STDIN) && { stdin: new ReplayedBytes(options.stdin) }), kept: new KeptFiles() };
  const definedKinds = isStrict ? new DefinedKinds() : undefined;
  const listed = (): ReturnType<typeof listedFiles> => listedFiles(paths, MANIFEST_EXTENSIONS, ignored);
  const images = isStrict || readImages !== undefined ? await lookAtAll(listed(), contextOf, reading, definedKinds) : undefined;
  const folders = new FolderSurroundings(contextOf, reading);
  const outcomeOf = (document: ReadOutcome, known: SurroundingsOfFiles | undefined): CheckOutcome => {
    if ('leftOut' in document) return { outcome: 'skipped', skip: skipOfTemplates(document) };
    if (!(document instanceof ManifestDocument)) return { outcome: 'error', errors: [document] };
    const context = contextOf(document.file);
    const around = known?.around(document.application, document.value, context.namespace) ?? NOTHING_KNOWN;
    const surroundings = images === undefined ? around : { ...around, images };
    return checkManifest(document, { ...context, surroundings, ...(definedKinds !== undefined && { definedKinds }) });
  };
  for await (const [entry, known] of folders.inTurn(listed())) {
    for await (const document of readListed(entry, reading)) {
      const outcome = outcomeOf(document, known);
      if (outcome.outcome !== 'skipped' || outcome.skip.kind !== '') isEmpty = false;
      yield outcome;
    }
  }
  if (isEmpty && paths.length > 0) yield { outcome: 'error', errors: holdNothing(paths, ignored) };
  for (const document of rendered) {
    yield outcomeOf(document, await folders.enter(document));
    folders.leave(document);
  }
}

/**
 * Looks at all files for what the run has to know before it judges one: the kinds that they define, and the images that they start.
 *
 * @param definedKinds gets the kinds, where somebody asks for them
 * @returns what is known of the images, where somebody asks for it
 */
async function lookAtAll(
  listed: Iterable<RepositoryEntry | EndedFolder>,
  contextOf: (file: string) => CheckContext,
  { readImages, rendered = [], onLook, ...options }: CheckInput & { readonly kept: KeptFiles },
  definedKinds: DefinedKinds | undefined,
): Promise<Surroundings['images'] | undefined> {
  const names = new Set<string>();
  const add = (document: ReadOutcome): void => {
    if (!(document instanceof ManifestDocument)) return;
    definedKinds?.add(document.value);
    if (readImages !== undefined) addImages(names, document.value, contextOf(document.file));
  };
  const mayHold = (_file: string, text: string): boolean => readImages !== undefined || mayDefineKinds(text);
  for (const entry of listed) {
    if ('ended' in entry) continue;
    onLook?.();
    for await (const document of readListed(entry, { ...options, onlyFiles: true, mayHold })) add(document);
  }
  for (const document of rendered) add(document);
  return readImages?.(names);
}

/** Never throws for anything that a file can hold. */
export function checkManifest(source: ManifestSource, context: CheckContext): CheckOutcome {
  const passedOver = skipOfDocument(source);
  if (passedOver !== undefined) return { outcome: 'skipped', skip: passedOver };
  const { policy, namespace, nowMs, surroundings = NOTHING_KNOWN, saysRefused = true } = context;
  const submission = creationOf(source.value, namespace);
  if (typeof submission === 'string') return inputError(source, [submission]);
  const unknown = context.definedKinds && unknownTypeMessage(submission, policy, context.definedKinds);
  if (unknown !== undefined) return inputError(source, [unknown]);
  const judged = { source, submission, admission: admit(submission, policy, { nowMs, surroundings, detailed: true }) };
  const { subject, pod, skipped, findings } = judged.admission.validate;
  context.exemptions?.add(policy, findings);
  if (skipped !== undefined) return skippedObject(judged, skipped, policy);
  if (companionKindOf(submission.kind.group, submission.kind.kind) !== undefined) return companionOutcome(judged, context);
  if (subject === undefined || pod === undefined) return malformedObject(judged);
  const refused = saysRefused ? refusalsOf(submission, judged.admission, policy.kubernetesMinor, source) : [];
  const refusals = withRepairsNamed(refused, submission, judged.admission, { policy, nowMs, surroundings, place: source });
  const result: CheckResult = {
    ...startOf(source),
    document: source.document,
    apiVersion: subject.apiVersion,
    kind: subject.kind,
    namespace: subject.namespace,
    name: subject.name,
    workload: subject.workloadClass,
    qosClass: qosClassOf(pod.spec, policy.kubernetesMinor),
    allowed: judged.admission.validate.allowed && refusals.length === 0,
    policy: policy.name,
    findings: findingsOf(judged.admission, source, refusals),
    proposals: new Proposals(repairedIn(judged.admission)),
  };
  return { outcome: 'judged', result };
}

/** A manifest, and what admission says of it. */
interface Judged {
  readonly source: ManifestSource;
  readonly submission: Submission;
  readonly admission: Admission;
}

function skippedObject({ source, submission: { kind } }: Judged, skipped: Skipped, { kinds }: Policy): CheckOutcome {
  const hint = skipped === 'no-template' ? hintAboutKind(kind, source.value, kinds) : undefined;
  const unjudged: Unjudged | undefined = hint === undefined ? undefined : { what: 'unlisted-kind', hint };
  return { outcome: 'skipped', skip: { ...startOf(source), kind: kind.kind, reason: reasonOf(skipped), ...(unjudged && { unjudged }) } };
}

/** Of a budget or an autoscaler, which has no Pods of its own. */
function companionOutcome({ source, submission, admission }: Judged, { policy }: CheckContext): CheckOutcome {
  const result: CheckResult = {
    ...startOf(source),
    document: source.document,
    apiVersion: apiVersionOf(submission.kind),
    kind: submission.kind.kind,
    namespace: submission.namespace,
    name: nameOf(submission),
    allowed: admission.validate.allowed,
    policy: policy.name,
    findings: findingsOf(admission, source),
    // No rule about companions repairs anything.
    proposals: new Proposals([]),
  };
  return { outcome: 'judged', result };
}

function malformedObject({ source, admission }: Judged): CheckOutcome {
  const malformed = admission.validate.findings.filter(({ rule }) => rule === WELL_FORMED);
  return inputError(
    source,
    malformed.map(({ field, message }) => `${field} ${message}`),
    malformed.map(({ path }) => placeOfField(path, source.value, source)),
  );
}

/** Where an object begins. */
function startOf({ file, line, renderedLine }: ManifestSource): Pick<CheckResult, 'file' | 'line' | 'renderedLine'> {
  return { file, line, ...(renderedLine !== undefined && { renderedLine }) };
}

/** @returns undefined for a kind that is known, in a version that its group has or has had */
function unknownTypeMessage({ kind: type, object }: Submission, { kinds }: Policy, definedKinds: DefinedKinds): string | undefined {
  const { group, version, kind } = type;
  if (isOwnKind(group, kind)) {
    const versions = versionsOfGroup(group);
    if (versions.includes(version)) return undefined;
    const newest = apiVersionOf({ ...type, version: versions[0] ?? '' });
    return `the apiVersion ${apiVersionOf(type)} is not known: Kubernetes has ${kind} in ${newest}`;
  }
  if (kinds.knows(apiVersionOf(type), kind) || definedKinds.has(group, kind)) return undefined;
  const meant = kindInOtherCase(type);
  if (meant !== undefined) return `the kind ${kind} is not known: it is written ${meant}`;
  const ofGroup = group === '' ? '' : ` of the API group ${group}`;
  const similar = similarKind(type, object);
  if (similar !== undefined) return `the kind ${kind}${ofGroup} is not known: Kubernetes has ${similar.kind} in ${apiVersionOf(similar)}`;
  return `the kind ${kind}${ofGroup} is not known: it is no kind of Kubernetes, and neither a CustomResourceDefinition in the files nor workloadKinds in the policy names it`;
}

function reasonOf(skipped: Skipped): string {
  return skipped === 'excluded-namespace' ? 'the policy excludes its namespace' : 'it has no Pod template';
}

/** A Pod is repaired when it is created, a template later. */
export function repairedIn({ mutate, validate }: Admission): readonly RepairedSubject[] {
  return mutate.pod === undefined ? (validate.templates ?? []) : [mutate.pod];
}

/**
 * What the API server refuses and what is left after the repairs, then what was repaired; for a Pod by the mutating webhook, for a
 * template later.
 */
function findingsOf({ mutate, validate }: Admission, source: ManifestSource, refusals: readonly Finding[] = []): CheckFinding[] {
  const located = (finding: Finding, mode?: ReportedMode): CheckFinding => new LocatedFinding(finding, mode, source);
  return bySeverity([
    ...refusals.map((finding) => located(finding)),
    ...validate.findings.filter(isReported).map((finding) => located(finding)),
    ...[...mutate.repaired, ...validate.repaired].map((finding) => located(finding, 'repair')),
  ]);
}

/** @param places where each message has its own; else that of the document */
function inputError(source: ManifestSource, messages: readonly string[], places: readonly FieldPlace[] = []): CheckOutcome {
  return { outcome: 'error', errors: messages.map((message, index) => manifestError(source, message, places[index])) };
}
