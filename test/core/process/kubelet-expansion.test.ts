import t from 'tap';
import type { EnvVar } from '../../../src/core/pod.ts';
import { containerStopOf } from '../../../src/core/process/container-stop.ts';
import { expandedByKubelet, holdsReference } from '../../../src/core/process/kubelet-expansion.ts';
import { Work } from '../../../src/core/work.ts';

const env: EnvVar[] = [
  { name: 'CMD', value: 'sleep 60' },
  { name: 'APP', value: '/app/server' },
  { name: 'EMPTY' },
  { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
  { name: 'OTHER', value: '$(APP) --x' },
];

// As in third_party/forked/golang/expansion/expand_test.go of Kubernetes
void t.test('the value of a variable stands for its reference, and two dollars for one', (t) => {
  const expanded = (word: string): string | undefined => expandedByKubelet([word], { env })?.[0];
  t.equal(expanded('exec $(CMD)'), 'exec sleep 60');
  t.equal(expanded('$(EMPTY)x'), 'x');
  t.equal(expanded('$$(CMD)'), '$(CMD)');
  t.equal(expanded('$$$(CMD)'), '$sleep 60');
  t.equal(expanded('kill $$'), 'kill $');
  t.equal(expanded('$CMD ${CMD} $'), '$CMD ${CMD} $', 'a shell reads those');
  t.equal(expanded('$(date) $((1 + 1)) $(SECRET) $(OTHER)'), '$(date) $((1 + 1)) $(SECRET) $(OTHER)');
  t.equal(expanded('$(CMD'), '$(CMD');
  t.equal(expanded('$(CMD) $(CMD $$'), 'sleep 60 $(CMD $');
  t.end();
});

void t.test('values that are longer than any program is given are not filled in', (t) => {
  const long: EnvVar[] = [{ name: 'LONG', value: 'x'.repeat(65_536) }];
  t.equal(expandedByKubelet(['$(LONG)', '$(LONG)'], { env: long })?.length, 2);
  t.equal(expandedByKubelet(['$(LONG)', '$(LONG)$(LONG)'], { env: long }), undefined);
  const { fate, cause } = containerStopOf({ name: 'a', env: long, command: ['sh', '-c', 'app $(LONG)$(LONG)$(LONG)'] });
  t.equal(`${fate}: ${cause}`, 'unknown: variable');
  t.end();
});

void t.test('the characters of long words are counted', (t) => {
  const work = new Work();
  expandedByKubelet(['$('.repeat(10_000)], { env }, work);
  t.ok(work.steps > 600 && work.steps < 20_000, `${work.steps} steps`);
  t.end();
});

void t.test('a word may hold a value that nobody knows', (t) => {
  t.ok(holdsReference('/bin/$(APP)'));
  t.notOk(holdsReference('$APP $(cat x)'));
  t.end();
});

void t.test('the stop signal meets what the kubelet makes of a command', (t) => {
  const stop = (...command: string[]): string => {
    const { fate, cause, pidOne } = containerStopOf({ name: 'a', env, command });
    return `${fate}: ${cause} ${pidOne}`.trim();
  };
  t.equal(stop('sh', '-c', 'exec $(CMD)'), 'swallows: no handler sleep');
  t.equal(stop('sh', '-c', 'exec $(APP)'), 'ends: application server');
  t.equal(stop('sh', '-c', 'exec $(SECRET)'), 'unknown: variable');
  t.equal(stop('$(APP)'), 'ends: application server');
  t.equal(stop('$(SECRET)'), 'unknown: variable');
  t.equal(stop('sh', '-c', "trap 'kill $$; wait' TERM; app & wait"), 'swallows: long trap sh', 'nobody has the number `$`');
  t.end();
});
