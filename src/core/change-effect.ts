/** What the change of a field does in a cluster. */
import type { JsonObject } from './json.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';

/**
 * - `refused`: the API server does not let this field change.
 * - `invalid`: the API server accepts the new value in no object of the kind.
 * - `replaces`: the controller replaces its Pods.
 * - `new Pods`: Pods that are made later have it; those that run keep what they have.
 * - `held`: no Pod has it, for as long as the `partition` of a StatefulSet or `paused` of a Deployment holds it back.
 * - `releases`: Pods that still have an older template are replaced.
 * - `renumbers`: a StatefulSet makes Pods with other numbers, and deletes those whose numbers are out of its range.
 * - `restarts`: the kubelet restarts the container in its Pod.
 * - `resize`: not by an ordinary update, but by one of the subresource `resize`.
 * - `scales`: the number of Pods changes.
 * - `settings`: how the controller works; no Pod changes.
 * - `metadata`: labels, annotations, finalizers and owners of the object alone.
 */
export const CHANGE_EFFECTS = [
  'refused',
  'invalid',
  'replaces',
  'new Pods',
  'held',
  'releases',
  'renumbers',
  'restarts',
  'resize',
  'scales',
  'settings',
  'metadata',
] as const;
export type ChangeEffect = (typeof CHANGE_EFFECTS)[number];

/** What an ordinary update cannot do: with one of them, nothing of it is stored. */
export const REFUSING: ReadonlySet<ChangeEffect> = new Set(['refused', 'invalid', 'resize']);

/** One field, in two versions of an object as they are stored. */
export interface Change {
  readonly old: JsonObject;
  readonly stored: JsonObject;
  /** Undefined where the field is not there. */
  readonly from: unknown;
  readonly to: unknown;
  readonly minor: KubernetesMinor;
}
