/**
 * Which objects hold a Pod template, where it stands in them, and what kind of work their Pods do.
 *
 * All kinds are in one table, so rules for Pods need not be rewritten for the other kinds.
 */
import { anyNameMatcher, type NameMatcher } from './glob.ts';
import { isObject, type JsonObject } from './json.ts';
import { entryOf } from './map-entry.ts';
import { ANY, FieldPath } from './path.ts';
import type { Container, ObjectMeta, OwnerReference, PodSpec } from './pod.ts';
import type { Work } from './work.ts';

/**
 * What a Pod does for a living; rules differ by it.
 * - `service` stays up behind replicas that are alike; `stateful` has an identity; `daemon` is one per node.
 * - `batch` ends: never asked for probes, preStop or spread.
 * - `pod` is bare: it names no controller, one that is not proven, or one of a kind that podgrace does not know.
 * - `operator`: an owner that recreates Pods which differ from what it asked for; validated, never mutated.
 * - `static`: a mirror of a static Pod; reported, never mutated or denied.
 */
export const WORKLOAD_CLASSES = ['service', 'stateful', 'daemon', 'batch', 'pod', 'operator', 'static'] as const;
export type WorkloadClass = (typeof WORKLOAD_CLASSES)[number];

/** What stays up and may serve traffic: everything but batch. */
export const SERVING_CLASSES = WORKLOAD_CLASSES.filter((workloadClass) => workloadClass !== 'batch');

/** A kind with a Pod template: `podClass` is what its Pods are. */
export interface WorkloadKind {
  readonly group: string;
  readonly kind: string;
  readonly podClass: WorkloadClass;
  /** Where the template stands in the object; empty for a Pod, which is its own template. `ANY` is each element of a list or map. */
  readonly templatePath: readonly TemplateStep[];
  /** Who creates Pods for an owner of this kind, besides the built-in controllers: names of users, `*` for any run of characters. */
  readonly senders?: readonly string[];
}

export type TemplateStep = string | typeof ANY;

const SPEC_TEMPLATE = ['spec', 'template'] as const;

/** The kinds of Kubernetes itself; `extensions` is where old files still have Deployments and DaemonSets. */
export const BUILT_IN_KINDS: readonly WorkloadKind[] = [
  { group: '', kind: 'Pod', podClass: 'pod', templatePath: [] },
  { group: '', kind: 'PodTemplate', podClass: 'pod', templatePath: ['template'] },
  { group: '', kind: 'ReplicationController', podClass: 'service', templatePath: SPEC_TEMPLATE },
  { group: 'apps', kind: 'ReplicaSet', podClass: 'service', templatePath: SPEC_TEMPLATE },
  { group: 'apps', kind: 'Deployment', podClass: 'service', templatePath: SPEC_TEMPLATE },
  { group: 'apps', kind: 'StatefulSet', podClass: 'stateful', templatePath: SPEC_TEMPLATE },
  { group: 'apps', kind: 'DaemonSet', podClass: 'daemon', templatePath: SPEC_TEMPLATE },
  { group: 'extensions', kind: 'ReplicaSet', podClass: 'service', templatePath: SPEC_TEMPLATE },
  { group: 'extensions', kind: 'Deployment', podClass: 'service', templatePath: SPEC_TEMPLATE },
  { group: 'extensions', kind: 'DaemonSet', podClass: 'daemon', templatePath: SPEC_TEMPLATE },
  { group: 'batch', kind: 'Job', podClass: 'batch', templatePath: SPEC_TEMPLATE },
  { group: 'batch', kind: 'CronJob', podClass: 'batch', templatePath: ['spec', 'jobTemplate', 'spec', 'template'] },
];

/**
 * Owners that compare their Pods with what they asked for and recreate what differs: mutating those loops for ever
 * (cloudnative-pg#10418, nifikop#541). A policy can add kinds of its own.
 */
export const OPERATOR_KINDS: readonly Required<Pick<WorkloadKind, 'group' | 'kind' | 'senders'>>[] = [
  {
    group: 'postgresql.cnpg.io',
    kind: 'Cluster',
    senders: ['system:serviceaccount:*:cnpg-manager', 'system:serviceaccount:*:*cloudnative-pg'],
  },
  { group: 'nifi.konpyutaika.com', kind: 'NifiCluster', senders: ['system:serviceaccount:*:*nifikop'] },
  { group: 'core.strimzi.io', kind: 'StrimziPodSet', senders: ['system:serviceaccount:*:strimzi-cluster-operator'] },
];

/**
 * The restart policies with which a bare Pod counts as work that ends, where the policy says nothing (docs/adr/0032): with
 * `OnFailure` the kubelet restarts a server that crashes as it does with `Always`.
 */
export const DEFAULT_BATCH_RESTART_POLICIES = ['Never'] as const;

/** When containers of a Pod are started again. */
type RestartPolicies = Pick<PodSpec, 'restartPolicy'> & {
  readonly containers?: readonly Pick<Container, 'restartPolicy' | 'restartPolicyRules'>[];
};

/** What is known of one kind. */
interface KnownKind {
  readonly first: WorkloadKind;
  /** The classes that a policy says of it, once for each template; undefined for what the policy says nothing of. */
  readonly declaredClasses: readonly WorkloadClass[] | undefined;
  readonly isSender: NameMatcher;
  readonly templates: readonly WorkloadKind[];
}

/** Values by group and kind, found without making a text of the two: every request asks some times. */
class ByKind<T> {
  readonly #byKind = new Map<string, { readonly group: string; readonly value: T }[]>();

  add({ group, kind }: Pick<WorkloadKind, 'group' | 'kind'>, value: T): void {
    entryOf(this.#byKind, kind, () => []).push({ group, value });
  }

  get(apiVersion: string, kind: string): T | undefined {
    const ofKind = this.#byKind.get(kind);
    if (ofKind === undefined) return undefined;
    for (const { group, value } of ofKind) if (isOfGroup(apiVersion, group)) return value;
    return undefined;
  }
}

/** The kinds known to one policy: the built-in ones and those that it adds, by group and kind. */
export class WorkloadKinds {
  readonly #known = new ByKind<KnownKind>();
  readonly #added: ReadonlySet<WorkloadKind>;
  readonly #batchRestartPolicies: ReadonlySet<string>;

  /**
   * @param added each replaces the built-in kind of its name; several of one name are its several templates
   * @param batchRestartPolicies with which a bare Pod is batch
   */
  constructor(added: readonly WorkloadKind[] = [], batchRestartPolicies: readonly string[] = DEFAULT_BATCH_RESTART_POLICIES) {
    this.#added = new Set(added);
    const operators = OPERATOR_KINDS.map((kind): WorkloadKind => ({ ...kind, podClass: 'operator', templatePath: [] }));
    const byName = new Map<string, readonly WorkloadKind[]>();
    for (const kind of [...operators, ...BUILT_IN_KINDS]) byName.set(nameOfKind(kind), [kind]);
    for (const [name, kinds] of Map.groupBy(added, nameOfKind)) byName.set(name, kinds);
    for (const kinds of byName.values()) {
      const [first] = kinds;
      if (first === undefined) continue;
      this.#known.add(first, {
        first,
        declaredClasses: this.#added.has(first) ? kinds.map(({ podClass }) => podClass) : undefined,
        isSender: anyNameMatcher(kinds.flatMap(({ senders = [] }) => senders)),
        templates: kinds.filter((template) => template.templatePath.length > 0 || isPod(template)),
      });
    }
    this.#batchRestartPolicies = new Set(batchRestartPolicies);
  }

  /** Whether a user is one who creates Pods for owners of this kind. @param username as the API server authenticated it */
  isSender({ apiVersion, kind }: OwnerReference, username: string): boolean {
    return this.#known.get(apiVersion, kind)?.isSender(username) === true;
  }

  /** Whether the policy says anything of a kind, or Kubernetes has Pod templates in it. */
  knows(apiVersion: string, kind: string): boolean {
    return this.#known.get(apiVersion, kind) !== undefined;
  }

  /** Where an object of a kind holds Pod templates (a Pod is its own); empty for what holds none. */
  templates(apiVersion: string, kind: string): readonly WorkloadKind[] {
    return this.#known.get(apiVersion, kind)?.templates ?? NO_KINDS;
  }

  /**
   * What a Pod does, from its controller and its restart policy. A policy that names the kind of the controller says it. Else a Pod of
   * a workload that is not restarted for ever ends some day and is batch; of a bare one the policy says when it is.
   *
   * @param owner the controller, where it is proven: what a Pod says of its owner anybody can write
   * @param isMirror whether it is proven to be the mirror of a static Pod
   */
  classOfPod(owner: OwnerReference | undefined, spec: RestartPolicies, isMirror: boolean): WorkloadClass {
    if (isMirror) return 'static';
    const known = owner && this.#known.get(owner.apiVersion, owner.kind);
    if (known === undefined) return this.#isBatch(spec) ? 'batch' : 'pod';
    const { first, declaredClasses } = known;
    if (first.podClass === 'operator') return 'operator';
    const ends = spec.restartPolicy !== 'Always';
    if (declaredClasses) return declaredClasses.find((podClass) => (podClass === 'batch') === ends) ?? first.podClass;
    if (ends) return 'batch';
    // No Job has Pods that are restarted for ever.
    return first.podClass === 'batch' ? 'pod' : first.podClass;
  }

  /** What its main containers say of themselves counts more than what the Pod says; a rule restarts them as `OnFailure` does. */
  #isBatch({ restartPolicy, containers = [] }: RestartPolicies): boolean {
    const ends = (policy: string): boolean => policy !== 'Always' && this.#batchRestartPolicies.has(policy);
    return (
      ends(restartPolicy) &&
      containers.every(
        ({ restartPolicy: own, restartPolicyRules: rules }) =>
          ends(own ?? restartPolicy) && (rules == null || rules.length === 0 || ends('OnFailure')),
      )
    );
  }

  /** What the Pods of a workload do: of a kind that a policy names, one word of an object's author does not change it (docs/adr/0032). */
  classOfTemplate(kind: WorkloadKind, spec: Pick<PodSpec, 'restartPolicy'>): WorkloadClass {
    return this.#added.has(kind) || kind.podClass === 'operator' || spec.restartPolicy === 'Always' ? kind.podClass : 'batch';
  }
}

const NO_KINDS: readonly never[] = [];

/** `apps/Deployment`, `/Pod`. */
export function nameOfKind({ group, kind }: Pick<WorkloadKind, 'group' | 'kind'>): string {
  return `${group}/${kind}`;
}

/** Whether Kubernetes itself knows the kind: its API server refuses such an object without a template. */
export function isBuiltIn({ group, kind }: Pick<WorkloadKind, 'group' | 'kind'>): boolean {
  return BUILT_IN_KINDS.some((known) => known.group === group && known.kind === kind);
}

/** Whether an object is of a kind of Kubernetes itself: kinds of others have the same names, such as Job. Without a version it counts as one. */
export function isOfKubernetes(apiVersion: unknown, kind: unknown): boolean {
  if (typeof apiVersion !== 'string') return true;
  return typeof kind === 'string' && isBuiltIn({ group: groupOf(apiVersion), kind });
}

/** A Pod is its own template; what else has none of its own is an owner of Pods. */
function isPod({ group, kind }: WorkloadKind): boolean {
  return group === '' && kind === 'Pod';
}

/** Whether `groupOf(apiVersion)` is this group. */
function isOfGroup(apiVersion: string, group: string): boolean {
  return apiVersion.indexOf('/') === (group === '' ? -1 : group.length) && apiVersion.startsWith(group);
}

/** The API group of an apiVersion: '' for the core group's `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Set by the kubelet. */
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/**
 * Whether a Pod is the kubelet's mirror of a static Pod. Admission cannot stop the process that it stands for. The
 * annotation alone is no proof in a live request, where anybody could set it; the admission layer checks who sent it.
 */
export function isMirrorPod({ annotations }: ObjectMeta): boolean {
  return annotations?.[MIRROR_ANNOTATION] != null;
}

/** The owner that calls itself the controller; text that users can write. */
export function controllerOf({ ownerReferences }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences?.find(({ controller }) => controller === true);
}

/** One Pod template of an object, and where it stands. */
export interface FoundTemplate {
  readonly root: FieldPath;
  readonly template: JsonObject;
}

/**
 * The Pod templates to which a path leads: none where it leads nowhere (an Argo Rollout with a `workloadRef`), several where it
 * goes through lists or maps.
 *
 * @param work counts what it goes through
 */
export function templatesIn(object: JsonObject, { templatePath }: Pick<WorkloadKind, 'templatePath'>, work?: Work): FoundTemplate[] {
  if (templatePath.length === 0) return [{ root: FieldPath.ROOT, template: object }];
  let found: FoundValue[] = [{ root: FieldPath.ROOT, value: object }];
  for (const step of templatePath) {
    const next: FoundValue[] = [];
    for (const [index, { root, value }] of found.entries()) {
      work?.spendAt(index);
      if (step === ANY) addElements(root, value, next, work);
      else if (isObject(value) && Object.hasOwn(value, step)) next.push({ root: root.field(step), value: value[step] });
    }
    found = next;
  }
  return found.flatMap(({ root, value }) => (isObject(value) ? [{ root, template: value }] : []));
}

interface FoundValue {
  readonly root: FieldPath;
  readonly value: unknown;
}

/** Adds the elements of a list, or the members of a map. */
function addElements(root: FieldPath, value: unknown, found: FoundValue[], work: Work | undefined): void {
  if (!Array.isArray(value)) {
    if (!isObject(value)) return;
    for (const key in value) {
      work?.spendAt(found.length);
      found.push({ root: root.field(key), value: value[key] });
    }
    return;
  }
  const names = new Set<string>();
  for (const [index, element] of (value as unknown[]).entries()) {
    work?.spendAt(index);
    const name = nameIn(element);
    // Nothing forbids two of one name: then a name tells only the first from others.
    const isTaken = name === undefined || names.has(name);
    if (name !== undefined) names.add(name);
    found.push({ root: root.at(index, isTaken ? undefined : { name }), value: element });
  }
}

function nameIn(element: unknown): string | undefined {
  const name: unknown = isObject(element) ? (element['name'] ?? element['groupName']) : undefined;
  return typeof name === 'string' ? name : undefined;
}
