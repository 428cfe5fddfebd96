import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { diskBoundOf, memoryBoundOf, sizeLimitOf } from '../../src/core/empty-dir.ts';
import { equalJson } from '../../src/core/json.ts';
import { memoryScopesOf } from '../../src/core/memory-scope.ts';
import { LEAST_PLAUSIBLE_BYTES } from '../../src/core/plausible-amount.ts';
import { volumeUsesOf } from '../../src/core/volume-use.ts';
import { compareQuantities } from '../../src/core/quantity.ts';
import rule from '../../src/rules/empty-dir-size-limit.ts';
import memoryLimit from '../../src/rules/memory-limit.ts';
import minimumQosClass from '../../src/rules/minimum-qos-class.ts';
import { proveRepair } from './repair-properties.ts';

const anyOptions = fc.record(
  {
    defaults: fc.record({ disk: fc.constantFrom('1Mi', '1G', '10Gi', '1T') }),
    max: fc.record({ disk: fc.constantFrom('1Mi', '100Gi'), memory: fc.constantFrom('16Mi', '2Gi') }),
  },
  { requiredKeys: [] },
);

void t.test('property: every emptyDir gets a limit that fits, and none that is there is changed', (t) => {
  proveRepair(rule, anyOptions, [memoryLimit, minimumQosClass], ({ before, after, left }) => {
    for (const [index, volume] of (before.spec.volumes ?? []).entries()) {
      const repaired = after.spec.volumes?.[index]?.emptyDir;
      if (volume.emptyDir == null || sizeLimitOf(volume.emptyDir) !== undefined) {
        assert.deepEqual(repaired, volume.emptyDir);
        continue;
      }
      const complaints = left.filter(({ path }) => path.text === `spec.volumes[${index}].emptyDir.sizeLimit`).map(({ message }) => message);
      const use = volumeUsesOf(before.spec).get(volume.name);
      if (complaints.length === 0 && !equalJson(repaired, volume.emptyDir)) continue;
      assert.deepEqual(repaired, volume.emptyDir, 'a limit that was set fits');
      const disk = diskBoundOf(before.spec);
      if (complaints.includes('missing'))
        assert.ok(disk !== undefined && compareQuantities(disk, LEAST_PLAUSIBLE_BYTES) < 0, 'no room on the disk');
      if (use === undefined || !complaints.includes('missingInMemory')) continue;
      const bound = memoryBoundOf(before.spec, use);
      const isTogether = (memoryScopesOf(before.spec, volumeUsesOf(before.spec)).ofPod?.volumes.length ?? 0) > 1;
      assert.ok(
        bound === undefined || isTogether || compareQuantities(bound, LEAST_PLAUSIBLE_BYTES) < 0,
        'nothing bounds the writers, or next to nothing, or several volumes together',
      );
    }
  });
  t.end();
});
