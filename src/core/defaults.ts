/**
 * What the API server fills into a Pod, for the fields that podgrace reads or writes.
 *
 * Rules never ask "absent or default?": they see every object as it is after defaulting, whether it comes from the API
 * server (where nothing is left to fill in) or from a file. Mirrors kubernetes `pkg/apis/core/v1/defaults.go` and the
 * admission plugin DefaultTolerationSeconds; agrees with what a kube-apiserver 1.36.3 stored for 4,628 Pods and 4,401
 * workloads (`test/core/defaults.golden.test.ts`).
 */
import { parseImageReference } from './image-reference.ts';
import { setKey } from './json.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { mapShared } from './map-shared.ts';
import { formatQuantity, LONGEST_REMEMBERED, parseQuantity, roundUpToMilli, ZERO } from './quantity.ts';
import { defaultPodLevelResources } from './resources.ts';
import type {
  Container,
  ExecAction,
  HttpGetAction,
  Lifecycle,
  LifecycleHandler,
  Maybe,
  ObjectMeta,
  Pod,
  PodSpec,
  Probe,
  QuantityText,
  ResourceList,
  ResourceRequirements,
  Toleration,
  Volume,
} from './pod.ts';
import { Work } from './work.ts';

/** `pkg/apis/core/v1/types.go` DefaultTerminationGracePeriodSeconds. */
export const DEFAULT_GRACE_PERIOD_SECONDS = 30;

/** kube-apiserver's `--default-not-ready-toleration-seconds` and `--default-unreachable-toleration-seconds`. */
export const DEFAULT_TOLERATION_SECONDS = 300;

/** The keys of the two taints that the plugin DefaultTolerationSeconds adds tolerations for. */
export const NOT_READY_TAINT = 'node.kubernetes.io/not-ready';
export const UNREACHABLE_TAINT = 'node.kubernetes.io/unreachable';

/** `SetDefaults_Probe`; a 0 counts as absent. `initialDelaySeconds` has no default. */
export const PROBE_DEFAULTS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } as const;

/** `TerminationMessagePathDefault` and the policy that goes with it. */
export const CONTAINER_DEFAULTS = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' } as const;

/**
 * What is defaulted: a *Pod* gets everything; a *template* inside a workload gets less: no requests from limits, no
 * Pod-level resources, no tolerations, and a negative grace period stays.
 */
export type DefaultingTarget = 'pod' | 'template';

/**
 * Fills in the API server's defaults.
 *
 * @param pod a Pod or a template whose types `readPodShape` has found right
 * @returns an object that shares everything that needed no default with the given one, the object itself where nothing
 *   was missing; the given one is not changed
 * @throws {OutOfTimeError} where there is no time left
 */
export function applyDefaults(pod: unknown, target: DefaultingTarget, minor: KubernetesMinor, work = Work.UNBOUNDED): Pod {
  const given = pod as { metadata?: Maybe<Pod['metadata']>; spec: PodSpec };
  const spec = defaultSpec(given.spec, { isPod: target === 'pod', minor, work });
  const metadata = defaultMetadata(given.metadata, work);
  return metadata === given.metadata && spec === given.spec ? (given as Pod) : { ...given, metadata, spec };
}

/** How an object is defaulted. */
interface Defaulting {
  readonly isPod: boolean;
  readonly minor: KubernetesMinor;
  /** What an object can have any number of is counted. */
  readonly work: Work;
}

function defaultMetadata(given: Maybe<ObjectMeta>, work: Work): ObjectMeta {
  if (given == null) return {};
  const labels = withoutNulls(given.labels, work);
  const annotations = withoutNulls(given.annotations, work);
  return labels === given.labels && annotations === given.annotations
    ? given
    : { ...given, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function defaultSpec(given: Incomplete<PodSpec> & Pick<PodSpec, 'containers'>, defaulting: Defaulting): PodSpec {
  const { isPod, minor, work } = defaulting;
  const spec = new Copy(given as PodSpec);
  const ofContainers = (container: Container): Container => defaultContainer(container, isPod, work);
  spec.set('containers', mapShared(given.containers, ofContainers, work));
  if (given.initContainers) spec.set('initContainers', mapShared(given.initContainers, ofContainers, work));
  if (given.ephemeralContainers) {
    const ofEphemeral = (container: Container): Container => defaultContainer(container, false, work);
    spec.set('ephemeralContainers', mapShared(given.ephemeralContainers, ofEphemeral, work));
  }
  spec.set('nodeSelector', withoutNulls(given.nodeSelector, work));
  if (given.volumes) spec.set('volumes', mapShared(given.volumes, defaultVolume, work));
  if (!given.restartPolicy) spec.set('restartPolicy', 'Always');
  const period = given.terminationGracePeriodSeconds ?? DEFAULT_GRACE_PERIOD_SECONDS;
  // A Pod's negative period becomes 1 as the request is decoded (`pkg/apis/core/v1/conversion.go`); a template keeps it.
  spec.set('terminationGracePeriodSeconds', isPod && period < 0 ? 1 : period);
  if (given.resources) {
    spec.set('resources', defaultResources(given.resources, false, work));
    if (isPod) spec.set('resources', defaultPodLevelResources(spec.result, minor));
  }
  if (isPod) spec.set('tolerations', withDefaultTolerations(given.tolerations, work));
  return spec.result;
}

/** An object that is copied as soon as a value differs from the original's. */
class Copy<T extends object> {
  readonly #original: T;
  #copy: T | undefined;

  constructor(original: T) {
    this.#original = original;
  }

  set<K extends keyof T>(key: K, value: T[K]): void {
    if (value !== this.result[key]) (this.#copy ??= { ...this.#original })[key] = value;
  }

  get result(): T {
    return this.#copy ?? this.#original;
  }
}

/** The type of what was not defaulted yet: what a default is for may be missing or null. */
type Incomplete<T> = { [K in keyof T]?: Maybe<T[K]> };

function defaultContainer(given: Container, requestsFromLimits: boolean, work: Work): Container {
  const container = new Copy(given);
  container.set('command', withoutNullElements(given.command, work));
  container.set('args', withoutNullElements(given.args, work));
  if (!given.imagePullPolicy) container.set('imagePullPolicy', defaultPullPolicy(given.image));
  if (!given.terminationMessagePath) container.set('terminationMessagePath', CONTAINER_DEFAULTS.terminationMessagePath);
  if (!given.terminationMessagePolicy) container.set('terminationMessagePolicy', CONTAINER_DEFAULTS.terminationMessagePolicy);
  if (given.resources) container.set('resources', defaultResources(given.resources, requestsFromLimits, work));
  if (given.livenessProbe) container.set('livenessProbe', defaultProbe(given.livenessProbe, work));
  if (given.readinessProbe) container.set('readinessProbe', defaultProbe(given.readinessProbe, work));
  if (given.startupProbe) container.set('startupProbe', defaultProbe(given.startupProbe, work));
  if (given.lifecycle) container.set('lifecycle', defaultLifecycle(given.lifecycle, work));
  return container.result;
}

function defaultLifecycle(given: Lifecycle, work: Work): Lifecycle {
  const lifecycle = new Copy(given);
  if (given.preStop) lifecycle.set('preStop', defaultHandler(given.preStop, work));
  if (given.postStart) lifecycle.set('postStart', defaultHandler(given.postStart, work));
  return lifecycle.result;
}

function defaultProbe(probe: Incomplete<Probe>, work: Work): Probe {
  const given = defaultHandler(probe, work);
  if (given === probe && probe.timeoutSeconds && probe.periodSeconds && probe.successThreshold && probe.failureThreshold) {
    return probe as Probe;
  }
  return {
    ...given,
    timeoutSeconds: probe.timeoutSeconds || PROBE_DEFAULTS.timeoutSeconds,
    periodSeconds: probe.periodSeconds || PROBE_DEFAULTS.periodSeconds,
    successThreshold: probe.successThreshold || PROBE_DEFAULTS.successThreshold,
    failureThreshold: probe.failureThreshold || PROBE_DEFAULTS.failureThreshold,
  };
}

/** What hooks and probes share. */
function defaultHandler<T extends Pick<LifecycleHandler, 'exec' | 'httpGet'>>(handler: T, work: Work): T {
  const httpGet = handler.httpGet && defaultHttpGet(handler.httpGet);
  const exec = handler.exec && defaultExec(handler.exec, work);
  if (httpGet === handler.httpGet && exec === handler.exec) return handler;
  return { ...handler, ...(httpGet && { httpGet }), ...(exec && { exec }) };
}

function defaultExec(action: ExecAction, work: Work): ExecAction {
  const command = withoutNullElements(action.command, work);
  return command === action.command ? action : { ...action, command };
}

function defaultHttpGet(action: HttpGetAction): HttpGetAction {
  return action.path && action.scheme ? action : { ...action, path: action.path || '/', scheme: action.scheme || 'HTTP' };
}

/** ResourceLists are rounded up to milli units; in a Pod a missing request is the limit, for every resource. */
function defaultResources(resources: ResourceRequirements, requestsFromLimits: boolean, work: Work): ResourceRequirements {
  const limits = roundList(resources.limits, work);
  let requests = roundList(resources.requests, work);
  if (requestsFromLimits && limits != null) {
    let index = 0;
    for (const resource in limits) {
      work.spendAt(index++);
      const limit = limits[resource];
      if (limit === undefined || requests?.[resource] != null) continue;
      if (requests === resources.requests) requests = { ...requests };
      requests ??= {};
      requests[resource] = limit;
    }
  }
  if (limits === resources.limits && requests === resources.requests) return resources;
  return { ...resources, ...(limits && { limits }), ...(requests && { requests }) };
}

/**
 * The same list where every amount is a whole number of milli units already, and short; then the texts are as the user wrote them. A
 * long one (` 1Gi` after 30 kB of zeros) becomes what the API server stores, as every rule would read it anew.
 */
function roundList(list: Maybe<ResourceList>, work: Work): Maybe<ResourceList> {
  let rounded: ResourceList | undefined;
  let index = 0;
  for (const resource in list) {
    work.spendAt(index++);
    const text = list[resource];
    if (text != null && !mayNeedRounding(text) && !isLong(text)) continue;
    const quantity = text == null ? ZERO : parseQuantity(text);
    if (quantity === undefined || (text != null && roundUpToMilli(quantity) === quantity && !isLong(text))) continue;
    rounded ??= { ...list };
    rounded[resource] = formatQuantity(roundUpToMilli(quantity));
  }
  return rounded ?? list;
}

/** Only a fraction, an exponent or a suffix below milli can hold less than a milli unit. */
function mayNeedRounding(text: QuantityText): boolean {
  return typeof text === 'number' ? !Number.isInteger(text) : /[.eEnu]/.test(text);
}

function isLong(text: QuantityText): boolean {
  return typeof text === 'string' && text.length > LONGEST_REMEMBERED;
}

/** A volume that names no source is an emptyDir (`SetDefaults_Volume`: all source pointers are nil). */
function defaultVolume(volume: Volume): Volume {
  if (volume.image != null && !volume.image.pullPolicy) {
    return { ...volume, image: { ...volume.image, pullPolicy: defaultPullPolicy(volume.image.reference) } };
  }
  const size = volume.emptyDir?.sizeLimit;
  if (size != null && isLong(size)) {
    const quantity = parseQuantity(size);
    if (quantity !== undefined) return { ...volume, emptyDir: { ...volume.emptyDir, sizeLimit: formatQuantity(quantity) } };
  }
  for (const key in volume) if (key !== 'name' && volume[key as keyof Volume] != null) return volume;
  return { ...volume, emptyDir: {} };
}

/**
 * `Always` for the tag `latest`, written or implied, else `IfNotPresent`; a tag counts also beside a digest. Mirrors
 * `pkg/util/parsers` `ParseImageName`; what that cannot parse (an empty text, upper-case names) has no tag.
 */
export function defaultPullPolicy(image: Maybe<string>): 'Always' | 'IfNotPresent' {
  const reference = parseImageReference(image ?? '');
  if (reference === undefined) return 'IfNotPresent';
  const { tag, digest } = reference;
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}

/**
 * Appends the two tolerations of 300 s unless there is one for the taint already, not-ready first. Mirrors
 * `plugin/pkg/admission/defaulttolerationseconds`: only key and effect are looked at, empty ones match.
 */
function withDefaultTolerations(tolerations: Maybe<Toleration[]>, work: Work): Maybe<Toleration[]> {
  work.spend(tolerations?.length ?? 0);
  const missing = [NOT_READY_TAINT, UNREACHABLE_TAINT].filter(
    (taint) => !tolerations?.some((toleration) => coversTaint(toleration, taint)),
  );
  if (missing.length === 0) return tolerations;
  const defaults = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: DEFAULT_TOLERATION_SECONDS }));
  return [...(tolerations ?? []), ...defaults];
}

function coversTaint({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}

/** Decoding makes an empty text of a null inside a map or a list of strings. */
function withoutNulls(map: Maybe<Record<string, string>>, work: Work): Maybe<Record<string, string>> {
  let index = 0;
  for (const key in map) {
    work.spendAt(index++);
    if (map[key] != null) continue;
    const texts = {};
    for (const name in map) {
      work.spendAt(index++);
      setKey(texts, name, map[name] ?? '');
    }
    return texts;
  }
  return map;
}

function withoutNullElements(list: Maybe<string[]>, work: Work): Maybe<string[]> {
  if (list == null) return list;
  work.spend(list.length);
  for (let index = 0; index < list.length; index++) if (list[index] == null) return list.map((text: Maybe<string>) => text ?? '');
  return list;
}
