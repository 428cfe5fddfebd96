/**
 * What the API server refuses a Pod for because it is not there yet, while the files of the run create it: a dry run stores nothing of
 * them, so the Pod is tried without it.
 *
 * Mirrors the messages of kubernetes 1.36 and 1.37 `plugin/pkg/admission/priority`, `runtimeclass` and `serviceaccount`.
 */
import type { JsonObject } from '../../core/json.ts';
import { asObject } from '../../core/json-reading.ts';
import type { InventoryName } from '../../core/surroundings.ts';
import type { Denial } from './denial.ts';

interface NeededKind {
  readonly kind: string;
  readonly inventory: InventoryName;
  /** Of the spec of a Pod. */
  readonly fields: readonly string[];
  /** Names the object. */
  readonly refusal: RegExp;
}

/** The kinds that Pods need to be created at all. */
const NEEDED_KINDS: readonly NeededKind[] = [
  {
    kind: 'PriorityClass',
    inventory: 'priorityClasses',
    fields: ['priorityClassName'],
    refusal: /no PriorityClass with name (\S+) was found/,
  },
  { kind: 'RuntimeClass', inventory: 'runtimeClasses', fields: ['runtimeClassName'], refusal: /RuntimeClass "([^"]+)" not found/ },
  {
    kind: 'ServiceAccount',
    inventory: 'serviceAccounts',
    fields: ['serviceAccountName', 'serviceAccount'],
    refusal: /serviceaccount "([^"]+)" not found/,
  },
];

export interface PodWithout {
  readonly pod: JsonObject;
  /** `PriorityClass high` */
  readonly without: string;
}

/**
 * @param creates whether the files create the object
 * @returns undefined where the Pod is denied for another reason
 */
export function withoutCreated(
  pod: JsonObject,
  { by, message }: Denial,
  creates: (inventory: InventoryName, name: string) => boolean,
): PodWithout | undefined {
  if (by !== 'admission') return undefined;
  for (const { kind, inventory, fields, refusal } of NEEDED_KINDS) {
    const name = refusal.exec(message)?.[1];
    const spec = asObject(pod['spec']);
    if (name === undefined || !creates(inventory, name) || !fields.some((field) => spec[field] === name)) continue;
    const rest = Object.fromEntries(Object.entries(spec).filter(([field]) => !fields.includes(field)));
    return { pod: { ...pod, spec: rest }, without: `${kind} ${name}` };
  }
  return undefined;
}
