/**
 * What the API server does not accept of the spec of a workload, beside that of its Pods. Mirrors kubernetes `pkg/apis/apps/validation`
 * (ValidateDeploymentSpec, ValidateStatefulSetSpec, ValidateDaemonSetSpec, ValidateReplicaSetSpec) and `pkg/apis/core/validation`
 * (ValidateReplicationControllerSpec), read at 1.36.3. A selector that is not there is left out: it belongs to no change.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { selectorOf } from '../surrounding-object.ts';
import { selectsPods } from '../surroundings.ts';
import { forbidden, invalid, negative, required, unsupported, unsupportedWord, type InvalidPlace } from './invalid-place.ts';

/** Kinds whose Pods their controller keeps running. */
export const RUNNING: ReadonlySet<unknown> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController']);

/** Before what is wrong with the Pods. */
export function invalidBeforePods(kind: unknown, spec: JsonObject, path: FieldPath): InvalidPlace[] {
  switch (kind) {
    case 'StatefulSet':
      return [...invalidStatefulSet(spec, path), ...unselected(spec, path)];
    case 'Deployment':
      return [...negative(path.field('replicas'), spec['replicas']), ...unselected(spec, path)];
    case 'ReplicaSet':
    case 'ReplicationController': {
      const counts = kind === 'ReplicaSet' ? ['replicas', 'minReadySeconds'] : ['minReadySeconds', 'replicas'];
      return [...counts.flatMap((field) => negative(path.field(field), spec[field])), ...unselected(spec, path)];
    }
    default:
      return unselected(spec, path);
  }
}

/** After what is wrong with the Pods. */
export function invalidAfterPods(kind: unknown, spec: JsonObject, path: FieldPath): InvalidPlace[] {
  const ready = negative(path.field('minReadySeconds'), spec['minReadySeconds']);
  const history = negative(path.field('revisionHistoryLimit'), spec['revisionHistoryLimit']);
  switch (kind) {
    case 'Deployment':
      return [...endingPods(kind, spec, path), ...invalidStrategy(spec, path), ...ready, ...history, ...shortDeadline(spec, path)];
    case 'DaemonSet':
      return [...endingPods(kind, spec, path), ...ready, ...invalidDaemonSetStrategy(spec, path), ...history];
    default:
      return endingPods(kind, spec, path);
  }
}

/** Pods that end are for Jobs. */
function endingPods(kind: unknown, { template }: JsonObject, path: FieldPath): InvalidPlace[] {
  const { restartPolicy, activeDeadlineSeconds } = asObject(asObject(template)['spec']);
  const spec = path.field('template', 'spec');
  // The ReplicaSets of a Deployment have its template.
  const named = kind === 'Deployment' ? 'ReplicaSet' : String(kind);
  return [
    ...(restartPolicy == null || restartPolicy === 'Always'
      ? []
      : [unsupported(spec.field('restartPolicy'), asText(restartPolicy), ['Always'])]),
    ...(activeDeadlineSeconds == null
      ? []
      : [forbidden(spec.field('activeDeadlineSeconds'), `activeDeadlineSeconds in ${named} is not Supported`)]),
  ];
}

/** A selector does not fit the labels of the template. */
function unselected({ selector, template }: JsonObject, path: FieldPath): InvalidPlace[] {
  if (!isObject(selector)) return [];
  const { labels } = asObject(asObject(template)['metadata']);
  const isOfLabels = isObject(selector['matchLabels']) || Array.isArray(selector['matchExpressions']);
  // A ReplicationController has its labels without `matchLabels`.
  const wanted = selectorOf(isOfLabels ? selector : { matchLabels: selector });
  const given = asObject(labels) as Readonly<Record<string, string>>;
  if (selectsPods(wanted, given)) return [];
  const keys = [
    ...Object.entries(wanted?.matchLabels ?? {}).flatMap(([key, value]) => (given[key] === value ? [] : [key])),
    ...(wanted?.matchExpressions ?? []).map(({ key }) => key),
  ];
  return [mismatch(template, path, keys)];
}

/** @param keys of labels without which the selector does not match */
export function mismatch(template: unknown, path: FieldPath, keys: readonly string[]): InvalidPlace {
  const { labels } = asObject(asObject(template)['metadata']);
  const field = path.field('template', 'metadata', 'labels');
  const sorted = isObject(labels) ? Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) : null;
  const { message } = invalid(field, sorted, '`selector` does not match template `labels`');
  return { message, fields: [...keys.map((key) => field.key(key)), path.field('selector')] };
}

// Strategies

function invalidStrategy({ strategy }: JsonObject, path: FieldPath): InvalidPlace[] {
  const { type, rollingUpdate } = asObject(strategy);
  const field = path.field('strategy');
  const below = field.field('rollingUpdate');
  if (type === 'Recreate')
    return isObject(rollingUpdate)
      ? [forbidden(below, "may not be specified when strategy `type` is 'Recreate'", [field.field('type')])]
      : [];
  if (type == null) return [];
  if (type !== 'RollingUpdate') return unknownStrategy(strategy, field, ['Recreate', 'RollingUpdate']);
  const { maxUnavailable, maxSurge } = asObject(rollingUpdate);
  const [unavailable, surge] = [below.field('maxUnavailable'), below.field('maxSurge')];
  return [
    ...invalidShare(maxUnavailable, unavailable),
    ...invalidShare(maxSurge, surge),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [invalid(unavailable, maxUnavailable, 'may not be 0 when `maxSurge` is 0', [surge, field.field('type')])]
      : []),
    ...moreThanAll(maxUnavailable, unavailable),
  ];
}

function invalidDaemonSetStrategy({ updateStrategy }: JsonObject, path: FieldPath): InvalidPlace[] {
  const { type, rollingUpdate } = asObject(updateStrategy);
  const field = path.field('updateStrategy');
  if (type == null || type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return unknownStrategy(updateStrategy, field, ['RollingUpdate', 'OnDelete']);
  const { maxUnavailable, maxSurge } = asObject(rollingUpdate);
  const below = field.field('rollingUpdate');
  const [unavailable, surge] = [below.field('maxUnavailable'), below.field('maxSurge')];
  const both = isZero(maxUnavailable) === isZero(maxSurge);
  return [
    ...invalidShare(maxUnavailable, unavailable),
    ...invalidShare(maxSurge, surge),
    ...moreThanAll(maxUnavailable, unavailable),
    ...moreThanAll(maxSurge, surge),
    ...(both && !isZero(maxSurge) ? [invalid(surge, maxSurge, 'may not be set when maxUnavailable is non-zero', [unavailable])] : []),
    ...(both && isZero(maxSurge) ? [required(unavailable, 'cannot be 0 when maxSurge is 0', [surge, field.field('type')])] : []),
  ];
}

function invalidStatefulSet(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  const { podManagementPolicy: management, updateStrategy, persistentVolumeClaimRetentionPolicy: retention, ordinals } = spec;
  const { type, rollingUpdate } = asObject(updateStrategy);
  const field = path.field('updateStrategy');
  const isKnown = management == null || management === 'OrderedReady' || management === 'Parallel';
  const start = path.field('ordinals', 'start');
  return [
    ...(isKnown ? [] : [invalid(path.field('podManagementPolicy'), management, "must be 'OrderedReady' or 'Parallel'")]),
    ...(type === 'RollingUpdate' ? invalidPartition(asObject(rollingUpdate), field.field('rollingUpdate')) : []),
    ...(type == null || type === 'RollingUpdate' || type === 'OnDelete'
      ? []
      : [invalid(field, printed(updateStrategy, partitioned), "must be 'RollingUpdate' or 'OnDelete'")]),
    ...['whenDeleted', 'whenScaled'].flatMap((when) =>
      unsupportedWord(path.field('persistentVolumeClaimRetentionPolicy', when), asObject(retention)[when], ['Retain', 'Delete']),
    ),
    ...negative(path.field('replicas'), spec['replicas']),
    ...negative(path.field('minReadySeconds'), spec['minReadySeconds']),
    ...negative(start, asObject(ordinals)['start']).map(({ fields, message }) => ({ fields, message })),
  ];
}

/** `maxUnavailable` is dropped where its feature is off, which no file says. */
function invalidPartition({ partition, maxUnavailable }: JsonObject, path: FieldPath): InvalidPlace[] {
  const field = path.field('maxUnavailable');
  return [
    ...negative(path.field('partition'), partition),
    ...invalidShare(maxUnavailable, field),
    ...(maxUnavailable != null && isZero(maxUnavailable) ? [invalid(field, maxUnavailable, 'cannot be 0')] : []),
    ...moreThanAll(maxUnavailable, field),
  ];
}

function unknownStrategy(strategy: unknown, field: FieldPath, supported: readonly string[]): InvalidPlace[] {
  const surging = ({ maxUnavailable, maxSurge }: JsonObject): JsonObject => ({
    MaxUnavailable: maxUnavailable ?? 0,
    MaxSurge: maxSurge ?? 0,
  });
  return [unsupported(field, printed(strategy, surging), supported)];
}

/** As the API server prints a strategy: by the names that its own code has, and with nothing filled in. */
function printed(strategy: unknown, rolling: (rollingUpdate: JsonObject) => JsonObject): JsonObject {
  const { type, rollingUpdate } = asObject(strategy);
  return { Type: asText(type), RollingUpdate: isObject(rollingUpdate) ? rolling(rollingUpdate) : null };
}

/** `maxUnavailable` is dropped where its feature is off. */
function partitioned({ partition, maxUnavailable }: JsonObject): JsonObject {
  return { Partition: partition ?? 0, MaxUnavailable: maxUnavailable ?? null };
}

/** ValidatePositiveIntOrPercent. */
function invalidShare(value: unknown, path: FieldPath): InvalidPlace[] {
  if (typeof value !== 'string') return negative(path, value);
  if (/^\d+%$/.test(value)) return [];
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(path, value, detail)];
}

/** IsNotMoreThan100Percent. */
function moreThanAll(value: unknown, path: FieldPath): InvalidPlace[] {
  const isMore = typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100;
  return isMore ? [invalid(path, value, 'must not be greater than 100%')] : [];
}

/** getIntOrPercentValue: a text that is neither a number nor a percentage counts as 0. */
function isZero(value: unknown): boolean {
  return typeof value === 'string' ? !/^[-+]?0*[1-9]\d*%?$/.test(value) : asNumber(value) === 0;
}

/** Both on their own fields: either may be the mistake. */
function shortDeadline({ progressDeadlineSeconds, minReadySeconds }: JsonObject, path: FieldPath): InvalidPlace[] {
  if (typeof progressDeadlineSeconds !== 'number') return [];
  const field = path.field('progressDeadlineSeconds');
  const isShort = progressDeadlineSeconds <= asNumber(minReadySeconds);
  return [
    ...negative(field, progressDeadlineSeconds),
    ...(isShort ? [invalid(field, progressDeadlineSeconds, 'must be greater than minReadySeconds', [path.field('minReadySeconds')])] : []),
  ];
}

/** The names of the volumes that the claims of a StatefulSet make (`volumesToAddForTemplates`). */
export function claimsOf({ kind, spec }: JsonObject): readonly string[] | undefined {
  if (kind !== 'StatefulSet') return undefined;
  return asObjects(asObject(spec)['volumeClaimTemplates']).map(({ metadata }) => asText(asObject(metadata)['name']));
}
