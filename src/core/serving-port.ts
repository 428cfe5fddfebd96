/** Which of its ports a container serves on. */
import type { Container, ContainerPort, Maybe, Probe } from './pod.ts';

/** What is asked by monitoring, and what answers for the process and not for the service. */
const BESIDE_THE_SERVICE =
  /metric|monitor|prom|health|probe|live|ready|status|debug|pprof|profil|admin|manage|mgmt|actuator|jmx|telemetry|exporter/i;

/** What people call the port of a service; IANA names of protocols over HTTP first among them. */
const OF_THE_SERVICE = /^(https?|http2|h2c|grpc|web|www|api|app|server|serving|service|main|public|ingress)\b/i;

/**
 * The TCP port that a container serves on: the one that its startupProbe or livenessProbe asks, unless that is named like something
 * beside the service and another like a service's; else one that is named like a service's, else the first that is not named like
 * something beside the service.
 *
 * @returns undefined where no declared port is TCP
 */
export function servingPortOf({ ports, startupProbe, livenessProbe }: Container): number | undefined {
  const candidates = ports?.filter(isTcp) ?? [];
  const asked = [startupProbe, livenessProbe].map(askedPort).find((port) => port !== undefined);
  const named = candidates.find((port) => OF_THE_SERVICE.test(port.name ?? '') && isOfService(port));
  const found =
    candidates.find((port) => isAsked(port, asked) && (named === undefined || isOfService(port))) ??
    named ??
    candidates.find(isOfService) ??
    candidates[0];
  return found?.containerPort;
}

function isAsked({ name, containerPort }: ContainerPort, asked: number | string | undefined): boolean {
  return asked !== undefined && (asked === containerPort || asked === name);
}

/** Whether a port is called as one calls that of a service: `https`, `grpc`, `api`. */
export function isNamedForService(name: string): boolean {
  return OF_THE_SERVICE.test(name) && !BESIDE_THE_SERVICE.test(name);
}

/** Whether the kubelet finds the port of a probe: a number, or the name of a port of the same container (`ResolveContainerPort`). */
export function isPortKnown(port: number | string, { ports }: Container): boolean {
  return typeof port === 'number' || /^\d+$/.test(port) || (ports?.some(({ name }) => name === port) ?? false);
}

/**
 * Whether the API server takes a text for the name of a port (`IsValidPortName`): it refuses a Pod whose probe or hook asks for another,
 * such as a number in quotes.
 */
export function isPortName(text: string): boolean {
  return text.length <= 15 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && /[a-z]/.test(text);
}

const GREATEST_PORT = 65_535;

/** What to write instead of a text that cannot be the name of a port. */
export function portInsteadOf(text: string): string {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= GREATEST_PORT
    ? `the number without quotes: \`port: ${text}\``
    : 'the number, or a name of at most 15 lower-case letters, digits and single hyphens that the container declares';
}

function isOfService({ name }: ContainerPort): boolean {
  return !BESIDE_THE_SERVICE.test(name ?? '');
}

/** Whether a probe can ask a port over TCP, which an empty protocol is. */
export function isTcp({ protocol, containerPort }: ContainerPort): boolean {
  return (!protocol || protocol === 'TCP') && containerPort >= 1 && containerPort <= 65535;
}

/** The port that a probe asks over the network; undefined for none. */
export function askedPort(probe: Maybe<Probe>): number | string | undefined {
  return probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
}
