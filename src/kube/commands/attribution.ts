/**
 * Says who changed what between the object that was sent and the object that would be stored.
 *
 * There are three sources. podgrace's own evaluation says what podgrace changes. The managedFields of the answer say which
 * fields were there before admission, so a field that was there and was not sent is a default. A list says what the API
 * server's own plugins and strategies add afterwards. All other changes are somebody else's.
 */
import { equalJson, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import { placeInFieldSet } from '../../core/managed-fields.ts';
import { PathPattern, type ElementKeys, type FieldPath, type Step } from '../../core/path.ts';
import { withoutBookkeeping } from './apply.ts';
import { changesBetween, valueAt, type Change } from './object-changes.ts';
import type { OwnEvaluation } from './own-evaluation.ts';
import { maskSecretValues } from './secret-values.ts';

/** Who may have changed a field between a manifest and the stored object. */
export const AUTHORS = ['podgrace', 'others', 'api-server', 'manifest'] as const;
/** `manifest` on updates only: what the file itself changes about the object that is there. */
export type Author = (typeof AUTHORS)[number];

export interface AttributedChange {
  /** `spec.containers[web].lifecycle`. */
  readonly path: string;
  /** Undefined where there was nothing. */
  readonly from: unknown;
  /** Undefined where there is nothing any more. */
  readonly to: unknown;
  readonly by: Author;
  /** Of podgrace's changes: the rules that may have made them. */
  readonly rules: readonly string[];
}

export interface Attribution {
  readonly changes: readonly AttributedChange[];
  /** What podgrace's own evaluation changes, and the cluster did not. */
  readonly missing: readonly AttributedChange[];
}

/**
 * @param sent the object as it was posted
 * @param answered as it would be stored
 * @param fields what managedFields of the answer say of the poster: sent, or a default
 */
export function attributeCreation(sent: JsonObject, answered: JsonObject, fields: JsonObject, own: OwnEvaluation | undefined): Attribution {
  const foreseen = new Map(own?.changes.map((change) => [change.path, change]));
  const kind = String(sent['kind']);
  const changes = changesBetween(withoutBookkeeping(sent), withoutIdentity(sent, answered)).map((change) => {
    const byPodgrace = foreseen.get(change.path);
    if (byPodgrace !== undefined && equalJson(byPodgrace.to, change.to)) return attributed(change, 'podgrace', own);
    const isDefault = change.from === undefined && placeInFieldSet(fields, change.place) !== undefined;
    return attributed(change, isDefault || isBuiltIn(kind, change) ? 'api-server' : 'others', own);
  });
  const missing = (own?.changes ?? []).filter(({ place, to }) => !equalJson(valueAt(answered, place), to));
  return { changes: shown(sent, changes), missing: folded(missing.map((change) => attributed(change, 'podgrace', own))) };
}

/**
 * podgrace changes nothing on updates.
 *
 * @param live the object as it is
 * @param fields what managedFields of the answer say that the file applies
 */
export function attributeUpdate(sent: JsonObject, live: JsonObject, answered: JsonObject, fields: JsonObject): Attribution {
  const changes = changesBetween(withoutBookkeeping(live), withoutBookkeeping(answered)).map((change) => {
    const wanted = valueAt(sent, change.place);
    if (wanted !== undefined && placeInFieldSet(fields, change.place) !== undefined)
      return attributed(change, isSameValue(change, wanted) ? 'manifest' : 'others', undefined);
    // Given up by the file, which applied it before; or a default in something that the file adds.
    if (change.to === undefined) return attributed(change, 'manifest', undefined);
    return attributed(change, isDefaultedField(change) ? 'api-server' : 'others', undefined);
  });
  return { changes: shown(sent, changes), missing: [] };
}

type PlacedChange = AttributedChange & Change;

/** As they are reported: without the values of a Secret. */
function shown(sent: JsonObject, changes: readonly PlacedChange[]): AttributedChange[] {
  return folded(maskSecretValues(sent, changes));
}

function attributed({ path, place, from, to, added }: Change, by: Author, own: OwnEvaluation | undefined): PlacedChange {
  return { path, place, from, to, added, by, rules: by === 'podgrace' ? rulesThatWrite(place, own) : [] };
}

function rulesThatWrite(place: FieldPath, own: OwnEvaluation | undefined): string[] {
  return (own?.rules ?? []).filter(({ writes }) => writes.some((pattern) => pattern.covers(place))).map(({ id }) => id);
}

/** What was added as a whole, and by one author, is one change. */
function folded(changes: readonly PlacedChange[]): AttributedChange[] {
  const parts = Map.groupBy(changes, ({ added, path }) => added?.path ?? path);
  return [...parts].flatMap(([path, part]) => {
    const [first] = part;
    const isOne = part.every(({ by }) => by === first?.by);
    if (first?.added === undefined || !isOne) return part.map(withoutPlace);
    const rules = [...new Set(part.flatMap((change) => change.rules))];
    return [{ path, from: undefined, to: first.added.value, by: first.by, rules }];
  });
}

function withoutPlace({ path, from, to, by, rules }: PlacedChange): AttributedChange {
  return { path, from, to, by, rules };
}

/** The answer without what the API server gives every object: a name for `generateName`, the namespace of the request. */
function withoutIdentity(sent: JsonObject, answered: JsonObject): JsonObject {
  const given = metadataOf(sent);
  const object = withoutBookkeeping(answered);
  const { name, namespace, ...metadata } = metadataOf(object);
  return {
    ...object,
    metadata: { ...metadata, ...('name' in given && { name }), ...('namespace' in given && { namespace }) },
  };
}

function isSameValue({ place, to }: Change, wanted: unknown): boolean {
  if (equalJson(to, wanted)) return true;
  // The fields around it say what kind of value it is.
  const nested = (value: unknown): JsonObject =>
    place.steps.reduceRight<unknown>((inner, step) => (typeof step === 'string' ? { [step]: inner } : inner), value) as JsonObject;
  return changesBetween(nested(wanted), nested(to)).length === 0;
}

/**
 * What plugins (ServiceAccount, Priority, DefaultTolerationSeconds, LimitRanger, DefaultStorageClass) and strategies of the
 * API server add after managedFields were taken; k8s.io/kubernetes v1.36 `plugin/pkg/admission`, `pkg/registry`.
 */
const BUILT_IN: readonly BuiltIn[] = [
  ...ofKind('Pod', [
    'spec.serviceAccount',
    'spec.serviceAccountName',
    'spec.priority',
    'spec.preemptionPolicy',
    'spec.priorityClassName',
    'spec.overhead',
    'spec.imagePullSecrets',
    'metadata.annotations[kubernetes.io/limit-ranger]',
  ]),
  ...ofKind('Pod', ['spec.tolerations[*]'], ({ key }) => TAINTS.has(key)),
  ...ofKind('Pod', ['spec.volumes[*]'], ({ name }) => String(name).startsWith('kube-api-access-')),
  ...ofKind(
    'Pod',
    ['spec.containers[*].volumeMounts[*]', 'spec.initContainers[*].volumeMounts[*]'],
    ({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount',
  ),
  ...ofKind('Job', [
    'spec.selector',
    ...['metadata.labels', 'spec.template.metadata.labels'].flatMap((labels) =>
      ['controller-uid', 'job-name'].flatMap((key) => [`${labels}[${key}]`, `${labels}[batch.kubernetes.io/${key}]`]),
    ),
  ]),
  ...ofKind('Namespace', ['metadata.labels[kubernetes.io/metadata.name]', 'spec.finalizers']),
  ...ofKind('Service', [
    'spec.clusterIP',
    'spec.clusterIPs',
    'spec.ipFamilies',
    'spec.ipFamilyPolicy',
    'spec.internalTrafficPolicy',
    'spec.ports[*].nodePort',
  ]),
  ...ofKind('PersistentVolumeClaim', ['spec.storageClassName', 'spec.volumeMode', 'metadata.finalizers']),
];

/** The taints that every Pod tolerates, or one with requests of memory. */
const TAINTS: ReadonlySet<unknown> = new Set(
  ['not-ready', 'unreachable', 'memory-pressure'].map((condition) => `node.kubernetes.io/${condition}`),
);

interface BuiltIn {
  readonly kind: string;
  readonly pattern: PathPattern;
  /** Of a pattern that ends at the elements of a list: which of them. */
  readonly isElement: (keys: ElementKeys) => boolean;
}

function ofKind(kind: string, patterns: readonly string[], isElement: BuiltIn['isElement'] = () => true): BuiltIn[] {
  return patterns.map((text) => ({ kind, pattern: new PathPattern(text), isElement }));
}

function isBuiltIn(kind: string, { place, from }: Change): boolean {
  if (from !== undefined) return false;
  return BUILT_IN.some(
    (known) => known.kind === kind && known.pattern.covers(place) && known.isElement(keysAt(place, known.pattern.steps.length)),
  );
}

function keysAt(place: FieldPath, depth: number): ElementKeys {
  return place.parent !== undefined && place.depth > depth ? keysAt(place.parent, depth) : (place.keys ?? {});
}

/** Fields that the API server fills in wherever a container, a port or a probe appears (core/v1 `defaults.go`). */
const DEFAULTED: ReadonlySet<Step> = new Set([
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
  'protocol',
  'scheme',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
  'defaultMode',
  'resources',
  'apiVersion',
]);

function isDefaultedField({ place, from }: Change): boolean {
  return from === undefined && place.depth > 1 && DEFAULTED.has(place.step);
}
