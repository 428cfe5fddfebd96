import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { isPlausible } from '../../src/core/plausible-amount.ts';
import { containersOf, type PodSpec, type ResourceRequirements } from '../../src/core/pod.ts';
import { QOS_RESOURCES } from '../../src/core/qos.ts';
import { ZERO } from '../../src/core/quantity.ts';
import { amountOf, hasPodLevelResources, positiveAmountOf } from '../../src/core/resources.ts';
import emptyDirSizeLimit from '../../src/rules/empty-dir-size-limit.ts';
import memoryLimit from '../../src/rules/memory-limit.ts';
import rule from '../../src/rules/minimum-qos-class.ts';
import { proveRepair, type Repair } from './repair-properties.ts';

interface Options {
  readonly class: 'Burstable' | 'Guaranteed';
  readonly defaults: object;
  readonly bounds: { readonly min?: Record<string, string>; readonly max?: Record<string, string> };
}

const amounts = fc.record(
  { cpu: fc.constantFrom('50m', '0.25', '2'), memory: fc.constantFrom('16Mi', '300M', '2Gi') },
  { requiredKeys: [] },
);
const containerDefaults = fc.record({ requests: amounts, limits: amounts }, { requiredKeys: [] });
const anyDefaults = fc.record({ main: containerDefaults, sidecar: containerDefaults, init: containerDefaults }, { requiredKeys: ['main'] });
const anyBounds = fc.record({ min: amounts, max: amounts }, { requiredKeys: [] });

const OTHERS = [memoryLimit, emptyDirSizeLimit];

void t.test('property: without bounds, every Pod whose resources are its containers’ becomes Burstable', (t) => {
  proveRepair<Options>(rule, fc.constant({ class: 'Burstable' }), OTHERS, ({ before, left }) => {
    if (left.length === 0 || hasPodLevelResources(before.spec)) return;
    const fillable = containersOf(before.spec).filter(({ kind }) => kind === 'main');
    for (const { container } of fillable) {
      for (const resource of QOS_RESOURCES) assert.equal(amountOf(container.resources?.limits, resource)?.nano, 0n, 'limits of 0 only');
    }
  });
  t.end();
});

void t.test(
  'property: without bounds, every Pod becomes Guaranteed, unless a Pod-level limit is missing or an amount cannot be meant',
  (t) => {
    proveRepair<Options>(rule, fc.constant({ class: 'Guaranteed' }), OTHERS, ({ before, left }) => {
      if (left.length === 0 || hasImplausible(before.spec)) return;
      assert.ok(hasPodLevelResources(before.spec));
      const limits = QOS_RESOURCES.map((resource) => positiveAmountOf(before.spec.resources?.limits, resource));
      assert.ok(limits.includes(undefined));
    });
    t.end();
  },
);

void t.test('property: limits are never lowered, and nothing is written outside the bounds', (t) => {
  const anyOptions = fc.record({
    class: fc.constantFrom<Options['class']>('Burstable', 'Guaranteed'),
    defaults: anyDefaults,
    bounds: anyBounds,
  });
  proveRepair<Options>(rule, anyOptions, OTHERS, (repair) => {
    const { before, after } = repair;
    for (const [index, { container }] of containersOf(before.spec).entries()) {
      assertAmounts(container.resources ?? {}, containersOf(after.spec)[index]?.container.resources ?? {}, repair);
    }
    if (!hasPodLevelResources(before.spec)) return;
    assert.deepEqual(after.spec.resources?.limits, before.spec.resources?.limits, 'the Pod keeps its limits');
    assert.deepEqual(after.spec.containers, before.spec.containers, 'and containers what they have');
  });
  t.end();
});

function hasImplausible({ resources, ...spec }: PodSpec): boolean {
  const holders = [resources, ...containersOf({ ...spec }).map(({ container }) => container.resources)];
  return holders.some((holder) =>
    [holder?.requests, holder?.limits].some((list) =>
      QOS_RESOURCES.some((resource) => !isPlausible(amountOf(list, resource) ?? ZERO, resource)),
    ),
  );
}

function assertAmounts(before: ResourceRequirements, after: ResourceRequirements, { options }: Repair<Options>): void {
  for (const resource of QOS_RESOURCES) {
    const limit = positiveAmountOf(before.limits, resource);
    if (limit !== undefined) assert.equal(amountOf(after.limits, resource)?.nano, limit.nano, 'a limit stays');
    for (const part of ['requests', 'limits'] as const) {
      const written = amountOf(after[part], resource);
      if (written === undefined || written.nano === amountOf(before[part], resource)?.nano) continue;
      const min = amountOf(options.bounds.min, resource);
      const max = amountOf(options.bounds.max, resource);
      assert.ok(min === undefined || written.nano >= min.nano, `${part} of ${resource} at least ${min?.nano}`);
      assert.ok(max === undefined || written.nano <= max.nano, `${part} of ${resource} at most ${max?.nano}`);
    }
  }
}
