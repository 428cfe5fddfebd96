import t from 'tap';
import { startLines } from '../../../../src/cli/reporters/explanation/start-lines.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { pod } from './lines.ts';

const PROBE = { tcpSocket: { port: 80 } };

const postStart = (...command: readonly string[]): object => ({ lifecycle: { postStart: { exec: { command } } } });

async function start(spec: object): Promise<string[]> {
  const { timelines, subject } = await explanationOf(pod(spec));
  return startLines(timelines, subject);
}

void t.test('one container says everything in its own line', async (t) => {
  t.same(await start({}), ['web is ready after 0 s; nothing ends a start that hangs']);
  const livenessProbe = { ...PROBE, initialDelaySeconds: 10 };
  t.same(await start({ containers: [{ name: 'web', image: 'web:1', livenessProbe }] }), [
    'web is ready after 0 s, its livenessProbe is asked from 10 s on; its livenessProbe stops it after 30 to 41 s if it does not answer, with a grace period of 30 s',
  ]);
});

void t.test('sidecars and hooks hold up what comes after them, and all times count from the first start', async (t) => {
  const lines = await start({
    initContainers: [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always', startupProbe: { ...PROBE, initialDelaySeconds: 2 } }],
    containers: [
      { name: 'web', image: 'web:1', ...postStart('sleep', '4') },
      { name: 'admin', image: 'admin:1', readinessProbe: { ...PROBE, initialDelaySeconds: 5 } },
    ],
  });
  t.same(lines, [
    'sidecar proxy is ready after 2 s; its startupProbe stops it after 22 to 33 s if it does not answer, with a grace period of 30 s',
    'web begins after 2 s and is ready after 6 s, its postStart hook takes 4 s; nothing ends a start that hangs',
    'admin begins after 6 s and is ready after 11 s; nothing ends a start that hangs',
    'the Pod is ready after 11 s; all of these times count from the start of sidecar proxy',
  ]);
});

void t.test('init containers run first, in their order with sidecars', async (t) => {
  const initContainers = [
    { name: 'migrate', image: 'web:1' },
    { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
    { name: 'seed', image: 'web:1' },
  ];
  const [order, time, ...others] = await start({ initContainers });
  t.equal(
    order,
    'first, one after the other: migrate runs to its end, sidecar proxy starts and stays, seed runs to its end; one that fails is run again',
  );
  t.equal(time, 'nothing in the spec ends an init container that hangs; the times below count as if they took no time');
  t.match(others, [/^sidecar proxy is ready after 0 s/, /^web /, /^the Pod is ready/]);

  const [failing, bounded] = await start({ initContainers, restartPolicy: 'Never', activeDeadlineSeconds: 60 });
  t.match(failing, /; one that fails ends the Pod$/);
  const [own] = await start({ initContainers: [{ ...initContainers[0], restartPolicy: 'Never' }] });
  t.equal(own, 'first, one after the other: migrate runs to its end');
  t.match(bounded, /^activeDeadlineSeconds ends the Pod after 60 s, init containers included; /);

  const template = { spec: { initContainers, containers: [{ name: 'web', image: 'web:1' }], restartPolicy: 'Never' } };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'web' }, spec: { activeDeadlineSeconds: 60, template } };
  const ofJob = await explanationOf(job);
  t.match(startLines(ofJob.timelines, ofJob.subject)[1], /^activeDeadlineSeconds of the Job ends the Pod, init containers included; /);

  const many = Array.from({ length: 1_000 }, (_, index) => ({ name: `init-${index}`, image: 'web:1' }));
  t.match((await start({ initContainers: many }))[0], /, and 980 more; /);
});

void t.test('behind a hook without end nothing begins', async (t) => {
  const containers = [
    { name: 'web', image: 'web:1', ...postStart('sleep', 'infinity') },
    { name: 'admin', image: 'admin:1' },
  ];
  t.match(await start({ containers }), [
    /^web is never ready, /,
    'admin never begins: it waits for the postStart hook of a container before it',
    'the Pod is never ready; all of these times count from the start of web',
  ]);
});
