import t from 'tap';
import { largestDiskSettingOf } from '../../src/core/disk-setting.ts';
import type { Container } from '../../src/core/pod.ts';
import { formatQuantity } from '../../src/core/quantity.ts';

const UNCOUNTED = { each: <T>(list: readonly T[] | null | undefined): Iterable<T> => list ?? [], read: (text: string): string => text };

function settingOf(container: Pick<Container, 'command' | 'args' | 'env'>): string {
  const setting = largestDiskSettingOf(container, UNCOUNTED);
  return setting === undefined ? 'none' : `${setting.option} is ${formatQuantity(setting.bytes)}`;
}

void t.test('an option whose name says that it is an amount of disk', (t) => {
  const words: readonly [string[], string][] = [
    [['--storage.tsdb.retention.size=50GB'], '--storage.tsdb.retention.size=50GB is 50Gi'],
    [['--retention.maxDiskSpaceUsageBytes', '20GiB'], '--retention.maxDiskSpaceUsageBytes 20GiB is 20Gi'],
    [['--store-size=10Gi', '--cache-size=900Mi'], '--store-size=10Gi is 10Gi'],
    [['--cache-size=900Mi', '--max-storage=1.5T'], '--max-storage=1.5T is 1536Gi'],
    [['sh', '-c', 'exec serve --disk-capacity="30g"'], '--disk-capacity=30g is 30Gi'],
    [['--max-old-space-size=4096'], 'none'],
    [['--retention.size=50'], 'none'],
    [['--resize=50GB-steps'], 'none'],
    [['--innodb-buffer-pool-size=16G', '--innodb_buffer_pool_size=16G', '--shm-size=16G', '--mem-size 16G'], 'none'],
    [['java', '-XX:MaxDirectMemorySize=16g', '-XX:MaxHeapSize=16g', '-XX:ReservedCodeCacheSize=16g'], 'none'],
    [['--buffer-size=20GB', '--member-size=10GB'], '--buffer-size=20GB is 20Gi'],
    [['--speed=50GB'], 'none'],
    [['-Xmx50g'], 'none'],
    [[], 'none'],
  ];
  for (const [args, expected] of words) t.equal(settingOf({ args }), expected, args.join(' '));
  t.end();
});

void t.test('a variable, by its name', (t) => {
  const env = (name: string, value: string): string => settingOf({ env: [{ name, value }] });
  t.equal(env('CACHE_MAX_SIZE', '20Gi'), 'CACHE_MAX_SIZE=20Gi is 20Gi');
  t.equal(env('OPTIONS', '--cache-size=20G --verbose'), '--cache-size=20G is 20Gi');
  t.equal(env('CACHE_MAX_SIZE', '$(SIZE)'), 'none');
  t.equal(env('MAX_HEAP_SIZE', '16G'), 'none', 'in memory');
  t.equal(settingOf({ env: [{ name: 'CACHE_MAX_SIZE', valueFrom: { secretKeyRef: { name: 'sizes', key: 'cache' } } }] }), 'none');
  t.end();
});
