/** Which containers receive traffic from clients, as far as the spec tells. */
import { PROBE_KINDS, type Container, type ContainerPort, type Maybe, type Pod, type PodSpec } from './pod.ts';
import { imageRepository } from './process/image-knowledge.ts';
import { askedPort, isNamedForService, isTcp } from './serving-port.ts';
import { servicesThatSelect, type Service, type Surroundings } from './surroundings.ts';
import { rememberedByText } from './text-memo.ts';

/** Words of port names for what only monitoring, the kubelet or a developer asks: `http-metrics`, `healthz`, `pprof`. */
const BESIDE_TRAFFIC =
  /(^|[-\d])(metrics?|prom|prometheus|monitor(ing)?|telemetry|exporter|health(z|check)?|probes?|live(ness|z)?|ready|readiness|readyz|debug(ger)?|pprof|profil(e|er|ing)|jmx)(?![a-z])/;

/** The name of a flag that says where something listens that is not for clients: `metrics-bind-address`, `healthz-port`. */
const OF_MONITORING = /metrics|health|pprof|profil|debug|telemetry/;
const OF_PLACE = /addr|port|listen/;

/** `--leader-elect`, `--enable-leader-election=true`, `--leader-election`. */
const ELECTION = /^--?(enable-)?leader-elect(ion)?(=true)?$/;

/** Exporters, and the helpers of CSI drivers, answer the monitoring and the kubelet and no client. */
const WITHOUT_CLIENTS =
  /(^|[/_-])(exporter|kube-state-metrics|exechealthz(-amd64)?)$|\/(livenessprobe|csi-(provisioner|attacher|resizer|(external-)?snapshotter|node-driver-registrar))$/;

/** Proxies pass on what comes on ports that they seldom declare, and declare those for their metrics. */
const PROXY = /\/(proxy|proxyv2|envoy|linkerd-proxy)$/;

/** Several rules ask about each container, and the next Pod has the same images. */
const isWithoutClients = rememberedByText(1024, 256, (repository) => WITHOUT_CLIENTS.test(repository));
const isRepositoryOfProxy = rememberedByText(1024, 256, (repository) => PROXY.test(repository));

/**
 * Whether a container declares a port that is not known to be for monitoring, for health checks or for profiling, by its name, by a flag
 * of the command or by the image. One that takes part in a leader election is a controller, which works on its own: then only a port
 * counts that is named like a service's, or a webhook's.
 *
 * @param monitored ports to which Services send monitoring and no clients, as far as the container gives them no name
 */
function receivesBeside(container: Container, monitored: ReadonlySet<number>): boolean {
  const { ports, image } = container;
  if (ports == null || ports.length === 0) return false;
  const repository = imageRepository(image);
  if (isWithoutClients(repository)) return false;
  return isRepositoryOfProxy(repository) || hasPortOfTraffic(container, ports, repository, monitored);
}

/** Whether all that a container declares is beside its traffic, as the metrics of a proxy are: where it serves does not show. */
export function declaresOnlyBesideTraffic(container: Container): boolean {
  const { ports, image } = container;
  return ports != null && ports.length > 0 && !hasPortOfTraffic(container, ports, imageRepository(image));
}

function hasPortOfTraffic(
  container: Container,
  ports: readonly ContainerPort[],
  repository: string,
  monitored: ReadonlySet<number> = NO_PORTS,
): boolean {
  const words = wordsOf(container);
  const beside = portsBesideTraffic(words);
  const isController = words.some((word) => ELECTION.test(word));
  return ports.some((port) => {
    if (beside.has(port.containerPort) || (!port.name && monitored.has(port.containerPort)) || isNamedBesideTraffic(port, repository))
      return false;
    return !isController || isServiceOfController(port);
  });
}

/** Whether a container passes on what comes for another one: a proxy of a service mesh, by its image. */
export function isProxy({ image }: Container): boolean {
  return isRepositoryOfProxy(imageRepository(image));
}

/** Where a Service sends traffic. */
export interface ServiceTarget {
  /** The name of the Service. */
  readonly service: string;
  readonly port: number;
}

/**
 * Whether a container without a declared port may receive traffic of clients: its readinessProbe asks a port, and the endpoint of the Pod
 * goes by that. Whether a Service sends anything there, the Pod does not say.
 */
export function mayReceiveTraffic(container: Container): boolean {
  const port = askedPort(container.readinessProbe);
  if (hasPorts(container) || port === undefined || isWithoutClients(imageRepository(container.image))) return false;
  const words = wordsOf(container);
  return !words.some((word) => ELECTION.test(word)) && !portsBesideTraffic(words).has(Number(port));
}

/**
 * What the known Services send to the containers of a Pod. Looks once at each Service, and then at the ports and probes of a container
 * alone: a namespace can have thousands of Services, and a Pod thousands of containers.
 */
export class ServiceTraffic {
  readonly services: Surroundings['services'];
  readonly #pod: Pod;
  #selecting: readonly Service[] | undefined;
  readonly #targets: { all?: Targets; TCP?: Targets } = {};
  #monitored: ReadonlySet<number> | undefined;
  #probed: ReadonlyMap<number, Container> | undefined;
  #declared: ReadonlySet<number> | undefined;
  #rest: { readonly container: Container | undefined } | undefined;

  constructor(pod: Pod, services: Surroundings['services']) {
    this.#pod = pod;
    this.services = services;
  }

  /**
   * The port of a container on which a Service is known to send traffic to it, although nobody declares it: `ports` of a container is
   * information only, and a Service reaches any number. It is the port of the main container whose probe asks it; else of the one main
   * container that declares no port, or of the only container.
   *
   * @param container of the Pod
   * @param protocols whether only what a probe can connect to counts
   * @returns undefined where no Service is known to do so: also for what only the monitoring asks, and for controllers
   */
  targetOf(container: Container, protocols: 'all' | 'TCP' = 'all'): ServiceTarget | undefined {
    const targets = this.#targetsOver(protocols);
    if (targets.all.length === 0 || isWithoutClients(imageRepository(container.image))) return undefined;
    const words = wordsOf(container);
    if (words.some((word) => ELECTION.test(word))) return undefined;
    const beside = portsBesideTraffic(words);
    this.#probed ??= portsAsked(this.#pod.spec.containers);
    this.#declared ??= portsDeclared(this.#pod.spec);
    this.#rest ??= { container: onlyOneWithout(this.#pod.spec) };
    const isRest = this.#rest.container === container;
    const candidates = isRest ? targets.all : inOrder(PROBE_KINDS.map((kind) => targets.byNumber.get(Number(askedPort(container[kind])))));
    for (const { service, targetPort } of candidates) {
      const port = Number(targetPort);
      if (!Number.isInteger(port) || this.#declared.has(port) || beside.has(port)) continue;
      if ((this.#probed.get(port) ?? this.#rest.container) === container) return { service, port };
    }
    return undefined;
  }

  /**
   * The declared TCP port of a container to which a Service is known to send traffic, of several; what only the monitoring asks is
   * left out.
   *
   * @param container of the Pod
   * @returns undefined where no Service is known to do so, and where the container has no choice
   */
  targetedPortOf(container: Container): number | undefined {
    return container.ports != null && container.ports.length > 1 ? this.#declaredTargetOf(container) : undefined;
  }

  /**
   * Whether clients may be sent to a container, by what it declares. A port without a name is for monitoring where all Services that send
   * something there say so.
   */
  receivesTraffic(container: Container): boolean {
    if (!receivesBeside(container, NO_PORTS)) return false;
    if (!this.services.isKnown || container.ports?.some(({ name }) => !name) !== true) return true;
    return receivesBeside(container, (this.#monitored ??= monitoredPorts(this.#selectingServices())));
  }

  /** Whether a Service is known to send traffic to a container, on a port that it declares or on another. */
  isBehindService(container: Container): boolean {
    return this.#declaredTargetOf(container) !== undefined || this.targetOf(container) !== undefined;
  }

  #targetsOver(protocols: 'all' | 'TCP'): Targets {
    return (this.#targets[protocols] ??= targetsOf(this.#selectingServices(), protocols));
  }

  #selectingServices(): readonly Service[] {
    return (this.#selecting ??= servicesThatSelect(this.#pod.metadata.labels, this.services));
  }

  #declaredTargetOf({ ports }: Container): number | undefined {
    if (ports == null) return undefined;
    const { all, byName, byNumber } = this.#targetsOver('all');
    if (all.length === 0) return undefined;
    // Of several ports that a target may mean, the first one counts.
    const reached = new Map<Target, ContainerPort>();
    for (const port of ports) {
      if (!isTcp(port)) continue;
      for (const target of [byName.get(port.name ?? ''), byNumber.get(port.containerPort)])
        if (target !== undefined && !reached.has(target)) reached.set(target, port);
    }
    const [first] = inOrder([...reached.keys()].filter((target) => !BESIDE_TRAFFIC.test(reached.get(target)?.name ?? '')));
    return first === undefined ? undefined : reached.get(first)?.containerPort;
  }
}

/** Where Services send traffic of clients: each port once, with the first Service that names it. */
interface Target {
  readonly order: number;
  readonly service: string;
  readonly targetPort: number | string;
}

interface Targets {
  readonly all: readonly Target[];
  readonly byName: ReadonlyMap<number | string, Target>;
  readonly byNumber: ReadonlyMap<number, Target>;
}

/**
 * Only Services that go by readiness: to the others a Pod is ready from its first moment to its last (k8s.io/endpointslice `utils.go`,
 * `podToEndpoint`), so that neither a readinessProbe nor a delay before the stop signal changes what they send.
 *
 * @param services that select the Pod
 */
function targetsOf(services: readonly Service[], protocols: 'all' | 'TCP'): Targets {
  const byName = new Map<number | string, Target>();
  const byNumber = new Map<number, Target>();
  for (const { name: service, ports = [], ignoresReadiness } of services) {
    if (ignoresReadiness) continue;
    for (const { name, targetPort, isTcp: isOverTcp } of ports) {
      if (isOverTcp === false && protocols === 'TCP') continue;
      if (byName.has(targetPort) || isForMonitoring(service, name)) continue;
      const target = { order: byName.size, service, targetPort };
      byName.set(targetPort, target);
      const port = Number(targetPort);
      if (!byNumber.has(port)) byNumber.set(port, target);
    }
  }
  return { all: [...byName.values()], byName, byNumber };
}

/** The numbers to which Services send something, and none of them clients. */
function monitoredPorts(services: readonly Service[]): ReadonlySet<number> {
  const monitored = new Set<number>();
  const served = new Set<number>();
  for (const { name: service, ports = [] } of services)
    for (const { name, targetPort } of ports) (isForMonitoring(service, name) ? monitored : served).add(Number(targetPort));
  for (const port of served) monitored.delete(port);
  return monitored;
}

/** Whether the name of a Service, or of its port, says that monitoring, the kubelet or a developer asks there. */
function isForMonitoring(service: string, port: string | undefined): boolean {
  return BESIDE_TRAFFIC.test(service) || (port !== undefined && BESIDE_TRAFFIC.test(port));
}

/** The first Service that is known to select Pods with these labels, and does not only let the monitoring ask them. */
export function serviceForClients(labels: Maybe<Service['selector']>, services: Surroundings['services']): Service | undefined {
  return servicesThatSelect(labels, services).find(
    ({ name: service, ports }) => ports === undefined || ports.some(({ name }) => !isForMonitoring(service, name)),
  );
}

function inOrder(targets: readonly (Target | undefined)[]): Target[] {
  return targets.filter((target) => target !== undefined).sort((a, b) => a.order - b.order);
}

/** By the port that a probe asks, the first container with such a probe. */
function portsAsked(containers: readonly Container[]): ReadonlyMap<number, Container> {
  const asked = new Map<number, Container>();
  for (const container of containers) {
    for (const kind of PROBE_KINDS) {
      const port = Number(askedPort(container[kind]));
      if (!asked.has(port)) asked.set(port, container);
    }
  }
  return asked;
}

function portsDeclared({ containers, initContainers }: PodSpec): ReadonlySet<number> {
  return new Set([...containers, ...(initContainers ?? [])].flatMap(({ ports }) => ports?.map(numberOf) ?? []));
}

/** The one main container that can serve a port which nobody declares, as far as declared ports tell. */
function onlyOneWithout({ containers, initContainers }: PodSpec): Container | undefined {
  const [container, ...others] = containers.filter((each) => !hasPorts(each));
  if (container !== undefined) return others.length === 0 ? container : undefined;
  return containers.length === 1 && (initContainers ?? []).every(({ restartPolicy }) => restartPolicy !== 'Always')
    ? containers[0]
    : undefined;
}

function hasPorts({ ports }: Container): boolean {
  return ports != null && ports.length > 0;
}

function numberOf({ containerPort }: ContainerPort): number {
  return containerPort;
}

/** Prometheus itself serves on a port with the name `prometheus`. */
function isNamedBesideTraffic({ name }: ContainerPort, repository: string): boolean {
  if (name == null) return false;
  return BESIDE_TRAFFIC.test(name) && !repository.endsWith(`/${name}`);
}

function isServiceOfController({ name }: ContainerPort): boolean {
  return name != null && (name.startsWith('webhook') || isNamedForService(name));
}

/** The command as the container has it; a script counts as its words. */
function wordsOf({ command, args }: Container): readonly string[] {
  if (!mayMatter(command) && !mayMatter(args)) return NO_WORDS;
  const words = [...elements(command), ...elements(args)];
  return words.flatMap((word) => (word.length <= LONGEST_SCRIPT && /\s/.test(word) ? word.split(/\s+/) : [word]));
}

const NO_WORDS: readonly string[] = [];

/** What a word has that is looked for here (`OF_MONITORING`, `ELECTION`); most commands have no such word. */
const MAY_MATTER = /metrics|health|pprof|profil|debug|telemetry|leader/;

function mayMatter(list: Maybe<readonly string[]>): boolean {
  if (list == null) return false;
  for (let index = 0; index < list.length; index++) {
    const word = list[index] ?? '';
    if (word.length <= LONGEST_SCRIPT && MAY_MATTER.test(word)) return true;
  }
  return false;
}

/** What is longer is data and no command line. */
const LONGEST_SCRIPT = 4096;

function elements(list: Maybe<readonly string[]>): readonly string[] {
  return list ?? [];
}

function portsBesideTraffic(words: readonly string[]): ReadonlySet<number> {
  let ports: Set<number> | undefined;
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('-') || word.length > LONGEST_FLAG) continue;
    const [flag = '', value = words[index + 1] ?? ''] = word.split('=', 2);
    if (!OF_MONITORING.test(flag) || !OF_PLACE.test(flag)) continue;
    // `:8080`, `0.0.0.0:8080`, `8080`
    const port = value.slice(value.lastIndexOf(':') + 1);
    if (/^\d{1,5}$/.test(port)) (ports ??= new Set()).add(Number(port));
  }
  return ports ?? NO_PORTS;
}

const NO_PORTS: ReadonlySet<number> = new Set();

/** With its value; what is longer is other text, which no pattern searches. */
const LONGEST_FLAG = 256;
