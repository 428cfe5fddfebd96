/** What no rule is about costs little: each part of it is looked at a few times, however many there are. */
import t from 'tap';
import { decideMutation, decideValidation } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../src/core/surroundings.ts';
import { NOW_MS } from './ask.ts';
import { countWork } from './counted-work.ts';
import { containerOf, podOf, reviewOf } from './reviews.ts';

const POLICY = new Policy(presetDocument('strict'), catalogue);

/** A LimitRange gives each container what it does not name. */
const SURROUNDINGS: Surroundings = {
  ...NOTHING_KNOWN,
  limitRanges: { isKnown: true, value: [{ name: 'l', limits: [{ type: 'Container', default: { cpu: '1', memory: '1Gi' } }] }] },
};

const named = (count: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`example.com/r${at}`, value]));

const fieldsOf = (count: number): [string, object][] => Array.from({ length: count }, (_, at) => [`f:x${at}`, {}]);

/** @param count how many parts the Pod has that are nobody's business */
type Make = (count: number) => Record<string, unknown>;

/**
 * How often one part is looked at, and how many blocks of code run for it, in a validation and a mutation together. One block of each pass
 * counts the part (`Work.spendAt`).
 */
const PASSED_BY: readonly (readonly [what: string, most: { looks: number; blocks: number }, make: Make])[] = [
  [
    'limits of a container',
    { looks: 30, blocks: 24.5 },
    (count) => podOf({ spec: { containers: [containerOf({ resources: { limits: named(count, '1') } })] } }),
  ],
  [
    'limits of a Pod',
    { looks: 30, blocks: 46 },
    (count) => podOf({ spec: { containers: [containerOf({})], resources: { limits: named(count, '1') } } }),
  ],
  [
    'fields of a container that nobody knows',
    { looks: 11, blocks: 12.5 },
    (count) => podOf({ spec: { containers: [containerOf(named(count, 1))] } }),
  ],
  [
    'fields that a manager has set',
    { looks: 2, blocks: 2 },
    (count) =>
      podOf({
        metadata: { managedFields: [{ manager: 'kubectl', operation: 'Apply', fieldsV1: Object.fromEntries(fieldsOf(count)) }] },
        // Whether somebody chose a value that is the default, too, stands there.
        spec: { containers: [containerOf({ readinessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 10 } })] },
      }),
  ],
  [
    'fields that one of several managers has set',
    { looks: 2, blocks: 2 },
    (count) =>
      podOf({
        metadata: {
          managedFields: [
            { manager: 'kubectl', operation: 'Apply', fieldsV1: Object.fromEntries(fieldsOf(count)) },
            { manager: 'helm', operation: 'Apply', fieldsV1: { 'f:spec': {} } },
          ],
        },
        spec: { containers: [containerOf({ readinessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 10 } })] },
      }),
  ],
  ['labels of a wrong type', { looks: 24, blocks: 48.5 }, (count) => podOf({ metadata: { labels: named(count, {}) } })],
  [
    'limits that are no quantities',
    { looks: 16, blocks: 30.5 },
    (count) => podOf({ spec: { containers: [containerOf({ resources: { limits: named(count, {}) } })] } }),
  ],
  [
    'owners that are none',
    { looks: 16, blocks: 124.5 },
    (count) => podOf({ metadata: { ownerReferences: Array.from({ length: count }, () => ({})) } }),
  ],
];

const COUNT = 2_000;

for (const [what, most, make] of PASSED_BY) {
  void t.test(what, (t) => {
    const workOf = (count: number): ReturnType<typeof countWork> =>
      countWork(reviewOf(make(count)), (review) => {
        const request = decodeReview(review);
        const asking = { nowMs: NOW_MS, surroundings: SURROUNDINGS };
        decideValidation(request, POLICY, asking);
        decideMutation(request, POLICY, asking);
      });
    workOf(1);
    const [few, many] = [workOf(COUNT), workOf(2 * COUNT)];
    for (const counter of ['looks', 'blocks'] as const) {
      const each = (many[counter] - few[counter]) / COUNT;
      t.ok(each <= most[counter], `${each.toFixed(1)} ${counter} for each`);
    }
    t.end();
  });
}
