/** What a real kubelet and runtime make of PID 1, against what the model says. */
import type { PodSpec } from '../../src/core/pod.ts';
import { containerStopOf, isPidOneElsewhere } from '../../src/core/process/container-stop.ts';
import { stopVerdictOf } from '../../src/core/process/pid-one.ts';
import type { Fate } from '../../src/core/process/possibility.ts';
import { connect, makeNamespace } from './cluster.ts';
import { createPod } from './proof/real-pod.ts';
import { deletePod, PodWatch } from './proof/pod-watch.ts';
import { realNodeScenario } from './proof/real-node-scenario.ts';

const KILLED = 128 + 9;
const GRACE_SECONDS = 8;

interface Case {
  readonly name: string;
  readonly command: readonly string[];
  readonly container?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** It runs in the image that has tini. */
  readonly inCarrier?: true;
}

/** The shell of busybox, with a handler: what a server does. */
const SERVER = `sh -c "trap 'exit 0' TERM; sleep 600 & wait"`;
const shell = (script: string): readonly string[] => ['sh', '-c', script];

const CASES: readonly Case[] = [
  { name: 'sleep', command: ['sleep', '600'] },
  { name: 'launched', command: ['busybox', 'env', 'A=b', 'sleep', '600'] },
  { name: 'list', command: shell('sleep 600; true') },
  { name: 'pipe', command: shell('tail -f /dev/null | cat') },
  { name: 'branch', command: shell('if true; then sleep 600; fi') },
  { name: 'or', command: shell(`${SERVER} || exit 1`) },
  { name: 'last', command: shell(`cat /proc/uptime; ${SERVER}`) },
  { name: 'line-break', command: shell(`cat /proc/uptime\n${SERVER}\n`) },
  { name: 'exec', command: shell(`exec ${SERVER}`) },
  { name: 'trap', command: shell("trap 'exit 0' TERM; sleep 600 & wait") },
  { name: 'other-trap', command: shell("trap 'exit 0' INT; sleep 600 & wait") },
  { name: 'late-trap', command: shell("trap 'exit 0' TERM; tail -f /dev/null") },
  { name: 'trap-goes-on', command: shell("trap 'echo x' TERM; while true; do sleep 600 & wait; done") },
  { name: 'variable', command: shell('exec $SERVER'), container: { env: [{ name: 'SERVER', value: 'sleep 600' }] } },
  { name: 'stop-signal', command: shell("trap 'exit 0' QUIT; sleep 600 & wait"), container: { lifecycle: { stopSignal: 'SIGQUIT' } } },
  { name: 'init', command: ['/podgrace/tini', '--', '/podgrace/busybox', 'sleep', '600'], inCarrier: true },
  { name: 'shared', command: ['sleep', '600'], spec: { shareProcessNamespace: true } },
];

realNodeScenario('containers end at their stop signal as the model says', async (t, node) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const watch = PodWatch.start(t, namespace);
  const seen = new Set<Fate>();
  for (const { name, command, container = {}, spec = {}, inCarrier } of CASES) {
    const image = inCarrier === true ? { image: node.carrier } : {};
    await createPod(api, namespace, node, {
      name,
      container: { command: [...command], ...image, ...container },
      spec: { terminationGracePeriodSeconds: GRACE_SECONDS, os: { name: 'linux' }, ...spec },
    });
  }
  await Promise.all(
    CASES.map(async ({ name, command, container = {}, spec = {} }) => {
      await watch.ready(name);
      const { seconds, exitCode } = await deletePod(api, watch, namespace, name);
      const podSpec = { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: GRACE_SECONDS, ...spec } satisfies PodSpec;
      // Without and with the knowledge that the image has the shell of busybox.
      const general = containerStopOf({ name: 'app', command: [...command], ...container });
      const known = stopVerdictOf(command, null, { sh: ['ash'] });
      seen.add(general.fate).add(known.fate);
      const wasKilled = exitCode === KILLED;
      t.comment(`${name}: ${general.fate} (${known.fate} with ash), exit code ${exitCode ?? '?'} after ${seconds.toFixed(1)} s`);
      if (isPidOneElsewhere(podSpec)) {
        t.notOk(wasKilled, `${name}: not PID 1, so the default action ends it`);
        return;
      }
      for (const { fate } of general.on === 'stop signal' ? [general] : [general, known]) {
        if (fate === 'ends') t.notOk(wasKilled, `${name}: ends`);
        if (fate === 'swallows' || fate === 'waits') t.ok(wasKilled, `${name}: ${fate}`);
      }
    }),
  );
  t.same([...seen].sort(), ['depends', 'ends', 'swallows', 'unknown', 'waits'], 'every verdict is there');
});
