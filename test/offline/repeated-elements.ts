/**
 * Lists of which several elements have the same key, before and after `kubectl apply`, and what kubectl 1.36.3 and kube-apiserver 1.36.3
 * make of them.
 */
import type { JsonObject } from '../../src/core/json.ts';

interface RepeatedElements {
  readonly list: 'ports' | 'env' | 'topologySpreadConstraints' | 'hostAliases';
  readonly key: string;
  readonly before: readonly JsonObject[];
  readonly after: readonly JsonObject[];
  readonly stored: readonly JsonObject[];
}

/** A Deployment with such a list. */
export function deploymentWith(list: RepeatedElements['list'], elements: readonly JsonObject[], name = 'web'): JsonObject {
  const labels = { app: name };
  const inContainer = list === 'ports' || list === 'env';
  const container = { name: 'web', image: 'web:1', ...(inContainer && { [list]: elements }) };
  const spec = { containers: [container], ...(!inContainer && { [list]: elements }) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** What a Deployment has of it. */
export function elementsOf(list: RepeatedElements['list'], deployment: JsonObject): readonly JsonObject[] {
  const { spec } = (deployment['spec'] as { template: { spec: { containers: JsonObject[]; [field: string]: unknown } } }).template;
  return ((spec.containers[0]?.[list] ?? spec[list]) as JsonObject[] | undefined) ?? [];
}

type Texts = readonly [before: string, after: string, stored: string];

/** `53/UDP/dns` */
function ports([before, after, stored]: Texts): RepeatedElements {
  const portsOf = (texts: string): JsonObject[] =>
    wordsOf(texts).map((text) => {
      const [number, protocol, name] = text.split('/');
      return { containerPort: Number(number), protocol, ...(name !== undefined && { name }) };
    });
  return { list: 'ports', key: 'containerPort', before: portsOf(before), after: portsOf(after), stored: portsOf(stored) };
}

/** `A=1`, or `A:key` of a ConfigMap */
function env([before, after, stored]: Texts): RepeatedElements {
  const variablesOf = (texts: string): JsonObject[] =>
    wordsOf(texts).map((text) => {
      const [name, sign, value] = text.split(/([=:])/);
      return sign === '=' ? { name, value } : { name, valueFrom: { configMapKeyRef: { name: 'web', key: value } } };
    });
  return { list: 'env', key: 'name', before: variablesOf(before), after: variablesOf(after), stored: variablesOf(stored) };
}

/** `zone/2/DoNotSchedule`, also with labels: `zone/2/DoNotSchedule/app=web,tier=front` */
function constraints([before, after, stored]: Texts): RepeatedElements {
  const constraintsOf = (texts: string): JsonObject[] =>
    wordsOf(texts).map((text) => {
      const [topologyKey, maxSkew, whenUnsatisfiable, labels = 'app=web'] = text.split('/');
      const matchLabels: unknown = Object.fromEntries(labels.split(',').map((label) => label.split('=')));
      const constraint = { topologyKey, maxSkew: Number(maxSkew), whenUnsatisfiable };
      return labels === '' ? constraint : { ...constraint, labelSelector: { matchLabels } };
    });
  const lists = { before: constraintsOf(before), after: constraintsOf(after), stored: constraintsOf(stored) };
  return { list: 'topologySpreadConstraints', key: 'topologyKey', ...lists };
}

/** `10.0.0.1/a` */
function aliases([before, after, stored]: Texts): RepeatedElements {
  const aliasesOf = (texts: string): JsonObject[] =>
    wordsOf(texts).map((text) => {
      const [ip, ...hostnames] = text.split('/');
      return { ip, hostnames };
    });
  return { list: 'hostAliases', key: 'ip', before: aliasesOf(before), after: aliasesOf(after), stored: aliasesOf(stored) };
}

function wordsOf(texts: string): string[] {
  return texts.split(' ').filter((word) => word !== '');
}

export const REPEATED_ELEMENTS: readonly RepeatedElements[] = [
  ports(['53/TCP', '53/TCP 53/UDP', '53/TCP']),
  ports(['53/UDP', '53/TCP 53/UDP', '53/TCP']),
  ports(['53/TCP 53/UDP', '53/TCP', '']),
  ports(['53/TCP 53/UDP', '53/UDP', '']),
  ports(['53/TCP 53/UDP', '53/UDP 53/TCP', '53/UDP 53/UDP']),
  ports(['53/TCP/a 53/UDP/b', '53/TCP/a 53/UDP/b', '53/TCP/a 53/UDP/b']),
  ports(['53/TCP/a 53/UDP/b', '53/TCP/a 53/UDP/c', '53/TCP/c 53/UDP/b']),
  ports(['53/TCP/a 53/UDP/b', '53/TCP/c 53/UDP/b', '53/TCP/c 53/UDP/b']),
  ports(['53/TCP/a 53/UDP/b 80/TCP', '53/TCP/x 53/UDP/y 80/TCP', '53/TCP/x 53/UDP/b 80/TCP']),
  ports(['53/TCP 53/UDP 80/TCP', '53/TCP 53/UDP 81/TCP', '53/TCP 53/UDP 81/TCP']),
  ports(['53/TCP 53/UDP 80/TCP', '80/TCP', '80/TCP']),
  ports(['80/TCP', '80/TCP 53/TCP 53/UDP', '80/TCP 53/TCP']),
  ports(['', '53/TCP 53/UDP', '53/TCP 53/UDP']),
  ports(['53/TCP 53/UDP', '53/TCP 53/UDP 53/SCTP', '53/TCP 53/UDP']),
  ports(['53/TCP 53/UDP', '5353/TCP 5353/UDP', '5353/TCP']),
  ports(['53/UDP 80/TCP 53/TCP', '53/TCP 80/TCP 53/UDP', '53/TCP 53/TCP 80/TCP']),
  ports(['53/TCP 53/UDP', '53/TCP/n 80/TCP', '80/TCP']),
  ports(['53/TCP/a 53/UDP/x', '53/TCP 53/UDP/y', '53/TCP/y 53/UDP/x']),
  ports(['53/TCP 53/UDP/b', '53/TCP', '53/TCP']),
  env(['A=1', 'A=1 A=2', 'A=1']),
  env(['A=1 A=2', 'A=2', '']),
  env(['A=1 A=2', 'A=1 A=3', 'A=3 A=2']),
  env(['A=1 A=2', 'A=3 A=2', 'A=3 A=2']),
  env(['A=1 B=2 A=3', 'A=3 B=2 A=1', 'A=3 A=3 B=2']),
  env(['B=1', 'B=1 A=1 A=2', 'B=1 A=1']),
  env(['A=1 A:key', 'A:key A=1', 'A:key A:key']),
  env(['A=1 B=2 A=3', 'A=1 B=2 A=3', 'A=1 B=2 A=3']),
  env([
    'A=1 B=2 C=3 D=4 E=5 F=6 G=7 H=8 I=9 J=10 K=11 L=12 A=13',
    'A=1 B=2 C=3 D=4 E=5 F=6 G=7 H=8 I=9 J=10 K=11 L=12 A=13',
    'A=1 B=2 C=3 D=4 E=5 F=6 G=7 H=8 I=9 J=10 K=11 L=12 A=13',
  ]),
  constraints(['z/1/DoNotSchedule z/1/ScheduleAnyway', 'z/1/DoNotSchedule', '']),
  constraints(['z/1/DoNotSchedule', 'z/1/DoNotSchedule z/1/ScheduleAnyway', 'z/1/DoNotSchedule']),
  constraints(['z/1/DoNotSchedule z/1/ScheduleAnyway', 'z/1/DoNotSchedule z/2/ScheduleAnyway', 'z/2/DoNotSchedule z/1/ScheduleAnyway']),
  constraints([
    'z/1/DoNotSchedule/app=web,tier=front z/1/ScheduleAnyway/app=web',
    'z/1/DoNotSchedule/app=web,tier=back z/1/ScheduleAnyway/',
    'z/1/DoNotSchedule/app=web,tier=back z/1/ScheduleAnyway/app=web',
  ]),
  aliases(['10.0.0.1/a 10.0.0.1/b', '10.0.0.1/a', '']),
  aliases(['10.0.0.1/a', '10.0.0.1/a 10.0.0.1/b', '10.0.0.1/a']),
  aliases(['10.0.0.1/a 10.0.0.1/b', '10.0.0.1/a 10.0.0.1/c', '10.0.0.1/c 10.0.0.1/b']),
];
