import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { containersOf } from '../../src/core/pod.ts';
import { LEAST_REPAIRED_BYTES } from '../../src/core/plausible-amount.ts';
import { compareQuantities, maxQuantity, minQuantity } from '../../src/core/quantity.ts';
import { hasPodLevelResources, positiveAmountOf, readAmount } from '../../src/core/resources.ts';
import emptyDirSizeLimit from '../../src/rules/empty-dir-size-limit.ts';
import rule from '../../src/rules/memory-limit.ts';
import minimumQosClass from '../../src/rules/minimum-qos-class.ts';
import { proveRepair } from './repair-properties.ts';

const anyOptions = fc.record(
  {
    factor: fc.integer({ min: 1000, max: 5000 }).map((thousandths) => thousandths / 1000),
    default: fc.constantFrom('16Mi', '100M', '512Mi', '8Gi'),
    max: fc.constantFrom('32Mi', '1G', '16Gi'),
  },
  { requiredKeys: [] },
);

void t.test('property: every container gets a limit, unless the Pod as a whole has resources', (t) => {
  proveRepair(rule, anyOptions, [minimumQosClass, emptyDirSizeLimit], ({ before, after, left, options }) => {
    const amounts: readonly (string | undefined)[] = [options.default, options.max];
    const least = amounts.reduce(
      (lowest, amount) => (amount === undefined ? lowest : minQuantity(lowest, readAmount(amount))),
      LEAST_REPAIRED_BYTES,
    );
    if (left.some(({ message }) => message === 'missing')) assert.ok(hasPodLevelResources(before.spec));
    for (const [index, { container }] of containersOf(before.spec).entries()) {
      const limit = positiveAmountOf(container.resources?.limits, 'memory');
      const repaired = containersOf(after.spec)[index]?.container.resources;
      if (limit !== undefined) assert.deepEqual(repaired, container.resources, 'what has a limit is left alone');
      const request = positiveAmountOf(container.resources?.requests, 'memory');
      const made = limit === undefined ? positiveAmountOf(repaired?.limits, 'memory') : undefined;
      if (made !== undefined)
        assert.ok(
          compareQuantities(made, maxQuantity(request ?? made, least)) >= 0,
          'no limit below the request, 64Mi, `default` or `max`',
        );
      if (request !== undefined) assert.deepEqual(repaired?.requests, container.resources?.requests, 'a request is never changed');
    }
  });
  t.end();
});
