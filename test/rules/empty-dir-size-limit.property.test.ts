import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import { diskBoundOf, sizeLimitOf } from '../../src/core/empty-dir.ts';
import rule from '../../src/rules/empty-dir-size-limit.ts';
import memoryLimit from '../../src/rules/memory-limit.ts';
import minimumQosClass from '../../src/rules/minimum-qos-class.ts';
import { proveRepair } from './repair-properties.ts';

const anyOptions = fc.record(
  {
    defaults: fc.record({ disk: fc.constantFrom('1', '1G', '10Gi', '1T'), memory: fc.constantFrom('1Mi', '64Mi', '4Gi') }),
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
      if (complaints.includes('missing')) {
        assert.equal(diskBoundOf(before.spec)?.nano, 0n, 'left only where nothing may be kept on the disk');
        assert.deepEqual(repaired, volume.emptyDir);
      } else assert.deepEqual(complaints, [], 'the limit that was set fits');
    }
  });
  t.end();
});
