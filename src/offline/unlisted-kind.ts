/** A kind that looks like a workload and that a policy does not list: its Pods are judged only when they are created, or it is misspelt. */
import { apiVersionOf, type GroupVersionKind } from '../admission/submission.ts';
import { placeOfPodTemplate } from '../core/custom-template.ts';
import { similarWord } from '../core/similar-word.ts';
import { BUILT_IN_KINDS, type WorkloadKinds } from '../core/workload.ts';
import { isOwnKind, newestVersionOf } from './own-kinds.ts';

/** What to say of an object of such a kind, behind its name; undefined for any other object. */
export function hintAboutKind(type: GroupVersionKind, object: unknown, kinds: WorkloadKinds): string | undefined {
  if (kinds.templates(apiVersionOf(type), type.kind).length > 0 || isRecord(type)) return undefined;
  const meant = kindInOtherCase(type);
  if (meant !== undefined) return `is not judged, because Kubernetes has no kind of this name: the kind is written ${meant}`;
  const similar = similarKind(type, object);
  if (similar !== undefined)
    return `is not judged, because Kubernetes has no kind ${type.kind} in ${apiVersionOf(type)}: it has ${similar.kind} in ${apiVersionOf(similar)}`;
  const place = placeOfPodTemplate(object);
  if (place === undefined) return undefined;
  return `holds a Pod template at ${place} but is not judged, because the policy does not know the kind: add the kind to workloadKinds (docs/policy.md)`;
}

/** The kind with Pod templates that is written like this one but for its letters' case. */
export function kindInOtherCase({ group, kind }: GroupVersionKind): string | undefined {
  return BUILT_IN_KINDS.find((known) => known.group === group && known.kind.toLowerCase() === kind.toLowerCase())?.kind;
}

/**
 * The kind with Pod templates that is meant by one that Kubernetes does not have: the same or a similar word, in a group that nobody else can
 * have, and with containers. The group of a CustomResourceDefinition has a dot (`ValidateCustomResourceDefinition`). Files of other tools may
 * have any `apiVersion` and `kind`.
 */
export function similarKind({ group, kind }: GroupVersionKind, object: unknown): GroupVersionKind | undefined {
  if (group.includes('.') || isOwnKind(group, kind) || !holdsContainers(object)) return undefined;
  const meant = similarWord(
    kind.toLowerCase(),
    CURRENT_KINDS.map((known) => known.kind.toLowerCase()),
  );
  const known = CURRENT_KINDS.find((candidate) => candidate.kind.toLowerCase() === meant);
  return known && { group: known.group, kind: known.kind, version: newestVersionOf(known.group) };
}

/** In a template, or itself, as a Pod does. */
function holdsContainers(object: unknown): boolean {
  return placeOfPodTemplate({ object }) !== undefined;
}

const CURRENT_KINDS = BUILT_IN_KINDS.filter(({ group }) => newestVersionOf(group) !== '');

/** Of the templates that a StatefulSet or a DaemonSet has had: no Pod is made from it. */
function isRecord({ group, kind }: GroupVersionKind): boolean {
  return group === 'apps' && kind === 'ControllerRevision';
}
