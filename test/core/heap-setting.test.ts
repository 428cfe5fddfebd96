import t from 'tap';
import { heapSettingsOf, isTooLittleFor, roomForHeap } from '../../src/core/heap-setting.ts';
import type { Container } from '../../src/core/pod.ts';
import { formatQuantity, parseQuantity, type Quantity } from '../../src/core/quantity.ts';

const UNCOUNTED = { each: <T>(list: readonly T[] | null | undefined): Iterable<T> => list ?? [], read: (text: string): string => text };

function amount(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new Error(text);
  return quantity;
}

function settingsOf(container: Pick<Container, 'command' | 'args' | 'env'>, limit?: string): string {
  const settings = heapSettingsOf(container, limit === undefined ? undefined : amount(limit), UNCOUNTED);
  if (settings === undefined) return 'none';
  const { smallest, largest, isOpen } = settings;
  const texts = [smallest, largest].map(({ option, bytes }) => `${option} is ${formatQuantity(bytes)}`);
  return [...new Set(texts), ...(isOpen ? ['open'] : [])].join(', ');
}

void t.test('sizes are read as each program reads them', (t) => {
  const sizes: readonly [string[], string][] = [
    [['java', '-Xmx2g'], '-Xmx2g is 2Gi'],
    [['java', '-Xmx512M', '-jar', 'a.jar'], '-Xmx512M is 512Mi'],
    [['java', '-Xmx1048576'], '-Xmx1048576 is 1Mi'],
    [['java', '-XX:MaxHeapSize=64m'], '-XX:MaxHeapSize=64m is 64Mi'],
    [['node', '--max-old-space-size=400', 'a.js'], '--max-old-space-size=400 is 400Mi'],
    [['node', '--max_old_space_size', '400', 'a.js'], '--max_old_space_size 400 is 400Mi'],
    [['redis-server', '--maxmemory', '2gb'], '--maxmemory 2gb is 2Gi'],
    [['redis-server', '--maxmemory', '2g'], '--maxmemory 2g is 2G'],
    [['redis-server', '--maxmemory', '0'], 'none'],
    [['redis-server', '--maxmemory-policy', 'allkeys-lru'], 'none'],
    [['sh', '-c', 'exec java "-Xmx3g" -jar a.jar; true'], '-Xmx3g is 3Gi'],
    [['java', '-Xms2g', '-Xmn1g'], 'none'],
  ];
  for (const [command, said] of sizes) t.equal(settingsOf({ command }), said, command.join(' '));
  t.end();
});

void t.test('variables of the container count as its words do, whatever they are called', (t) => {
  t.equal(
    settingsOf({
      env: [
        { name: 'A_OPTS', value: '-Xms1g -Xmx4g' },
        { name: 'B_OPTS', value: '-Xmx1g' },
      ],
    }),
    '-Xmx1g is 1Gi, -Xmx4g is 4Gi',
  );
  t.equal(
    settingsOf({
      env: [
        { name: 'A', valueFrom: {} },
        { name: 'B', value: null },
      ],
    }),
    'none',
  );
  t.end();
});

void t.test('a variable that names a heap counts by its name, and what a comment says does not count', (t) => {
  t.equal(settingsOf({ env: [{ name: 'GOMEMLIMIT', value: '2GiB' }] }), 'GOMEMLIMIT=2GiB is 2Gi');
  t.equal(settingsOf({ env: [{ name: 'GOMEMLIMIT', value: 'off' }] }), 'none');
  t.equal(settingsOf({ command: ['sh', '-c', 'export MAX_HEAP_SIZE=1G; exec cassandra -f'] }), 'MAX_HEAP_SIZE=1G is 1Gi');
  t.equal(settingsOf({ command: ['sh', '-c', '# was -Xmx8g\nexec java -Xmx1g -jar a.jar # not -Xmx2g'] }), '-Xmx1g is 1Gi');
  t.equal(settingsOf({ command: ['sh', '-c', '# -Xmx8g\nexec java -jar a.jar'] }), 'none');
  t.end();
});

void t.test('a value that a variable sets leaves open which one counts', (t) => {
  t.equal(settingsOf({ command: ['java', '-Xmx1g', '-Xmx$(HEAP)'] }), '-Xmx1g is 1Gi, open');
  t.equal(settingsOf({ args: ['-Xmx$HEAP'] }), 'none');
  t.end();
});

void t.test('a share is one of the limit, and counts where no size is set', (t) => {
  const command = ['java', '-XX:MaxRAMPercentage=100.0', '-jar', 'a.jar'];
  t.equal(settingsOf({ command }, '1Gi'), '-XX:MaxRAMPercentage=100.0 is 1Gi');
  t.equal(settingsOf({ command }), 'none');
  t.equal(settingsOf({ command, env: [{ name: 'O', value: '-Xmx64m' }] }, '1Gi'), '-Xmx64m is 64Mi');
  t.equal(settingsOf({ command, env: [{ name: 'O', value: '-Xmx$M' }] }, '1Gi'), 'none');
  t.end();
});

void t.test('the room for a heap is four thirds of it, in whole Mi', (t) => {
  const room = (bytes: string): string => formatQuantity(roomForHeap({ option: '', bytes: amount(bytes) }));
  t.equal(room('3Gi'), '4Gi');
  t.equal(room('1Gi'), '1366Mi');
  const heap = { option: '', bytes: amount('3Gi') };
  const settings = { smallest: heap, largest: heap, isOpen: false };
  t.notOk(isTooLittleFor(settings, amount('4Gi')));
  t.ok(isTooLittleFor(settings, amount('4095Mi')));
  t.end();
});
