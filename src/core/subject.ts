/** What is judged: a Pod, or the Pod that would come out of a workload's template, wherever it was read from. */
import { applyDefaults } from './defaults.ts';
import { isObject, type JsonObject } from './json.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { FieldPath } from './path.ts';
import type { ObjectMeta, OwnerReference, Pod } from './pod.ts';
import { Provenance } from './provenance.ts';
import { checkMetadataShape, checkPodShape, type ShapeProblem } from './shape.ts';
import { controllerOf, operatingSystemOf, templateOf, type WorkloadClass, type WorkloadKinds } from './workload.ts';

export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** `metadata.name`, else `metadata.generateName`; empty where the object has neither. */
  readonly name: string;
  readonly workloadClass: WorkloadClass;
  readonly operatingSystem: 'linux' | 'windows';
  /** Where the Pod stands in the object that the user sees: `spec.template`, or the object itself. */
  readonly root: FieldPath;
  readonly isTemplate: boolean;
  /** The controller that the object names as its owner. Users can write this field: it proves nothing by itself. */
  readonly owner: OwnerReference | undefined;
  /** The Pod or template as received. */
  readonly received: JsonObject;
  /** The Pod with the API server's defaults, the same object where none was missing; never changed. */
  readonly pod: Pod;
  readonly provenance: Provenance;
  readonly kubernetesMinor: KubernetesMinor;
}

export type SubjectReading =
  | { readonly outcome: 'subject'; readonly subject: Subject }
  /** The kind has no Pod template: nothing to judge. */
  | { readonly outcome: 'no-template' }
  /** The fields that podgrace reads do not have the types that the API server demands. */
  | { readonly outcome: 'malformed'; readonly problems: readonly ShapeProblem[] };

export interface SubjectOptions {
  readonly kinds: WorkloadKinds;
  readonly kubernetesMinor: KubernetesMinor;
  /** Whether an API server has seen the object (every AdmissionReview), which says what its values prove. */
  readonly admitted: boolean;
  /** The namespace of the request, which counts over the one that the object names. */
  readonly namespace?: string | undefined;
  /** From the request's kind, for objects that do not repeat it. */
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  /** Whether whoever sent a mirror Pod may send one (a kubelet). Without that, the annotation is ignored. */
  readonly trustMirrorAnnotation: boolean;
}

/** Reads an object of any kind. Never throws for anything that JSON can hold. */
export function readSubject(object: unknown, options: SubjectOptions): SubjectReading {
  if (!isObject(object)) return malformed([{ path: FieldPath.ROOT, message: 'must be an object' }]);
  const apiVersion = stringOr(object['apiVersion'], options.apiVersion);
  const kind = stringOr(object['kind'], options.kind);
  if (kind === '') return malformed([{ path: FieldPath.of('kind'), message: 'must be set' }]);
  const workloadKind = options.kinds.template(apiVersion, kind);
  if (workloadKind === undefined) return { outcome: 'no-template' };

  const isTemplate = workloadKind.templatePath.length > 0;
  const root = workloadKind.templatePath.reduce((path, step) => path.field(step), FieldPath.ROOT);
  const received = templateOf(object, workloadKind);
  if (received === undefined) return malformed([{ path: root, message: 'must be a Pod template' }]);
  const problems = checkPodShape(received).map(({ path, message }) => ({ path: path.within(root), message }));
  if (isTemplate) for (const problem of checkMetadataShape(object['metadata'])) problems.push(problem);
  if (problems.length > 0) return malformed(problems);

  const metadata = (object['metadata'] ?? {}) as ObjectMeta;
  const pod = applyDefaults(received, 'pod', options.kubernetesMinor);
  const workloadClass = isTemplate
    ? options.kinds.classOfTemplate(workloadKind, pod.spec)
    : options.kinds.classOfPod(metadata, pod.spec, options.trustMirrorAnnotation);
  return {
    outcome: 'subject',
    subject: {
      apiVersion,
      kind,
      namespace: options.namespace ?? metadata.namespace ?? '',
      name: metadata.name || metadata.generateName || '',
      workloadClass,
      operatingSystem: operatingSystemOf(pod.spec),
      root,
      isTemplate,
      owner: controllerOf(metadata),
      received,
      pod,
      provenance: new Provenance(metadata, received as unknown as Pod, root, options.admitted),
      kubernetesMinor: options.kubernetesMinor,
    },
  };
}

function malformed(problems: readonly ShapeProblem[]): SubjectReading {
  return { outcome: 'malformed', problems };
}

function stringOr(value: unknown, otherwise: string | undefined): string {
  return typeof value === 'string' && value !== '' ? value : (otherwise ?? '');
}
