/** Who set each field of an object as the API server stores it: its author, a default, or an admission plugin. */
import { isObject } from './json.ts';
import { pointerOf, type Step } from './path.ts';

/**
 * - `user`: it is in the object as it was given.
 * - `default`: the API server fills it in as it decodes the object.
 * - `admission`: a plugin adds it before the object is stored.
 */
export type FieldOrigin = 'user' | 'default' | 'admission';

/** Of a Pod: what the plugins Priority, ServiceAccount and DefaultTolerationSeconds add (`stored-object.ts`). */
const BY_ADMISSION: ReadonlySet<Step | undefined> = new Set([
  'priority',
  'preemptionPolicy',
  'serviceAccountName',
  'serviceAccount',
  'tolerations',
]);

/**
 * @param given as its author wrote it
 * @param stored the same with defaults (`storedObject`)
 * @returns by JSON Pointer, of every scalar and every empty list or object
 */
export function fieldOrigins(given: unknown, stored: unknown): ReadonlyMap<string, FieldOrigin> {
  const origins = new Map<string, FieldOrigin>();
  collect(given, stored, [], { isPod: isObject(stored) && stored['kind'] === 'Pod', origins });
  return origins;
}

interface Collected {
  readonly isPod: boolean;
  readonly origins: Map<string, FieldOrigin>;
}

function collect(given: unknown, stored: unknown, steps: readonly Step[], into: Collected): void {
  const members: readonly (readonly [Step, unknown])[] = Array.isArray(stored)
    ? stored.map((element: unknown, index) => [index, element] as const)
    : isObject(stored)
      ? Object.entries(stored)
      : [];
  if (members.length === 0) {
    const isByAdmission = into.isPod && steps[0] === 'spec' && BY_ADMISSION.has(steps[1]);
    into.origins.set(pointerOf(steps), given === undefined || given === null ? (isByAdmission ? 'admission' : 'default') : 'user');
    return;
  }
  for (const [step, member] of members) collect(memberOf(given, step), member, [...steps, step], into);
}

function memberOf(value: unknown, step: Step): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[String(step)] : undefined;
}
