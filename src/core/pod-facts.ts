/** Facts about a Pod that several rules ask for. Each is computed when it is first asked for, and only once. */
import { diskBoundOf, memoryBoundOf, memoryVolumesOf, requestedPageSizesOf, volumesByName } from './empty-dir.ts';
import { memoryScopesOf, type MemoryScopes } from './memory-scope.ts';
import { missingProgramOf } from './handler.ts';
import { dataPlaceOf, type DataPlace } from './node-data.ts';
import {
  containersOf,
  type Container,
  type ContainerKind,
  type ContainerReference,
  type LifecycleHandler,
  type Maybe,
  type Pod,
  type Volume,
} from './pod.ts';
import { ImageKnowledge } from './process/image-knowledge.ts';
import { KnownCommands } from './process/known-commands.ts';
import { runningCommandsOf, type RunningCommand } from './process/running-command.ts';
import { waitsForEver } from './process/waiting-loop.ts';
import { shellsIn } from './process/images.ts';
import { entryOf } from './map-entry.ts';
import type { HookReading } from './process/hook.ts';
import { variablesOfEnv, type Variables } from './process/shell-values.ts';
import type { StopVerdict } from './process/possibility.ts';
import type { Quantity } from './quantity.ts';
import { isPortKnown } from './serving-port.ts';
import type { Surroundings } from './surroundings.ts';
import { isProxy, ServiceTraffic } from './traffic.ts';
import { volumeUsesOf, type VolumeUse } from './volume-use.ts';
import { Work } from './work.ts';
import { operatingSystemOf } from './operating-system.ts';

/** A Service whose labels are compared takes a fraction of what a container takes. */
const SERVICES_PER_STEP = 16;

/** By container, as an alias in YAML makes one hook of several containers. */
type HookReadings = Map<Container, Map<LifecycleHandler, HookReading>>;

/** The facts about one state of a Pod: a repair makes another one of it. */
export class PodFacts {
  readonly #pod: Pod;
  readonly #work: Work;
  /** What is known of images. */
  readonly images: ImageKnowledge;
  #containers: readonly ContainerReference[] | undefined;
  #kinds: readonly ContainerKind[] | undefined;
  #byKinds: Map<readonly ContainerKind[], readonly ContainerReference[]> | undefined;
  readonly #known: KnownCommands;
  #stops: Map<Container, StopVerdict> | undefined;
  readonly #hooks: { hook?: HookReadings; probe?: HookReadings } = {};
  #operatingSystem: 'linux' | 'windows' | undefined;
  #volumeUses: ReadonlyMap<string, VolumeUse> | undefined;
  #memoryBounds: Map<VolumeUse, Quantity | undefined> | undefined;
  #memoryScopes: MemoryScopes | undefined;
  #volumes: ReadonlyMap<string, Volume> | undefined;
  #pageSizes: ReadonlyMap<string, string> | undefined;
  #diskBound: { readonly amount: Quantity | undefined } | undefined;
  #dataPlace: DataPlace | undefined;
  #traffic: ServiceTraffic | undefined;
  #hasProxy: boolean | undefined;

  /**
   * @param work what counts the work of all this
   * @param known with the same images; of the Pod as it was before a repair or an update, where it was another one
   */
  constructor(pod: Pod, work = Work.UNBOUNDED, images = ImageKnowledge.BUILT_IN, known = new KnownCommands(images)) {
    this.#pod = pod;
    this.#work = work;
    this.images = images;
    this.#known = known;
  }

  /** Every container in start order. */
  get containers(): readonly ContainerReference[] {
    if (this.#containers === undefined) {
      this.#containers = containersOf(this.#pod.spec);
      this.#work.spend(this.#containers.length);
    }
    return this.#containers;
  }

  /** @param kinds the same list every time: `meta.appliesTo.containers` */
  containersOf(kinds: readonly ContainerKind[]): readonly ContainerReference[] {
    const { containers } = this;
    this.#kinds ??= kindsOf(containers);
    if (areAllIn(kinds, this.#kinds)) return containers;
    this.#byKinds ??= new Map();
    let references = this.#byKinds.get(kinds);
    if (references === undefined) {
      references = containers.filter(({ kind }) => kinds.includes(kind));
      this.#byKinds.set(kinds, references);
    }
    return references;
  }

  /** What the stop signal does to a container (`containerStopOf`). */
  stopOf(container: Container): StopVerdict {
    this.#stops ??= new Map();
    let stop = this.#stops.get(container);
    if (stop === undefined) {
      this.#spendWords(container.command);
      this.#spendWords(container.args);
      this.#spendWordsOfImage(container);
      stop = this.#known.stopOf(container, this.#work);
      this.#stops.set(container, stop);
    }
    return stop;
  }

  /** Whether the command of a container, or of a hook, waits in a loop that only its condition ends (`waitsForEver`). */
  waitsForEver({ command, args }: Pick<Container, 'command' | 'args'>): boolean {
    this.#spendWords(command);
    this.#spendWords(args);
    // Without a command, the image's entrypoint gets the args. Where these begin with a shell, it runs them, or the container does nothing.
    return waitsForEver([...(command ?? []), ...(args ?? [])]);
  }

  /** What of a container runs for long (`runningCommandsOf`); of the entrypoint of the image, nothing. */
  runningCommandsOf({ command, args }: Container): readonly RunningCommand[] {
    this.#spendWords(command);
    this.#spendWords(args);
    const words = command == null ? (args ?? []) : args == null ? command : command.concat(args);
    return words.length === 0 ? [] : runningCommandsOf(words);
  }

  /** What a hook or the command of a probe does in its container (`readHook`). */
  hookOf(hook: LifecycleHandler, container: Container, { isProbe = false } = {}): HookReading {
    // An alias may make one of a hook and a probe, too.
    const all = (this.#hooks[isProbe ? 'probe' : 'hook'] ??= new Map<Container, Map<LifecycleHandler, HookReading>>());
    const readings = entryOf(all, container, () => new Map<LifecycleHandler, HookReading>());
    let reading = readings.get(hook);
    if (reading === undefined) {
      this.#spendWords(hook.exec?.command);
      const { image, env } = container;
      reading = this.#known.hookOf(hook, {
        sh: shellsIn(this.images.factsOf(image)),
        variables: this.#variablesFor(hook, env),
        isProbe,
        isOnWindows: hook.exec != null && this.#isOnWindows,
        isInVain: isInVain(hook, container, this.images),
        work: this.#work,
      });
      readings.set(hook, reading);
    }
    return reading;
  }

  get #isOnWindows(): boolean {
    return (this.#operatingSystem ??= operatingSystemOf(this.#pod.spec)) === 'windows';
  }

  /** The values of a container's variables, for a hook that may use one. */
  #variablesFor({ exec }: LifecycleHandler, env: Container['env']): Variables | undefined {
    const command = exec?.command;
    if (env == null || command?.some((word) => word.includes('$')) !== true) return undefined;
    this.#work.spend(env.length);
    return variablesOfEnv(env, command);
  }

  /** What the known Services send to the containers of the Pod. */
  trafficOf(services: Surroundings['services']): ServiceTraffic {
    if (this.#traffic?.services !== services) {
      if (services.isKnown) this.#work.spend(Math.ceil(services.value.length / SERVICES_PER_STEP));
      this.#traffic = new ServiceTraffic(this.#pod, services);
    }
    return this.#traffic;
  }

  /** Whether some container is a proxy (`isProxy`). */
  get hasProxy(): boolean {
    if (this.#hasProxy === undefined) {
      this.#work.spend(this.containers.length);
      this.#hasProxy = this.containers.some(({ container }) => isProxy(container));
    }
    return this.#hasProxy;
  }

  /** The use of every volume that some container mounts, by the volume's name. */
  get volumeUses(): ReadonlyMap<string, VolumeUse> {
    if (this.#volumeUses === undefined) {
      this.#volumeUses = volumeUsesOf(this.#pod.spec, this.containers);
      this.#spendMounts();
    }
    return this.#volumeUses;
  }

  /** How much a memory-backed volume can hold (`memoryBoundOf`). */
  memoryBoundOf(use: VolumeUse): Quantity | undefined {
    this.#memoryBounds ??= new Map();
    if (this.#memoryBounds.has(use)) return this.#memoryBounds.get(use);
    this.#work.spend(use.writers.length);
    const bound = memoryBoundOf(this.#pod.spec, use);
    this.#memoryBounds.set(use, bound);
    return bound;
  }

  /** Which volumes in memory fill the same memory (`memoryScopesOf`). */
  get memoryScopes(): MemoryScopes {
    if (this.#memoryScopes === undefined) {
      this.#work.spend(this.#pod.spec.volumes?.length ?? 0);
      this.#memoryScopes = memoryScopesOf(this.#pod.spec, this.volumeUses);
    }
    return this.#memoryScopes;
  }

  /** How much the Pod may keep on the node's disk (`diskBoundOf`). */
  get diskBound(): Quantity | undefined {
    if (this.#diskBound === undefined) {
      this.#work.spend(this.containers.length);
      this.#diskBound = { amount: diskBoundOf(this.#pod.spec) };
    }
    return this.#diskBound.amount;
  }

  /** What the memory-backed volumes with a size limit may hold together that a container writes to. */
  memoryVolumesOf(container: Container): Quantity | undefined {
    this.#work.spend(container.volumeMounts?.length ?? 0);
    if (this.#volumes === undefined) {
      const volumes = this.#pod.spec.volumes ?? [];
      this.#work.spend(volumes.length);
      this.#volumes = volumesByName(volumes);
    }
    return memoryVolumesOf(this.#volumes, container);
  }

  /** The page sizes of the huge pages that the Pod asks for. */
  get pageSizes(): ReadonlyMap<string, string> {
    if (this.#pageSizes === undefined) {
      this.#work.spend(this.containers.length);
      this.#pageSizes = requestedPageSizesOf(this.#pod.spec);
    }
    return this.#pageSizes;
  }

  /** Where the Pod keeps data that is there after it has gone (`dataPlaceOf`). */
  get dataPlace(): DataPlace {
    if (this.#dataPlace === undefined) {
      this.#work.spend(this.#pod.spec.volumes?.length ?? 0);
      this.#dataPlace = dataPlaceOf(this.#pod.spec, this.volumeUses);
    }
    return this.#dataPlace;
  }

  /** A command is read word by word, and its script, which is one of them, statement by statement. */
  #spendWords(words: Maybe<readonly string[]>): void {
    if (words == null) return;
    let steps = words.length;
    for (const word of words) steps += word.length >> LOG_CHARACTERS_PER_STEP;
    this.#work.spend(steps);
  }

  #spendWordsOfImage({ command, image }: Container): void {
    if (command != null && command.length > 0) return;
    const configuration = this.images.configurationOf(image);
    if (configuration?.isKnown !== true) return;
    this.#spendWords(configuration.value.entrypoint);
    this.#spendWords(configuration.value.cmd);
  }

  #spendMounts(): void {
    for (const { container } of this.containers) if (container.volumeMounts != null) this.#work.spend(container.volumeMounts.length);
  }
}

/** Whether a container is known to lack what a hook asks for: the port of that name, or the program. */
function isInVain(hook: LifecycleHandler, container: Container, images: ImageKnowledge): boolean {
  if (hook.httpGet != null) return !isPortKnown(hook.httpGet.port, container);
  return missingProgramOf(hook, container, images) !== undefined;
}

/** Eight characters of a script are a statement, about: a step. */
const LOG_CHARACTERS_PER_STEP = 3;

/** The kinds that are there: one or two, in most Pods. */
function kindsOf(references: readonly ContainerReference[]): readonly ContainerKind[] {
  const kinds: ContainerKind[] = [];
  for (const { kind } of references) if (!kinds.includes(kind)) kinds.push(kind);
  return kinds;
}

function areAllIn(kinds: readonly ContainerKind[], asked: readonly ContainerKind[]): boolean {
  for (const kind of asked) if (!kinds.includes(kind)) return false;
  return true;
}
