/** A probe that refers to its port by name uses a name that the container declares. */
import { pathOf, PROBE_KINDS, type Container, type Probe } from '../core/pod.ts';
import { isPortKnown } from '../core/serving-port.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'undeclared';

export default defineRule<object, MessageId>({
  meta: {
    id: 'declared-probe-port',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'A probe that refers to its port by name uses a name that the container declares.',
      harm: 'A probe whose port name does not exist in its container fails without a connection: the container gets no traffic, or is killed again and again.',
      why: [
        'A probe may give its port by name. The kubelet looks the name up among the ports of the same container, and where it is',
        'not there the probe fails without a connection: a readinessProbe keeps the container out of service for ever, a',
        'livenessProbe or startupProbe has it killed again and again. The API server accepts such a Pod.',
      ].join('\n'),
      remediation: [
        'Declare the port under that name in the container, or write its number into the probe. Names of the ports of other',
        'containers, and of Services, do not count.',
      ].join('\n'),
      worse: 'Each probe is compared with itself, and one unknown name is as bad as another.',
      references: [
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/probe/util.go',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => [
      `spec.${list}[*].ports`,
      ...PROBE_KINDS.map((kind) => `spec.${list}[*].${kind}`),
    ]),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'enforce', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      undeclared: {
        text: 'must name a port that the container declares, but none is called {{port}}: the probe can only fail',
        fix: 'declare a port with `name: {{port}}` in the container, or write the number into the probe{{declared}}',
      },
    },
    schema: { type: 'object', additionalProperties: false, properties: {} },
    defaultOptions: {},
  },

  validate(_, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      for (const kind of PROBE_KINDS) {
        const asked = namedPort(reference.container[kind] ?? undefined);
        if (asked === undefined || isPortKnown(asked.port, reference.container)) continue;
        violations ??= [];
        const probe = pathOf(reference).field(kind);
        violations.push({
          message: 'undeclared',
          path: probe.field(asked.handler, 'port'),
          rank: [0],
          ranked: [probe],
          data: { port: asked.port, declared: declaredPorts(reference.container) },
        });
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

function namedPort(probe: Probe | undefined): { readonly handler: 'httpGet' | 'tcpSocket'; readonly port: string } | undefined {
  for (const handler of ['httpGet', 'tcpSocket'] as const) {
    const port = probe?.[handler]?.port;
    if (typeof port === 'string') return { handler, port };
  }
  return undefined;
}

function declaredPorts({ ports }: Container): string {
  const numbers = (ports ?? []).map(({ containerPort }) => containerPort);
  return numbers.length === 0 ? '' : ` (the container declares ${numbers.slice(0, 5).join(', ')})`;
}
