/** What of a workload changes, what comes of each change, and how many Pods are replaced. */
import type { ChangeEffect } from '../../../core/change-effect.ts';
import type { PodTimelines } from '../../../core/pod-timelines.ts';
import type { WorkloadChange } from '../../../core/workload-change.ts';
import type { MisappliedList } from '../../../offline/applied.ts';
import type { Explanation } from '../../../offline/explanation.ts';
import { styled, text, type Part } from '../../output/text.ts';

type Subject = Explanation['subject'];

const NEW_OBJECT = 'The object is new: before the change there is none of this kind and name in its namespace.';

/** Nothing where nobody asks what changes. */
export function changeLines({ change, isNew, timelines: { readySeconds }, subject }: Explanation): Part[] {
  if (isNew) return [NEW_OBJECT];
  if (change === undefined) return [];
  const { deletesClaims, fields, invalid, misapplied } = change;
  const warnings = misapplied.map((list) => styled('yellow', misappliedText(list)));
  if (fields.length === 0) return ['Nothing changes: both are stored alike.', ...warnings];
  return [
    summaryOf(change, { readySeconds, subject }),
    ...(deletesClaims ? [styled('red', CLAIMS_GO)] : []),
    ...warnings,
    ...invalid.map((message) => styled('red', `not changed, and invalid: ${message}`)),
    ...fields.map(
      ({ path, from, to, effect, reason }) =>
        text`${path.text}: ${`${shortText(from)} → ${shortText(to)}`} (${styled(effect === 'refused' || effect === 'invalid' ? 'red' : 'dim', reason === undefined ? EFFECTS[effect] : `invalid: ${reason}`)})`,
    ),
  ];
}

const CLAIMS_GO = 'The claims of the Pods that go are deleted with them, and mostly their data: `whenScaled` is Delete.';

function misappliedText({ path, key, isKnown }: MisappliedList): string {
  const does = isKnown ? 'does not store what the file says' : 'may store other elements than the file says, or fail';
  return `${path.text}: kubectl apply ${does}, because it takes elements with the same \`${key}\` for one; kubectl replace stores it`;
}

type Summed = Pick<PodTimelines, 'readySeconds'> & Pick<Explanation, 'subject'>;

function summaryOf({ fields, replacement, invalid }: WorkloadChange, { readySeconds, subject }: Summed): Part {
  if (invalid.length > 0 || fields.some(({ effect }) => effect === 'invalid'))
    return styled('red', 'The API server refuses this update: correct what is marked as invalid below.');
  if (fields.some(({ effect }) => effect === 'refused')) return styled('red', refusedText(fields, subject));
  if (fields.some(({ effect }) => effect === 'resize'))
    return styled('red', 'The API server refuses this update; send it to the subresource resize (kubectl patch --subresource resize).');
  if (replacement === undefined && fields.some(({ effect }) => effect === 'releases'))
    return 'Pods that still have an older template are replaced.';
  return replacement === undefined ? 'No Pod is replaced.' : replacementText(replacement, readySeconds);
}

/** A StatefulSet that is made anew takes over the Pods that its selector selects, and their claims. */
function refusedText(fields: WorkloadChange['fields'], { kind, name }: Subject): string {
  const refused = fields.filter(({ effect }) => effect === 'refused');
  if (refused.every(({ path }) => path.steps[1] === 'updateStrategy'))
    return 'The API server refuses this update: `rollingUpdate` stays beside OnDelete as long as the file does not say `rollingUpdate: null`.';
  const takesOver = kind === 'StatefulSet' && refused.every(({ path }) => path.steps[1] !== 'selector');
  return takesOver
    ? `The API server refuses this update: delete it with \`kubectl delete statefulset ${name} --cascade=orphan\`, which leaves its Pods and claims as they are, and make it anew.`
    : 'The API server refuses this update: the object has to be deleted and made anew.';
}

function replacementText(replacement: NonNullable<WorkloadChange['replacement']>, readySeconds: number): string {
  const { pods, atOnce, steps, minReadySeconds } = replacement;
  const together = atOnce === undefined ? 'as many at a time as the percentage of the nodes allows' : `at most ${atOnce} at a time`;
  if (pods === undefined || steps === undefined) return `One Pod of each node is replaced, ${together}.`;
  const replaced = `${pods} ${pods === 1 ? 'Pod is' : 'Pods are'} replaced, ${together}`;
  if (!Number.isFinite(readySeconds)) return `${replaced}; the new ones never become ready.`;
  const seconds = steps * (readySeconds + minReadySeconds);
  return `${replaced}, in at least ${steps} ${steps === 1 ? 'step' : 'steps'}${seconds === 0 ? '' : ` and ${seconds} s`}.`;
}

const EFFECTS: Readonly<Record<ChangeEffect, string>> = {
  refused: 'refused by the API server',
  invalid: 'invalid: the API server refuses this value beside the other fields',
  replaces: 'replaces Pods',
  'new Pods': 'only for Pods that are made later',
  held: 'no Pod gets it before `partition` or `paused` lets it',
  releases: 'replaces Pods that still have an older template',
  renumbers: 'makes Pods with other numbers, and deletes the others',
  restarts: 'restarts the container in its Pod',
  resize: 'in place, by the subresource resize alone',
  scales: 'changes the number of Pods',
  settings: 'changes no Pod',
  metadata: 'changes the object alone',
};

/** A value on one line that people can read. */
const MAX_SHOWN = 60;

function shortText(value: unknown): string {
  if (value === undefined) return 'not set';
  const whole = typeof value === 'string' ? value : JSON.stringify(value);
  return whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN)}…` : whole;
}
