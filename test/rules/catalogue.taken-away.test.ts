import t from 'tap';
import { cloneJson } from '../../src/core/json.ts';
import type { Container, Pod, PodSpec } from '../../src/core/pod.ts';
import { FROM_FILE, subjectOf } from '../core/subject-of.ts';
import { takenAway } from './taken-away.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    terminationGracePeriodSeconds: 60,
    shareProcessNamespace: true,
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    volumes: [
      { name: 'shm', emptyDir: { medium: 'Memory' } },
      { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
    ],
    containers: [
      {
        name: 'web',
        image: 'registry.example/web:1',
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        livenessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 5 },
        securityContext: { runAsUser: 7 },
        volumeMounts: [{ name: 'shm', mountPath: '/shm' }],
      },
    ],
  },
};

type Change = (spec: PodSpec, web: Container) => void;

/** What is taken away from the Pod above by a change. */
function takenBy(change: Change): string[] {
  const subject = subjectOf(POD, { trust: FROM_FILE });
  const after: Pod = { ...subject.pod, spec: cloneJson(subject.pod.spec) };
  const [web] = after.spec.containers;
  if (web !== undefined) change(after.spec, web);
  return takenAway(subject, after);
}

const CASES: Readonly<Record<string, readonly [Change, string[]]>> = {
  nothing: [() => undefined, []],
  'a limit that is generous': [(_, web) => Object.assign(web.resources ?? {}, { limits: { memory: '512Mi' } }), []],
  'a limit below the request': [
    (_, web) => Object.assign(web.resources ?? {}, { limits: { memory: '128Mi' } }),
    ['web: a memory limit below the need'],
  ],
  'a lower request': [
    (_, web) => Object.assign(web.resources ?? {}, { requests: { cpu: '50m', memory: '256Mi' } }),
    ['web: requests of cpu'],
  ],
  'a hook without time for it': [
    (_, web) => Object.assign(web, { lifecycle: { preStop: { sleep: { seconds: 10 } } } }),
    ['web: time after its hook'],
  ],
  'a shorter period': [(spec) => Object.assign(spec, { terminationGracePeriodSeconds: 30 }), ['grace period']],
  'a less patient probe': [(_, web) => Object.assign(web.livenessProbe ?? {}, { failureThreshold: 2 }), ['web: livenessProbe: patience']],
  'a shorter timeout': [(_, web) => Object.assign(web.livenessProbe ?? {}, { timeoutSeconds: 1 }), ['web: livenessProbe: timeout']],
  'another user': [(_, web) => Object.assign(web, { securityContext: {} }), ['web: securityContext']],
  'a smaller volume': [(spec) => Object.assign(spec.volumes?.[1]?.emptyDir ?? {}, { sizeLimit: '512Mi' }), ['volume cache: its size']],
  'a bound on memory that nothing bounded': [
    (spec) => Object.assign(spec.volumes?.[0]?.emptyDir ?? {}, { sizeLimit: '64Mi' }),
    ['volume shm: room that it had'],
  ],
  'a namespace of its own': [(spec) => Object.assign(spec, { shareProcessNamespace: false }), ['the shared process namespace']],
  'a chosen toleration': [(spec) => Object.assign(spec.tolerations?.[0] ?? {}, { tolerationSeconds: 30 }), ['toleration 0']],
  'a container': [(spec) => Object.assign(spec, { containers: [] }), ['container web']],
};

for (const [name, [change, taken]] of Object.entries(CASES)) {
  void t.test(`law 12 notices ${name}`, (t) => {
    t.same(takenBy(change), taken);
    t.end();
  });
}
