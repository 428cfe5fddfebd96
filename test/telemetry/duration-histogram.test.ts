import t from 'tap';
import { DurationHistogram } from '../../src/telemetry/duration-histogram.ts';

const histogram = (): DurationHistogram => new DurationHistogram({ name: 'd', help: 'Time.', label: 'of', bucketsSeconds: [0.1, 1] });

void t.test('nothing was observed: the series has its name and no values', (t) => {
  t.equal(histogram().text(), '# HELP d Time.\n# TYPE d histogram\n');
  t.end();
});

void t.test('a bucket holds what is not above its bound, and what the buckets below it hold', (t) => {
  const durations = histogram();
  for (const seconds of [0.0625, 0.1, 0.5, 1, 3]) durations.observe('a', seconds);
  durations.observe('b', 0.25);
  t.equal(
    durations.text(),
    [
      ...['# HELP d Time.', '# TYPE d histogram'],
      ...['d_bucket{le="0.1",of="a"} 2', 'd_bucket{le="1",of="a"} 4', 'd_bucket{le="+Inf",of="a"} 5'],
      ...['d_sum{of="a"} 4.6625', 'd_count{of="a"} 5'],
      ...['d_bucket{le="0.1",of="b"} 0', 'd_bucket{le="1",of="b"} 1', 'd_bucket{le="+Inf",of="b"} 1'],
      ...['d_sum{of="b"} 0.25', 'd_count{of="b"} 1', ''],
    ].join('\n'),
  );
  t.end();
});
