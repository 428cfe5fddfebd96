import t from 'tap';
import { stopLines } from '../../../../src/cli/reporters/explanation/stop-lines.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { pod } from './lines.ts';

/** Without the first line, which is always the same. */
async function stopOf(spec: object): Promise<string[]> {
  return stopLines((await explanationOf(pod(spec))).timelines.stop).slice(1);
}

const WEB = { name: 'web', image: 'web:1', command: ['/web'] };
const SHELL = { ...WEB, command: ['sh', '-c', 'server; true'] };

const preStop = (...command: readonly string[]): object => ({ lifecycle: { preStop: { exec: { command } } } });

void t.test('the Pod first leaves the endpoints of its Services', async (t) => {
  const [first] = stopLines((await explanationOf(pod({ containers: [WEB] }))).timelines.stop);
  t.match(first, /^ {3}0 s {2}the Pod leaves the endpoints of its Services; /);
});

void t.test('the signal comes after the hook, and the kill after the grace period', async (t) => {
  t.same(await stopOf({ containers: [{ ...WEB, lifecycle: { preStop: { sleep: { seconds: 5 } } } }] }), [
    '   0 s  the preStop hook of web begins and takes 5 s',
    '   5 s  web gets its stop signal: `web` is PID 1 and ends if it handles the signal',
    '  30 s  web is killed if it is still there',
  ]);
});

void t.test('what does not end at the signal is killed for certain', async (t) => {
  t.same(await stopOf({ terminationGracePeriodSeconds: 60, containers: [SHELL] }), [
    '   0 s  web gets its stop signal: `sh` is PID 1 and does not end at the signal',
    '  60 s  web is killed',
  ]);
});

void t.test('with processes shared by the Pod, no container is PID 1', async (t) => {
  t.match(await stopOf({ shareProcessNamespace: true, containers: [SHELL] }), [
    '   0 s  web gets its stop signal: it is not PID 1, so it ends unless it handles the signal',
    '  30 s  web is killed if it is still there',
  ]);
});

void t.test('a hook without end takes the grace period, and two seconds are left for the signal', async (t) => {
  t.same(await stopOf({ containers: [{ ...WEB, ...preStop('sleep', 'infinity') }] }), [
    '   0 s  the preStop hook of web begins and takes all of the grace period',
    '  30 s  web gets its stop signal: `web` is PID 1 and ends if it handles the signal',
    '  32 s  web is killed if it is still there',
  ]);
});

void t.test('of a hook whose time nobody knows, the signal has no time of its own', async (t) => {
  t.match(await stopOf({ containers: [{ ...WEB, ...preStop('sh', '-c', 'sleep 3; /drain') }] }), [
    '   0 s  the preStop hook of web begins and takes 3 s, and a time that is not known',
    /^ {3}0 s {2}web gets its stop signal when the hook has ended: /,
    '  32 s  web is killed if it is still there',
  ]);
});

void t.test('of signals at the same time, those of sidecars come last, and that of the first sidecar at the end', async (t) => {
  const sidecar = (name: string): object => ({ ...WEB, name, restartPolicy: 'Always' });
  const lines = await stopOf({ initContainers: [sidecar('first'), sidecar('second')], containers: [WEB] });
  const signals = lines.filter((line) => line.includes('gets its stop signal'));
  t.same(
    signals.map((line) => line.replace(/^ +0 s {2}(.*) gets .*$/, '$1')),
    ['web', 'sidecar second', 'sidecar first'],
  );
});

void t.test('a sidecar is named as one, and gets its signal after the containers that it serves', async (t) => {
  const lines = await stopOf({
    initContainers: [{ ...WEB, name: 'proxy', restartPolicy: 'Always' }],
    containers: [{ ...WEB, ...preStop('sleep', 'infinity') }],
  });
  t.ok(
    lines.some((line) => line.startsWith('  30 s  sidecar proxy gets its stop signal: ')),
    lines.join('\n'),
  );
});
