/** What is judged: a Pod, or the Pod that would come out of a workload's template, wherever it was read from. */
import { claimTemplatesOf, withClaimedVolumes } from './claimed-volumes.ts';
import { applyDefaults } from './defaults.ts';
import { isObject, type JsonObject } from './json.ts';
import { asObject } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { FieldPath } from './path.ts';
import type { ObjectMeta, OwnerReference, Pod } from './pod.ts';
import { Provenance } from './provenance.ts';
import { readWorkload, type Workload } from './rollout.ts';
import type { ShapeProblem } from './shape-problem.ts';
import { checkMetadataShape, readableMetadata, readPodShape } from './shape.ts';
import type { Work } from './work.ts';
import { completeTemplate, isEmptyTemplate } from './custom-template.ts';
import {
  controllerOf,
  groupOf,
  isBuiltIn,
  isMirrorPod,
  templatesIn,
  type FoundTemplate,
  type WorkloadClass,
  type WorkloadKind,
  type WorkloadKinds,
} from './workload.ts';
import { operatingSystemOf } from './operating-system.ts';

export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** `metadata.name`, else `metadata.generateName`; empty where the object has neither. */
  readonly name: string;
  /** Whether the name is the beginning of one that the API server will generate. */
  readonly isNameGenerated: boolean;
  readonly workloadClass: WorkloadClass;
  readonly operatingSystem: 'linux' | 'windows';
  /** Where the Pod stands in the object that the user sees: `spec.template`, or the object itself. */
  readonly root: FieldPath;
  readonly isTemplate: boolean;
  /** What the workload says besides its template; undefined for Pods, and for kinds of which podgrace knows the template alone. */
  readonly workload: Workload | undefined;
  /** The claim templates whose volumes several nodes can mount at once, by name; the Pods of the workload do not say so. */
  readonly sharedClaims: ReadonlySet<string>;
  /** Whether the template is of a workload that asks for more Pods than one. The Pods do not say so. */
  readonly isOneOfSeveral: boolean;
  /** Whether it is of a Job that ends its Pods after some time. The Pods of the Job do not say so. */
  readonly hasJobDeadline: boolean;
  /** The controller that the object names as its owner. Users can write this field: it proves nothing by itself. */
  readonly owner: OwnerReference | undefined;
  /** Whether the origin of the object proves that this owner made it. */
  readonly isOwnerProven: boolean;
  /** Whether a built-in controller makes it for a workload that was admitted before. */
  readonly isMadeForAdmitted: boolean;
  /** The Pod or template as received. */
  readonly received: JsonObject;
  /** The Pod with the API server's defaults, the same object where none was missing; never changed. */
  readonly pod: Pod;
  readonly provenance: Provenance;
  readonly kubernetesMinor: KubernetesMinor;
  /** What of the object could not be read: in the Pod it looks as if nobody had set it. */
  readonly unreadable: readonly ShapeProblem[];
}

export interface Readable {
  readonly subject: Subject;
  /** The Pods of the other templates of the object, of the kinds that a policy adds. */
  readonly others: readonly Subject[];
}

export type SubjectReading =
  | ({ readonly outcome: 'subject' } & Readable)
  /** The kind has no Pod template: nothing to judge. */
  | { readonly outcome: 'no-template' }
  /**
   * Fields that podgrace reads do not have the types that the API server demands. `readable` is what is left without them;
   * undefined for what is of no kind.
   */
  | { readonly outcome: 'malformed'; readonly problems: readonly ShapeProblem[]; readonly readable: Readable | undefined };

/** What the origin of an object proves. */
export interface Trust {
  /** An API server has seen the object, which says what its values prove. */
  readonly isAdmitted: boolean;
  /** The request creates the object: nothing has changed it since it was sent, except webhooks. */
  readonly isNew: boolean;
  /** A built-in controller makes what a workload asks for that was admitted before. */
  readonly isMadeForAdmitted: boolean;
  provesOwner(owner: OwnerReference): boolean;
  /** Whether the annotation that marks a mirror Pod is true; else it is ignored. */
  provesMirror(owner: OwnerReference | undefined): boolean;
}

export interface SubjectOptions {
  readonly kinds: WorkloadKinds;
  readonly kubernetesMinor: KubernetesMinor;
  readonly trust: Trust;
  /** The namespace of the request, which counts over the one that the object names. */
  readonly namespace?: string | undefined;
  /** What the request says that the object is; the object's own word counts where this is missing. */
  readonly type?: { readonly apiVersion: string; readonly kind: string } | undefined;
}

/**
 * Reads an object of any kind, whatever JSON can hold.
 *
 * @param work counts elements of lists, entries of maps and unknown fields: an object may have any number of them
 * @throws {OutOfTimeError} where there is no time left
 */
export function readSubject(object: unknown, options: SubjectOptions, work?: Work): SubjectReading {
  const type = options.type ?? typeOf(object);
  const kinds = options.kinds.templates(type.apiVersion, type.kind);
  const [firstKind] = kinds;
  if (firstKind === undefined) return withoutTemplate(object, type.kind);

  const given = asObject(object);
  // Each subject has those of its own template, and those of none.
  const ofObject: ShapeProblem[] = isObject(object) ? [] : [{ path: FieldPath.ROOT, message: 'must be an object' }];
  const found = templatesFound(given, kinds, work);
  if (found.length === 0) {
    if (!isBuiltIn(firstKind) && isObject(object)) return { outcome: 'no-template' };
    const root = isBuiltIn(firstKind) ? FieldPath.from(firstKind.templatePath.map(String)) : FieldPath.ROOT;
    if (isObject(object)) ofObject.push({ path: root, message: 'must be a Pod template' });
    found.push({ root, template: {}, workloadKind: firstKind });
  }
  const isKnownToLack = ofObject.length > 0;
  const templates = found.map((each) => readTemplate(each, isKnownToLack, work));
  const isTemplate = kinds.some(({ templatePath }) => templatePath.length > 0);
  const read = readWorkload(given, { group: groupOf(type.apiVersion), kind: type.kind }, options.kubernetesMinor, work);
  for (const problem of read.problems) ofObject.push(problem);
  if (isTemplate) for (const problem of checkMetadataShape(given['metadata'], work)) ofObject.push(problem);
  const problems: ShapeProblem[] = [];
  for (const { ofTemplate } of templates) for (const problem of ofTemplate) problems.push(problem);
  for (const problem of ofObject) problems.push(problem);

  // Where nothing is wrong its shape was checked: with the Pod, or as the workload's own.
  const metadata = problems.length === 0 ? given['metadata'] : readableMetadata(given['metadata'] ?? {}, work);
  const whole: WholeObject = { ...type, given, metadata: metadata ?? {}, workload: read.workload, isTemplate, ofObject, work };
  const [subject, ...others] = subjectsOf(templates, whole, options);
  if (subject === undefined) return { outcome: 'no-template' };
  return problems.length > 0 ? { outcome: 'malformed', problems, readable: { subject, others } } : { outcome: 'subject', subject, others };
}

function withoutTemplate(object: unknown, kind: string): SubjectReading {
  // What has no template is none of our business, however it looks.
  if (kind !== '') return { outcome: 'no-template' };
  const problem = isObject(object)
    ? { path: FieldPath.of('kind'), message: 'must be set' }
    : { path: FieldPath.ROOT, message: 'must be an object' };
  return { outcome: 'malformed', problems: [problem], readable: undefined };
}

interface TemplateOfKind extends FoundTemplate {
  readonly workloadKind: WorkloadKind;
}

function templatesFound(given: JsonObject, kinds: readonly WorkloadKind[], work: Work | undefined): TemplateOfKind[] {
  const found: TemplateOfKind[] = [];
  for (const workloadKind of kinds)
    for (const { root, template } of templatesIn(given, workloadKind, work))
      if (isBuiltIn(workloadKind) || !isEmptyTemplate(template)) found.push({ root, template, workloadKind });
  return found;
}

interface ReadTemplate {
  readonly root: FieldPath;
  readonly workloadKind: WorkloadKind;
  /** As received, with what a template of the kind leaves out. */
  readonly whole: JsonObject;
  /** What of it can be read. */
  readonly readable: object;
  readonly ofTemplate: readonly ShapeProblem[];
}

/** @param isKnownToLack something is wrong with the object that holds it: then its own problems are not said as well */
function readTemplate({ root, template, workloadKind }: TemplateOfKind, isKnownToLack: boolean, work: Work | undefined): ReadTemplate {
  // A kind of the policy's own may have any number of them.
  work?.spend(1);
  const whole = isBuiltIn(workloadKind) ? template : completeTemplate(template, work);
  const { readable, problems } = readPodShape(whole, work);
  const ofTemplate = isKnownToLack ? [] : problems.map((problem) => ({ ...problem, path: problem.path.within(root) }));
  return { root, workloadKind, whole, readable, ofTemplate };
}

/** What all templates of an object have in common. */
interface WholeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly given: JsonObject;
  readonly metadata: ObjectMeta;
  readonly workload: Workload | undefined;
  readonly isTemplate: boolean;
  readonly ofObject: readonly ShapeProblem[];
  readonly work: Work | undefined;
}

function subjectsOf(
  templates: readonly ReadTemplate[],
  { apiVersion, kind, given, metadata, workload, isTemplate, ofObject, work }: WholeObject,
  options: SubjectOptions,
): Subject[] {
  const { trust, kinds, kubernetesMinor } = options;
  const owner = controllerOf(metadata);
  const isOwnerProven = owner !== undefined && trust.provesOwner(owner);
  const { all: claims, shared: sharedClaims } = claimTemplatesOf(given, work);
  return templates.map(({ root, whole, readable, workloadKind, ofTemplate }): Subject => {
    const pod = withClaimedVolumes(applyDefaults(readable, 'pod', kubernetesMinor, work), claims);
    return {
      apiVersion,
      kind,
      namespace: options.namespace ?? metadata.namespace ?? '',
      name: metadata.name || metadata.generateName || '',
      isNameGenerated: !metadata.name && !!metadata.generateName,
      workloadClass: isTemplate
        ? kinds.classOfTemplate(workloadKind, pod.spec)
        : kinds.classOfPod(isOwnerProven ? owner : undefined, pod.spec, isMirrorPod(metadata) && trust.provesMirror(owner)),
      operatingSystem: operatingSystemOf(pod.spec),
      root,
      isTemplate,
      workload,
      sharedClaims,
      isOneOfSeveral: (workload?.replicas ?? 1) > 1,
      hasJobDeadline: workload?.job?.activeDeadlineSeconds !== undefined,
      owner,
      isOwnerProven,
      isMadeForAdmitted: trust.isMadeForAdmitted,
      received: whole,
      pod,
      provenance: new Provenance(metadata, whole, root, { ...trust, isCustom: !isBuiltIn(workloadKind) }),
      kubernetesMinor,
      unreadable: ofObject.length === 0 ? ofTemplate : ofObject.concat(ofTemplate),
    };
  });
}

/** What an object says that it is. */
export function typeOf(object: unknown): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = asObject(object);
  return { apiVersion: typeof apiVersion === 'string' ? apiVersion : '', kind: typeof kind === 'string' ? kind : '' };
}
