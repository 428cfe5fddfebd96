import t from 'tap';
import { MAY_SET_A_HEAP, NAMES_OF_HEAPS, OPTIONS_OF_HEAPS } from '../../src/core/heap-options.ts';
import { formatQuantity } from '../../src/core/quantity.ts';

function sizesIn(text: string): string[] {
  return OPTIONS_OF_HEAPS.flatMap(({ pattern, bytesOf }) =>
    [...text.matchAll(pattern)].map(([, value = '']) => {
      const bytes = bytesOf(value);
      return bytes === undefined ? 'open' : formatQuantity(bytes);
    }),
  );
}

const SIZES: readonly [string, string[]][] = [
  ['java -Xmx4g', ['4Gi']],
  ['java -XX:MaxHeapSize=512m', ['512Mi']],
  ['node --max-old-space-size=512', ['512Mi']],
  ['redis-server --maxmemory 1gb', ['1Gi']],
  ['GOMEMLIMIT=2GiB', ['2Gi']],
  ['GOMEMLIMIT=1048576', ['1Mi']],
  ['GOMEMLIMIT=off', ['0']],
  ['GOMEMLIMIT=2GB', ['open']],
  ['DOTNET_GCHeapHardLimit=0x40000000', ['1Gi']],
  ['COMPlus_GCHeapHardLimit=C8000000', ['3200Mi']],
  ['DOTNET_GCHeapHardLimitPercent=64', []],
  ['MAX_HEAP_SIZE=4G', ['4Gi']],
  ['MAX_HEAP_SIZE=4096', ['open']],
  ['MY_MAX_HEAP_SIZE=4G', []],
  ['NEO4J_server_memory_heap_max__size=512m', ['512Mi']],
  ['postgres -c shared_buffers=2GB', ['2Gi']],
  ["postgres -c shared_buffers='512MB'", ['512Mi']],
  ['postgres -c shared_buffers=20000 kB -B 12', ['20000Ki']],
  ["echo shared_buffers = '1 GB' >> postgresql.conf", ['1Gi']],
  ['postgres --shared-buffers=131072', ['1Gi']],
  ['postgres -c shared_buffers=2gb', ['open']],
  ['mysqld --innodb-buffer-pool-size=3G', ['3Gi']],
  ['mysqld --innodb_buffer_pool_size 1073741824', ['1Gi']],
  ['mysqld --innodb-buffer-pool-size-in-core-file=1', []],
  ['mongod --wiredTigerCacheSizeGB 1.5', ['1536Mi']],
  ['-rabbit vm_memory_high_watermark {absolute,"2GiB"}', ['2Gi']],
  ['-rabbit vm_memory_high_watermark {absolute,2147483648}', ['2Gi']],
  ['vm_memory_high_watermark.absolute = 2GB', ['2G']],
  ['-rabbit vm_memory_high_watermark 0.6', []],
];

void t.test('each program reads its sizes in units of its own', (t) => {
  for (const [text, said] of SIZES) t.same(sizesIn(text), said, text);
  t.end();
});

void t.test('what is searched first finds whatever an option or a variable can', (t) => {
  const found = SIZES.filter(([, said]) => said.length > 0).map(([text]) => text);
  for (const text of found) t.match(text, MAY_SET_A_HEAP, text);
  for (const { pattern } of OPTIONS_OF_HEAPS) t.ok(found.join('\n').match(pattern), `${pattern.source} has an example`);
  t.ok(NAMES_OF_HEAPS.has('GOMEMLIMIT'));
  t.end();
});
