/** What the stop signal does to a container of a Pod, with all that the Pod says about it. */
import type { Container, PodSpec } from '../pod.ts';
import type { ImageConfiguration } from '../surroundings.ts';
import type { Work } from '../work.ts';
import { ImageKnowledge } from './image-knowledge.ts';
import { shellsIn, type ImageFacts } from './images.ts';
import { expandedByKubelet, holdsReference } from './kubelet-expansion.ts';
import { S6_INIT, stopVerdictOf } from './pid-one.ts';
import type { Cause, StopVerdict } from './possibility.ts';
import { programName } from './argv.ts';

/** What decides what a container does at its stop signal, for `meta.reads` of the rules that judge by it. */
export const READ_FOR_STOPS = [
  'spec.containers[*].command',
  'spec.containers[*].args',
  'spec.containers[*].env',
  'spec.containers[*].image',
  'spec.containers[*].lifecycle.stopSignal',
  'spec.containers[*].stdin',
  'spec.containers[*].tty',
  'spec.initContainers[*].command',
  'spec.initContainers[*].args',
  'spec.initContainers[*].env',
  'spec.initContainers[*].image',
  'spec.initContainers[*].lifecycle.stopSignal',
  'spec.initContainers[*].stdin',
  'spec.initContainers[*].tty',
  'spec.shareProcessNamespace',
  'spec.hostPID',
] as const;

/** Whether the first process of a container is another PID than 1: the Pod's pause container is that, or the node's init. */
export function isPidOneElsewhere({ shareProcessNamespace, hostPID }: PodSpec): boolean {
  return shareProcessNamespace === true || hostPID === true;
}

/**
 * What happens to a container that has a PID namespace of its own, at its stop signal: SIGTERM, or what the image says by
 * STOPSIGNAL. `lifecycle.stopSignal` (KEP-4960) counts only where the API server keeps it: its gate is off by default up to
 * 1.37, and the field is dropped without a word then. So both are asked, and where they differ the verdict depends on it.
 */
export function containerStopOf(container: Container, images = ImageKnowledge.BUILT_IN, work?: Work): StopVerdict {
  const { command, args, image } = container;
  const facts = images.factsOf(image);
  if (command == null || command.length === 0) return stopOfImage(container, images, work);
  const argv = expandedByKubelet(args == null ? command : [...command, ...args], container, work);
  if (argv === undefined || holdsReference(argv[0] ?? '')) return UNKNOWN_PROGRAM;
  return stopOf(container, argv, facts, work);
}

/** The image's own command says it, where its configuration is known and can be followed; else what is known by the image's name. */
function stopOfImage(container: Container, images: ImageKnowledge, work: Work | undefined): StopVerdict {
  const { image } = container;
  const facts = images.factsOf(image);
  const configuration = images.configurationOf(image);
  const byName = stopByName(container, facts, work);
  if (configuration === undefined) return byName ?? UNKNOWN_ENTRYPOINT;
  if (!configuration.isKnown) return byName ?? { ...UNKNOWN_ENTRYPOINT, reason: configuration.reason };
  const args = expandedByKubelet(container.args ?? [], container, work);
  if (args === undefined) return UNKNOWN_PROGRAM;
  const argv = imageCommandOf(configuration.value, args);
  if (argv.length === 0) return { ...UNKNOWN_ENTRYPOINT, reason: 'the image has neither ENTRYPOINT nor CMD' };
  const verdict = stopOf(container, argv, facts, work);
  return verdict.fate === 'unknown' && byName !== undefined ? byName : { ...verdict, isOfImage: true };
}

/** By what is known of the name of an image; undefined where that does not tell. */
function stopByName(container: Container, facts: ImageFacts, work: Work | undefined): StopVerdict | undefined {
  const { entrypoint } = facts;
  if (entrypoint === undefined) return undefined;
  if (entrypoint === 'init') return { fate: 'ends', pidOne: '', cause: 'init' };
  const ofArgs = stopOfArgs(container, facts, work);
  if (entrypoint === 'none') return ofArgs;
  // Such an entrypoint runs what its args name, unless they are options of the application: `nginx` and `sleep 1d`.
  return ofArgs === undefined || ofArgs.fate === 'ends' || isOption(container.args)
    ? { fate: 'ends', pidOne: '', cause: 'application' }
    : UNKNOWN_ENTRYPOINT;
}

/** What the args do as a command; undefined where there are none. */
function stopOfArgs(container: Container, facts: ImageFacts, work: Work | undefined): StopVerdict | undefined {
  const { args } = container;
  if (args == null || args.length === 0) return undefined;
  const argv = expandedByKubelet(args, container, work);
  return argv === undefined || holdsReference(argv[0] ?? '') ? UNKNOWN_PROGRAM : stopOf(container, argv, facts, work);
}

function isOption(args: Container['args']): boolean {
  return args?.[0]?.startsWith('-') === true;
}

/**
 * What a container without a command starts: ENTRYPOINT, and CMD unless the container has args. Mirrors containerd
 * `WithProcessArgs` (internal/cri/opts): an ENTRYPOINT of one empty text is none.
 *
 * @returns empty where the image has neither: it cannot be started
 */
function imageCommandOf({ entrypoint, cmd }: ImageConfiguration, args: readonly string[]): readonly string[] {
  const first = entrypoint.length === 1 && entrypoint[0] === '' ? [] : entrypoint;
  return first.concat(args.length === 0 ? cmd : args);
}

/** @param argv what the container starts */
function stopOf({ lifecycle, stdin, tty }: Container, argv: readonly string[], facts: ImageFacts, work: Work | undefined): StopVerdict {
  const hasInput = stdin === true || tty === true;
  const asked = lifecycle?.stopSignal;
  const sh = shellsIn(facts);
  const signal = signalName(facts.stopSignal);
  const usual = stopVerdictOf(argv, undefined, { sh, signal, hasInput, work });
  if (typeof asked !== 'string' || asked === '') return usual;
  const chosen = stopVerdictOf(argv, undefined, { sh, signal: signalName(asked), hasInput, work });
  if (chosen.fate === usual.fate) return usual;
  return { ...(usual.fate === 'ends' ? chosen : usual), fate: 'depends', on: 'stop signal' };
}

const UNKNOWN_PROGRAM: StopVerdict = { fate: 'unknown', pidOne: '', cause: 'variable' };
const UNKNOWN_ENTRYPOINT: StopVerdict = { fate: 'unknown', pidOne: '', cause: 'image' };

function signalName(signal: string | undefined): string | undefined {
  return signal?.replace(/^SIG/, '');
}

/** Whether the spec says what a container starts: by its command, or by its args where the image has no entrypoint. */
function startsWordsOfSpec({ command, args, image }: Container, images: ImageKnowledge): boolean {
  if (command != null && command.length > 0) return true;
  return args != null && args.length > 0 && images.factsOf(image).entrypoint === 'none';
}

/**
 * Whether a container may be moved to a shared process namespace, where it is not PID 1: s6-overlay, systemd and the like refuse to
 * run there, and what an entrypoint or a script starts that is not in the spec nobody knows.
 *
 * @param stop what happens to it at its stop signal, where that is at hand
 */
export function mayShareProcessNamespace(
  container: Container,
  images = ImageKnowledge.BUILT_IN,
  stop: StopVerdict = containerStopOf(container, images),
): boolean {
  const { command, args, image } = container;
  const { needsPidOne, entrypoint } = images.factsOf(image);
  if (!startsWordsOfSpec(container, images)) {
    // Without args, an image that has no entrypoint starts its CMD, which is not in the spec.
    return needsPidOne === false || (entrypoint !== undefined && entrypoint !== 'none' && needsPidOne !== true);
  }
  return !OF_UNKNOWN_PROGRAMS.has(stop.cause) && !startsInit([...(command ?? []), ...(args ?? [])]);
}

const OF_UNKNOWN_PROGRAMS: ReadonlySet<Cause> = new Set(['file', 'variable', 'unreadable']);

/** Inits that refuse to be anything but PID 1: systemd(1), runit(8), those of sysvinit, OpenRC and busybox, and s6-overlay's preinit. */
const STRICT_INITS: ReadonlySet<string> = new Set(['init', 'systemd', 'runit', 'runit-init', 'openrc-init', 's6-linux-init', 'preinit']);

/** Whether a command names such an init, as its program, or by its path in any of its words or scripts. */
function startsInit(words: readonly string[]): boolean {
  const [program = '', applet = ''] = words;
  const name = programName(program);
  if (STRICT_INITS.has(name === 'busybox' ? applet : name)) return true;
  return words.some((word) => word.split(BETWEEN_PATHS).some((path) => path === S6_INIT || (OF_SYSTEM.test(path) && isStrictInit(path))));
}

function isStrictInit(path: string): boolean {
  return STRICT_INITS.has(programName(path));
}

const BETWEEN_PATHS = /[^\w./-]+/;
const OF_SYSTEM = /^\/(?:usr\/)?(?:s?bin|lib|package)\//;
