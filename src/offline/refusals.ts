/**
 * What the API server itself refuses of a manifest, whatever the policy says (docs/adr/0077): of a Pod with the repairs, as it comes out
 * of the mutating webhooks.
 */
import type { Submission } from '../admission/submission.ts';
import { Finding, UNREADABLE, UNREADABLE_REST } from '../core/finding.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { asObject, asObjects } from '../core/json-reading.ts';
import type { KubernetesMinor } from '../core/kubernetes-version.ts';
import { FieldPath } from '../core/path.ts';
import { shortened } from '../core/shortened.ts';
import { storedObject } from '../core/stored-object.ts';
import { invalidPlacesOfNew } from '../core/validation/invalid-object.ts';
import type { InvalidPlace } from '../core/validation/invalid-place.ts';
import type { Admission } from './admit.ts';
import { isForKustomize, type ReadPlace } from './kustomization.ts';

/** The rule name of findings about what the API server refuses. */
export const VALID_OBJECT = 'valid-object';

/**
 * @param submission of an object that is to be created
 * @param admission what podgrace says of it
 * @param place where it was read
 * @returns in the order of the API server; nothing of an object that podgrace does not judge, or cannot read as a whole
 */
export function refusalsOf(
  { object }: Pick<Submission, 'object'>,
  { validate, admitted }: Admission,
  minor: KubernetesMinor,
  place: ReadPlace,
): Finding[] {
  if (validate.skipped !== undefined || validate.findings.some(isUnreadable)) return [];
  if (!isObject(object) || !isObject(admitted) || isPart(object, place)) return [];
  const stored = storedObject(admitted, minor);
  return invalidPlacesOfNew(stored, minor).map((place) => refusal(place, stored));
}

function isUnreadable({ messageId }: Finding): boolean {
  return messageId === UNREADABLE || messageId === UNREADABLE_REST;
}

/**
 * Whether it looks like a part of an object, such as a patch for kustomize: it lacks two things that stand far from each other, and that
 * every such object has. Where kustomize is at work, one of them is enough: it also adds selectors (`labels`) to what is no patch.
 */
function isPart(object: JsonObject, place: ReadPlace): boolean {
  const lacking = missingIn(object);
  return lacking > 1 || (lacking === 1 && isForKustomize(place));
}

/** How many of the things are not there that every object of its kind has. */
function missingIn({ kind, spec }: JsonObject): number {
  const { selector, template, schedule, jobTemplate } = asObject(spec);
  if (kind === 'Pod') return count(asObjects(asObject(spec)['containers']).some(({ image }) => image == null));
  const ofJobs = kind === 'CronJob' ? asObject(asObject(jobTemplate)['spec'])['template'] : template;
  if (kind === 'CronJob') return count(schedule == null, lacksImage(ofJobs) || lacksRestartPolicy(ofJobs));
  if (kind === 'Job') return count(lacksRestartPolicy(template), lacksImage(template));
  const { labels } = asObject(asObject(template)['metadata']);
  return count(selector == null, labels == null || lacksImage(template));
}

function count(...lacking: readonly boolean[]): number {
  return lacking.filter(Boolean).length;
}

function lacksRestartPolicy(template: unknown): boolean {
  return asObject(asObject(template)['spec'])['restartPolicy'] == null;
}

function lacksImage(template: unknown): boolean {
  const { containers, initContainers } = asObject(asObject(template)['spec']);
  const all = [...asObjects(containers), ...asObjects(initContainers)];
  return all.length === 0 || all.some(({ image }) => image == null);
}

const WORDING = {
  text: 'is refused by the API server: {{words}}',
  fix: 'write what the API server accepts: no policy and no exemption lets this through',
};

/** Longer words repeat what the user wrote. */
const LONGEST_WORDS = 600;

function refusal({ message, fields }: InvalidPlace, stored: JsonObject): Finding {
  const field = fields[0] ?? FieldPath.ROOT;
  const { path } = named(field, stored);
  const words = shortened(withoutPlace(message, field), LONGEST_WORDS);
  return new Finding({ rule: VALID_OBJECT, messageId: 'refused', mode: 'enforce', path, wording: WORDING, data: { words } });
}

/** The API server names the place first, or one around it; another one stays. */
function withoutPlace(message: string, field: FieldPath): string {
  for (let at: FieldPath | undefined = field; at !== undefined; at = at.parent)
    if (message.startsWith(`${at.text}: `)) return message.slice(at.text.length + 2);
  return message;
}

/** The same place, with the names of the elements on the way, by which it is known where they have moved. */
function named(path: FieldPath, object: JsonObject): { readonly path: FieldPath; readonly value: unknown } {
  const { parent, step, isMapKey } = path;
  if (parent === undefined) return { path, value: object };
  const above = named(parent, object);
  if (typeof step !== 'number') {
    const value = isObject(above.value) ? above.value[step] : undefined;
    return { path: isMapKey ? above.path.key(step) : above.path.field(step), value };
  }
  const value: unknown = Array.isArray(above.value) ? above.value[step] : undefined;
  const name = isObject(value) ? value['name'] : undefined;
  return { path: above.path.at(step, typeof name === 'string' && name !== '' ? { name } : undefined), value };
}
