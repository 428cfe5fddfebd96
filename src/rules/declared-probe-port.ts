/** A probe asks a port that the container declares. */
import { pathOf, PROBE_KINDS, type Container, type ContainerReference, type Probe, type ProbeKind } from '../core/pod.ts';
import { isPortKnown, isPortName, portInsteadOf } from '../core/serving-port.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  readonly numbers: 'any' | 'declared';
}

type MessageId = 'undeclared' | 'undeclaredNumber' | 'noName';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'declared-probe-port',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'A probe asks a port that its container declares, above all one by name.',
      harm: 'A probe of a wrong port always fails: the container gets no traffic, or is killed again and again.',
      why: [
        'A probe may give its port by name. The kubelet looks the name up among the ports of the same container, and where it is',
        'not there the probe fails without a connection: a readinessProbe keeps the container out of service for ever, a',
        'livenessProbe or startupProbe has it killed again and again. The API server accepts such a Pod. A probe with the number of a port',
        'works whether or not the container declares the port. If nobody declares the port, a reader cannot tell a mistyped number from a right one.',
        'The API server refuses a Pod whose probe has a text for a port that cannot be a name, above all a number in quotes.',
      ].join('\n'),
      firesOn: [
        'a probe whose port has a name that the container does not declare',
        'a text that cannot be the name of a port, such as a number in quotes: the API server refuses it',
        'with `numbers: declared`, a number that no container of the Pod declares: a warning at most, once for each number',
      ],
      leavesAlone: [
        'numbers, unless `numbers` is `declared`: the kubelet asks any number, and of 30 findings that were read all numbers were right',
        'numbers of ports that another container of the Pod declares: all of them have the same address',
        'probes with a `host`, which ask somebody else: `probe-handler` reports them',
      ],
      remediation: [
        'Declare the port under that name in the container, or write its number into the probe. Names of the ports of other',
        'containers, and of Services, do not count. Write a number without quotes. Give a port that only probes ask a name such as `health`: then `pre-stop-delay`',
        'and `readiness-probe` do not take it for one that clients ask.',
      ].join('\n'),
      worse:
        'Each probe is compared with itself. A text that is no name is worse than an unknown name, and that is worse than a number that nobody declares.',
      shipped: { baseline: 0, production: 0, strict: 164 },
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
      strict: { mode: 'enforce', mutation: 'off', options: { numbers: 'declared' } },
    },
    messages: {
      undeclared: {
        text: 'must name a port that the container declares, but none is called {{port}}: the probe can only fail',
        fix: 'declare a port with `name: {{port}}` in the container, or write the number into the probe{{declared}}',
      },
      undeclaredNumber: {
        text: 'must be a port that the container declares, but {{port}} is not: nobody can tell from the spec whether the number is right',
        fix: 'add `containerPort: {{port}}` to `ports`, with `name: {{name}}` if only probes ask it, or correct the number{{declared}}',
        onlyWarns: true,
      },
      noName: {
        text: 'must be a number or the name of a port, but is the text "{{port}}": the API server refuses the Pod',
        fix: 'write {{correction}}',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        numbers: {
          type: 'string',
          enum: ['any', 'declared'],
          description:
            'Whether a probe may ask a port by a number that no container declares; where it may not, that is a warning at most.',
        },
      },
    },
    defaultOptions: { numbers: 'any' },
  },

  validate(_, context) {
    let violations: Violation<MessageId>[] | undefined;
    let declared: ReadonlySet<number> | undefined;
    for (const reference of context.containers()) {
      let told: Set<number> | undefined;
      for (const kind of PROBE_KINDS) {
        const asked = askedBy(reference.container[kind] ?? undefined);
        if (asked === undefined) continue;
        const { port, isElsewhere } = asked;
        if (typeof port === 'string' && !isPortName(port)) {
          (violations ??= []).push(ofText(port, asked, kind, reference));
          continue;
        }
        if (!isPortKnown(port, reference.container)) (violations ??= []).push(ofName(asked, kind, reference));
        if (context.options.numbers !== 'declared' || typeof port !== 'number' || isElsewhere || told?.has(port) === true) continue;
        declared ??= portsOfPod(context);
        if (declared.has(port)) continue;
        told = (told ?? new Set()).add(port);
        (violations ??= []).push(ofNumber(port, asked, { kind, reference, isFirst: told.size === 1 }));
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

interface Asked {
  readonly handler: 'httpGet' | 'tcpSocket' | 'grpc';
  readonly port: number | string;
  /** Whether the probe asks another host. */
  readonly isElsewhere: boolean;
}

function askedBy({ httpGet, tcpSocket, grpc }: Pick<Probe, Asked['handler']> = {}): Asked | undefined {
  const action = httpGet ?? tcpSocket;
  if (action != null)
    return {
      handler: httpGet == null ? 'tcpSocket' : 'httpGet',
      port: action.port,
      isElsewhere: action.host != null && action.host !== '',
    };
  return grpc == null ? undefined : { handler: 'grpc', port: grpc.port, isElsewhere: false };
}

function ofText(port: string, { handler }: Asked, kind: ProbeKind, reference: ContainerReference): Violation<MessageId> {
  const probe = pathOf(reference).field(kind);
  return {
    message: 'noName',
    path: probe.field(handler, 'port'),
    rank: [2],
    ranked: [probe],
    data: { port, correction: portInsteadOf(port) },
  };
}

function ofName({ handler, port }: Asked, kind: ProbeKind, reference: ContainerReference): Violation<MessageId> {
  const probe = pathOf(reference).field(kind);
  return {
    message: 'undeclared',
    path: probe.field(handler, 'port'),
    rank: [1],
    ranked: [probe],
    data: { port, declared: declaredPorts(reference.container) },
  };
}

interface Asking {
  readonly kind: ProbeKind;
  readonly reference: ContainerReference;
  /** Of the numbers in the container that nobody declares. */
  readonly isFirst: boolean;
}

function ofNumber(port: number, { handler }: Asked, { kind, reference, isFirst }: Asking): Violation<MessageId> {
  const probe = pathOf(reference).field(kind);
  const { container } = reference;
  // Names are unique within a container (`ValidateContainerPorts`).
  const isFree = isFirst && container.ports?.some((declared) => declared.name === HEALTH) !== true;
  const name = isFree ? HEALTH : `${HEALTH}-${port}`;
  return {
    message: 'undeclaredNumber',
    path: probe.field(handler, 'port'),
    rank: [0],
    ranked: [probe],
    data: { port, name, declared: declaredPorts(container) },
  };
}

const HEALTH = 'health';

/** All containers of a Pod have one address. */
function portsOfPod(context: RuleContext<Options>): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const { container } of context.containers()) for (const { containerPort } of context.each(container.ports)) ports.add(containerPort);
  return ports;
}

function declaredPorts({ ports }: Container): string {
  const numbers = (ports ?? []).map(({ containerPort }) => containerPort);
  return numbers.length === 0 ? '' : ` (the container declares ${numbers.slice(0, 5).join(', ')})`;
}
