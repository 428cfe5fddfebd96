/** Whether the actions of probes and hooks can work, as far as the spec shows it. */
import { equalJson } from './json.ts';
import { entryOf } from './map-entry.ts';
import { oncePer } from './once-per.ts';
import type { Container, HostAlias, HttpGetAction, LifecycleHandler, Maybe, PodSpec, Probe, TcpSocketAction } from './pod.ts';
import type { ImageKnowledge } from './process/image-knowledge.ts';
import { programName } from './process/argv.ts';
import { otherHostAskedBy as askedBy, type AskedHost } from './process/asked-host.ts';
import { expandedByKubelet } from './process/kubelet-expansion.ts';

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const;
type HandlerName = (typeof HANDLERS)[number];

/** The one handler that a probe has; undefined where it has none, which the API server refuses. */
function handlerNameOf(probe: Probe): HandlerName | undefined {
  return HANDLERS.find((name) => probe[name] != null);
}

/**
 * Whether two probes of a container ask the same question: the same handler, its port resolved, with the same path, scheme, host,
 * headers, protocol, service and mode. How often they ask does not count.
 */
export function asksTheSame(a: Probe, b: Probe, container: Container): boolean {
  const name = handlerNameOf(a);
  if (name === undefined || handlerNameOf(b) !== name) return false;
  return equalJson(questionOf(a[name], container), questionOf(b[name], container));
}

/** Without what is there and says nothing: null, an empty text, and the defaults that only newer API servers write. A path gets its slash when it is sent. */
function questionOf(action: object | null | undefined, container: Container): Record<string, unknown> {
  const question: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(action ?? {})) {
    if (value == null || value === '' || SILENT_DEFAULTS.get(key) === value || (Array.isArray(value) && value.length === 0)) continue;
    if (key === 'port') question[key] = portNumberOf(value as number | string, container);
    else if (key === 'path') question[key] = (value as string).startsWith('/') ? value : `/${value as string}`;
    else if (key === 'httpHeaders') question[key] = sentHeadersOf(value as readonly HttpHeader[]);
    else question[key] = value;
  }
  return question;
}

interface HttpHeader {
  readonly name?: Maybe<string>;
  readonly value?: Maybe<string>;
}

/** As the kubelet sends them: the values of each name in their order, names in any case (`v1HeaderToHTTPHeader`, `pkg/probe/http/request.go`). */
function sentHeadersOf(headers: readonly HttpHeader[]): Record<string, readonly string[]> {
  const sent = new Map<string, string[]>();
  for (const { name, value } of headers) entryOf(sent, (name ?? '').toLowerCase(), () => []).push(value ?? '');
  return Object.fromEntries(sent);
}

/** `httpGet.protocol` and `grpc.mode` since 1.37, as those API servers fill them in. */
const SILENT_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['protocol', 'HTTP1'],
  ['mode', 'Plaintext'],
]);

/** A port by name is the one that the container declares under it; one that is unknown stays a name. */
function portNumberOf(port: number | string, { ports }: Container): number | string {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  return ports?.find(({ name }) => name === port)?.containerPort ?? port;
}

/** Tools that come with a distribution, and that an image without a shell does not have either. */
const DISTRIBUTION_TOOLS: ReadonlySet<string> = new Set(
  'sh bash ash dash cat curl wget nc ncat sleep test [ ls ps pgrep pidof grep find stat true echo'.split(' '),
);

/**
 * The program of an exec handler that the image is known not to have: a shell or a tool in an image without any.
 *
 * @returns undefined where the image may have it
 */
export function missingProgramOf(
  { exec }: Pick<LifecycleHandler, 'exec'>,
  { image }: Container,
  images: ImageKnowledge,
): { readonly program: string; readonly image: string } | undefined {
  const program = programName(exec?.command?.[0] ?? '');
  if (image == null || !DISTRIBUTION_TOOLS.has(program) || images.factsOf(image).sh !== 'none') return undefined;
  return { program, image };
}

/**
 * The host that a probe asks instead of the Pod.
 *
 * @returns undefined where it asks the Pod, also by an address of the node that is the Pod's own: the loopback address, or one that the
 *   container is told to listen on or to announce (`--advertise-address=192.0.2.1`)
 */
export function otherHostOf(
  { host }: Pick<HttpGetAction | TcpSocketAction, 'host'>,
  { hostNetwork }: PodSpec,
  container: Container,
): string | undefined {
  if (host == null || host === '') return undefined;
  return hostNetwork === true && (isLoopback(host) || isToldOf(container, host)) ? undefined : host;
}

/**
 * The host that the command of a probe asks, and without whose answer it fails.
 *
 * @param podName undefined where nobody knows it, as in a template
 * @returns undefined where none is known, or where it is an address of the node that is the Pod's own, or a name of the Pod
 */
export function otherHostAskedBy({ exec }: Probe, spec: PodSpec, container: Container, podName: string | undefined): AskedHost | undefined {
  const words = exec?.command == null ? undefined : expandedByKubelet(exec.command, container);
  const asked = words === undefined ? undefined : askedBy(words);
  if (asked === undefined || isNameOfPod(asked.host, spec, podName)) return undefined;
  return spec.hostNetwork === true && isToldOf(container, asked.host) ? undefined : asked;
}

/**
 * Whether `/etc/hosts` of the containers has the name for the Pod itself: the kubelet writes the host name of the Pod there, unless the Pod has
 * the network of its node, and `hostAliases` (kubernetes `pkg/kubelet/kubelet_pods.go`, `ensureHostsFile`).
 */
function isNameOfPod(host: string, { hostNetwork, hostname, subdomain, hostAliases }: PodSpec, podName: string | undefined): boolean {
  const own = (hostname ?? '') === '' ? podName : hostname;
  if (own != null && hostNetwork !== true && (host === own || ((subdomain ?? '') !== '' && host.startsWith(`${own}.${subdomain}.`))))
    return true;
  return hostAliases != null && loopbackNames(hostAliases).has(host);
}

/** One for all probes of a Pod. */
const loopbackNames = oncePer((aliases: readonly HostAlias[]): ReadonlySet<string> => {
  const names = aliases.flatMap(({ ip, hostnames }) => (ip != null && isLoopback(ip) ? (hostnames ?? []) : []));
  return new Set(names);
});

function isToldOf({ command, args }: Container, host: string): boolean {
  return isToldIn(command ?? [], host) || isToldIn(args ?? [], host);
}

function isToldIn(words: readonly string[], host: string): boolean {
  return words.some((word, index) => {
    const equals = word.indexOf('=');
    const value = equals < 0 ? word : word.slice(equals + 1);
    if (value !== host && !value.startsWith(`${host}:`)) return false;
    const flag = equals < 0 ? (words[index - 1] ?? '') : word.slice(0, equals);
    return flag.startsWith('-') && OF_OWN_ADDRESS.test(flag);
  });
}

/** Flags that say where a program listens, or what it announces; others name a server that it asks. */
const OF_OWN_ADDRESS = /advertise|announce|listen|bind|^--?(?:host|hostname|address|addr|ip|node-ip)$/i;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
