/**
 * What the API server does not accept of a Pod or a workload, as far as podgrace knows it: what people get wrong most.
 * `kubectl apply --dry-run=server` knows all.
 */
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-reading.ts';
import type { KubernetesMinor } from '../kubernetes-version.ts';
import { FieldPath } from '../path.ts';
import { invalidNameOf, invalidSelectorOf, longNameOf } from './creation.ts';
import { isOfKubernetes } from '../workload.ts';
import type { InvalidPlace } from './invalid-place.ts';
import { invalidCronJobAfterJobs, invalidCronJobBeforeJobs, invalidJobAfterPods, invalidJobBeforePods } from './job-spec.ts';
import { invalidAnnotations, invalidLabels } from './labels.ts';
import { invalidInPodSpec } from './pod-spec.ts';
import { claimsOf, invalidAfterPods, invalidBeforePods, RUNNING } from './workload-spec.ts';

const METADATA = FieldPath.of('metadata');
const SPEC = FieldPath.of('spec');
const JOB_SPEC = FieldPath.of('spec', 'jobTemplate', 'spec');

/**
 * @param stored as `storedObject` makes it
 * @returns in the order of the API server; nothing of a kind that has no Pods
 */
export function invalidPlaces(stored: JsonObject, minor: KubernetesMinor): InvalidPlace[] {
  if (!isOfKubernetes(stored['apiVersion'], stored['kind'])) return [];
  return [...invalidMetadata(stored), ...invalidSpec(stored, minor)];
}

/**
 * What the API server does not accept of an object that is created.
 *
 * @param stored as `storedObject` makes it
 * @returns nothing of a kind that has no Pods
 */
export function invalidPlacesOfNew(stored: JsonObject, minor: KubernetesMinor): InvalidPlace[] {
  if (!isValidated(stored)) return [];
  return [
    ...invalidNameOf(stored, minor),
    ...invalidMetadata(stored),
    ...invalidSelectorOf(stored),
    ...invalidSpec(stored, minor),
    ...longNameOf(stored),
  ];
}

/** Whether it is of a kind that has Pods, by the API version in which it is looked at here. */
function isValidated({ apiVersion, kind }: JsonObject): boolean {
  const version = kind === 'Pod' || kind === 'ReplicationController' ? 'v1' : kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1';
  return apiVersion === version && (RUNNING.has(kind) || ENDING.has(kind));
}

const ENDING: ReadonlySet<unknown> = new Set(['Pod', 'Job', 'CronJob']);

function invalidMetadata({ kind, metadata }: JsonObject): InvalidPlace[] {
  if (!RUNNING.has(kind) && !ENDING.has(kind)) return [];
  const { labels, annotations } = asObject(metadata);
  return [...invalidLabels(labels, METADATA.field('labels')), ...invalidAnnotations(annotations, METADATA.field('annotations'))];
}

function invalidSpec(stored: JsonObject, minor: KubernetesMinor): InvalidPlace[] {
  const { kind } = stored;
  const spec = asObject(stored['spec']);
  if (kind === 'Pod') return invalidInPodSpec(spec, SPEC, { isPod: true, minor });
  if (kind === 'Job') return invalidJob(spec, SPEC, minor);
  if (kind === 'CronJob')
    return [
      ...invalidCronJobBeforeJobs(spec, SPEC),
      ...invalidJob(asObject(asObject(spec['jobTemplate'])['spec']), JOB_SPEC, minor),
      ...invalidCronJobAfterJobs(spec, SPEC),
    ];
  if (!RUNNING.has(kind)) return [];
  return [
    ...invalidBeforePods(kind, spec, SPEC),
    ...invalidTemplate(spec, SPEC, minor, claimsOf(stored)),
    ...invalidAfterPods(kind, spec, SPEC),
  ];
}

/**
 * What the API server does not accept of an update. It passes over the Pod spec of a StatefulSet that was wrong already
 * (`ValidateStatefulSetUpdate`).
 */
export function invalidPlacesOfUpdate(old: JsonObject, stored: JsonObject, minor: KubernetesMinor): InvalidPlace[] {
  const places = invalidPlaces(stored, minor);
  if (stored['kind'] !== 'StatefulSet' || places.length === 0 || invalidPlaces(old, minor).length === 0) return places;
  const template = SPEC.field('template', 'spec');
  const ofStatefulSet = ['restartPolicy', 'activeDeadlineSeconds'].map((field) => template.field(field));
  return places.filter(
    ({ fields }) => !fields.some((field) => field.isWithin(template)) || ofStatefulSet.some((kept) => fields[0]?.isWithin(kept)),
  );
}

function invalidJob(spec: JsonObject, path: FieldPath, minor: KubernetesMinor): InvalidPlace[] {
  return [...invalidJobBeforePods(spec, path), ...invalidTemplate(spec, path, minor), ...invalidJobAfterPods(spec, path)];
}

function invalidTemplate(spec: JsonObject, path: FieldPath, minor: KubernetesMinor, claims?: readonly string[]): InvalidPlace[] {
  const template = path.field('template');
  const { metadata, spec: pod } = asObject(spec['template']);
  const { labels, annotations } = asObject(metadata);
  const named = template.field('metadata');
  return [
    ...invalidLabels(labels, named.field('labels'), template.field('labels')),
    ...invalidAnnotations(annotations, named.field('annotations'), template.field('annotations')),
    ...invalidInPodSpec(asObject(pod), template.field('spec'), { isPod: false, minor, ...(claims === undefined ? {} : { claims }) }),
  ];
}
