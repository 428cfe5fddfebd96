/** The logs of a container are bounded. */
import { unboundedDiskOf, type UnboundedDisk } from '../core/file-disk.ts';
import {
  boundsLogs,
  detailOfFlag,
  detailOfVariable,
  flagAt,
  isLogFile,
  logFileOf,
  type LogDetail,
  type NamedValue,
} from '../core/log-setting.ts';
import { oncePer } from '../core/once-per.ts';
import type { FieldPath } from '../core/path.ts';
import { pathOf, type Container, type ContainerReference, type Pod } from '../core/pod.ts';
import type { RunningCommand } from '../core/process/running-command.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';

interface Options {
  readonly detailedLevels: readonly string[];
  readonly maxVerbosity: number;
}

type MessageId = 'detailed' | 'detailedFile' | 'redirected' | 'file';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'log-volume',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'A long-running container logs to its standard output, and not in every detail.',
      harm: 'Debug output pushes the line that explains a crash out of the log that the kubelet keeps, and a log file in the container fills the disk of the node.',
      why: [
        'The kubelet keeps 5 files of 10Mi of the standard output of a container (`containerLogMaxFiles`,',
        '`containerLogMaxSize`). That cannot fill a disk, but at the level `debug` it may be the last few minutes only, and the',
        'line that explains a crash is gone. Each line is also collected, stored and paid for. Nothing rotates a log that a',
        'script writes into a file. The file grows until the disk of the node is full: from 85 % on, the kubelet deletes images',
        'and evicts other Pods.',
      ].join('\n'),
      firesOn: [
        'a flag or a literal variable that sets the level `debug`, `trace` or a finer one for the whole program: `--log-level=debug`, `LOG_LEVEL=TRACE`',
        'klog’s verbosity from 6 on, which logs every request: `--v=8`, `-v=10`, `--zap-log-level=6`',
        'a script that sends what it writes into a log on the disk of the node, with `>`, `>>` or `tee`, where neither the volume nor the container has a limit',
        'a flag or variable that names a file for logs on such a disk: recorded as unknown, because the program may rotate it',
        'a detailed level of a container that also names a file for its logs: recorded as unknown, because the file may be kept longer',
      ],
      leavesAlone: [
        'the levels of parts of a program: `--log_output_level=default:info,ads:debug`, `RUST_LOG=warn,app=debug`',
        'values that come from a ConfigMap, and numbers as levels in variables: 10 is trace here and nothing there',
        'files in an emptyDir with a `sizeLimit` or in memory, in claims, and of containers with a limit for `ephemeral-storage`',
        'scripts that write into a folder of the host: the node may rotate it, so that is recorded as unknown',
        'Pods in which something rotates logs, by the words of a command or the name of an image',
        'Jobs, init containers and ephemeral containers: their logs end with them',
        'commands behind a condition, what is over in a moment, and what the same flag or variable overrides later',
      ],
      remediation: [
        'Log to the standard output at the level `info`, and take the level from a ConfigMap, so that it can be raised while you look for',
        'something. A program that only writes files gets a volume with a `sizeLimit`, and a sidecar that reads the file and rotates it.',
      ].join('\n'),
      worse:
        'A log that nothing bounds is worse than one with too much detail, and the finest level is worse than `debug`. A container is compared with itself.',
      shipped: { baseline: 10, production: 10, strict: 10 },
      references: [
        'https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation',
        'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
        'https://github.com/kubernetes/community/blob/master/contributors/devel/sig-instrumentation/logging.md',
      ],
    },
    reads: [
      'spec.volumes[*].name',
      'spec.volumes[*].emptyDir',
      'spec.volumes[*].hostPath',
      ...['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => [
        `spec.${list}[*].image`,
        `spec.${list}[*].command`,
        `spec.${list}[*].args`,
      ]),
      ...['containers', 'initContainers'].flatMap((list) => [
        `spec.${list}[*].env`,
        `spec.${list}[*].resources.limits`,
        `spec.${list}[*].volumeMounts`,
        `spec.${list}[*].securityContext`,
      ]),
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: ['service', 'stateful', 'daemon', 'pod', 'operator', 'static'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      detailed: {
        text: 'must not log every detail for good, but {{setting}} does: logs are rotated by size, so what explains a crash is soon gone',
        fix: 'set it to {{instead}}, best from a ConfigMap, and raise it only while you look for something',
      },
      detailedFile: {
        text: 'must not log every detail for good, but {{setting}} does: the container also names a file for its logs, and the spec does not say how much that file keeps',
        fix: 'set it to {{instead}} where the file is rotated soon, and raise it only while you look for something',
      },
      redirected: {
        text: 'must log to the standard output, but the script writes into {{file}} on the disk of the node: nobody rotates it and nothing bounds it',
        fix: 'remove the redirection, as the kubelet rotates the standard output; or give the container a limit for `ephemeral-storage`',
      },
      file: {
        text: 'must have a bound, but {{setting}} writes a log to the disk of the node: the spec does not say whether somebody rotates it',
        fix: 'log to the standard output, which the kubelet rotates, or make sure that the program or the node rotates the file',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        detailedLevels: {
          type: 'array',
          maxItems: 50,
          items: { type: 'string', minLength: 1, maxLength: 50 },
          description: 'The levels that are too detailed; upper and lower case are the same.',
        },
        maxVerbosity: {
          type: 'integer',
          minimum: 0,
          maximum: 999,
          description: 'The highest number that `--v` and `--zap-log-level` may have.',
        },
      },
    },
    defaultOptions: { detailedLevels: ['debug', 'trace', 'finest', 'silly', 'all'], maxVerbosity: 5 },
  },

  validate(pod, context) {
    const violations: Violation<MessageId>[] = [];
    for (const reference of context.containers()) judge(reference, pod, context, violations);
    return violations.length === 0 ? NO_VIOLATIONS : violations;
  },
});

/** @param violations of the Pod, to which those of this container are added */
function judge(reference: ContainerReference, pod: Pod, context: RuleContext<Options>, violations: Violation<MessageId>[]): void {
  const { container } = reference;
  const hasWords = hasWordsAboutLogs(container, context);
  const ofVariables = settingsOfVariables(container, context);
  if (!hasWords && ofVariables.length === 0) return;
  const commands = hasWords ? context.facts.runningCommandsOf(container) : [];
  const settings = settingsOfWords(commands, context);
  for (const setting of ofVariables) settings.push(setting);
  if (settings.length === 0 && commands.length === 0) return;
  addTooDetailed(reference, settings, context.options, violations);
  addUnboundedFiles(reference, pod, context, { commands, settings, violations });
}

/** If the program also has a file for its log, nobody knows how much that file keeps. */
function addTooDetailed(
  reference: ContainerReference,
  settings: readonly Setting[],
  options: Options,
  violations: Violation<MessageId>[],
): void {
  let hasOwnLog: boolean | undefined;
  for (const setting of settings) {
    const { detail } = setting;
    if (detail === undefined || !isTooDetailed(detail, options)) continue;
    hasOwnLog ??= settings.some((other) => other.file !== undefined && !OF_REQUESTS.test(textOf(other)));
    const path = placeOf(setting, reference);
    const data = { setting: shortened(textOf(setting)), instead: 'level' in detail ? '`info`' : `${Math.min(2, options.maxVerbosity)}` };
    if (hasOwnLog) violations.push({ message: 'detailedFile', path, data, unknown: true });
    else violations.push({ message: 'detailed', path, data, rank: [0, finenessOf(detail)], ranked: [pathOf(reference)] });
  }
}

/** Log files that nothing bounds: the one into which a script writes, and those that settings name. */
function addUnboundedFiles(
  reference: ContainerReference,
  pod: Pod,
  context: RuleContext<Options>,
  { commands, settings, violations }: Collected,
): void {
  const { container } = reference;
  const named = settings.filter(({ file }) => file !== undefined && unboundedDiskOf(file, container, pod.spec, context) !== undefined);
  const [redirected, disk] = redirectedOf(commands, container, pod, context) ?? [];
  if ((redirected === undefined && named.length === 0) || rotatesLogs(context)) return;
  if (redirected !== undefined) {
    const path = placeOfWords(reference);
    if (disk === 'node')
      violations.push({ message: 'redirected', path, data: { file: shortened(redirected) }, rank: [1], ranked: [pathOf(reference)] });
    else violations.push({ message: 'file', path, data: { setting: shortened(redirected) }, unknown: true });
  }
  for (const setting of named)
    violations.push({ message: 'file', path: placeOf(setting, reference), data: { setting: shortened(textOf(setting)) }, unknown: true });
}

interface Collected {
  readonly commands: readonly RunningCommand[];
  readonly settings: readonly Setting[];
  readonly violations: Violation<MessageId>[];
}

/** Logs of requests, beside the log of the program itself: `--audit-log-path`, `ACCESS_LOG_FILE`. */
const OF_REQUESTS = /^[^=/]*(?:audit|access)/i;

/** A flag or a variable. Most are no problem: the text and the place are made for those that are. */
interface Setting {
  readonly named: NamedValue;
  /** The word of a flag, with or without its value. */
  readonly word: string | undefined;
  /** The place of a variable in its list. */
  readonly index: number | undefined;
  readonly detail: LogDetail | undefined;
  readonly file: string | undefined;
}

/** As the spec has it: `--log-level=debug`. */
function textOf({ word, named: { name, value } }: Setting): string {
  return word === name ? `${name} ${value}` : `${name}=${value}`;
}

function placeOf({ index, named: { name } }: Setting, reference: ContainerReference): FieldPath {
  return index === undefined ? placeOfWords(reference) : pathOf(reference).field('env').at(index, { name }).field('value');
}

function placeOfWords(reference: ContainerReference): FieldPath {
  const { command } = reference.container;
  return pathOf(reference).field(command == null || command.length === 0 ? 'args' : 'command');
}

/** Whether the commands of a container can say something of logs: those of most do not. */
function hasWordsAboutLogs({ command, args }: Container, context: RuleContext<Options>): boolean {
  for (const word of context.each(command)) if (MAY_MATTER.test(word)) return true;
  for (const word of context.each(args)) if (MAY_MATTER.test(word)) return true;
  return false;
}

const MAY_MATTER = /log|-v|[>|]/i;

/** Of a flag that is there twice, the last one counts. */
function settingsOfWords(commands: readonly RunningCommand[], context: RuleContext<Options>): Setting[] {
  if (commands.length === 0) return [];
  const byName = new Map<string, Setting>();
  for (const { words } of commands) {
    let index = -1;
    for (const word of context.each(words)) {
      index += 1;
      const flag = flagAt(words, index);
      if (flag === undefined) continue;
      const detail = detailOfFlag(flag);
      const file = logFileOf(flag);
      if (detail === undefined && file === undefined) continue;
      byName.set(flag.name, { named: flag, word, index: undefined, detail, file });
    }
  }
  return [...byName.values()];
}

/** Of a variable that is there twice, the last one counts as well. Those that can be no problem are left out: nearly all. */
function settingsOfVariables({ env }: Container, context: RuleContext<Options>): readonly Setting[] {
  let byName: Map<string, Setting> | undefined;
  let index = -1;
  for (const { name, value } of context.each(env)) {
    index += 1;
    if (!/log/i.test(name)) continue;
    byName?.delete(name);
    if (value == null || value === '') continue;
    const named = { name, value };
    const file = logFileOf(named);
    const detail = detailOfVariable(named);
    if (file === undefined && (detail === undefined || !isTooDetailed(detail, context.options))) continue;
    (byName ??= new Map()).set(name, { named, word: undefined, index, detail, file });
  }
  return byName === undefined ? NO_SETTINGS : [...byName.values()];
}

const NO_SETTINGS: readonly Setting[] = [];

function isTooDetailed(detail: LogDetail, options: Options): boolean {
  return 'level' in detail ? levelsOf(options).has(detail.level) : detail.verbosity > options.maxVerbosity;
}

/** In lower case. */
const levelsOf = oncePer(({ detailedLevels }: Options): ReadonlySet<string> => new Set(detailedLevels.map((level) => level.toLowerCase())));

/** From 8 on klog has the contents of requests. */
function finenessOf(detail: LogDetail): number {
  return ('level' in detail ? detail.level !== 'debug' : detail.verbosity >= 8) ? 1 : 0;
}

/** The first file that a script writes its log into, and whose disk it is on. */
function redirectedOf(
  commands: readonly RunningCommand[],
  container: Container,
  pod: Pod,
  context: RuleContext<Options>,
): readonly [file: string, disk: UnboundedDisk] | undefined {
  for (const { files } of commands) {
    for (const file of files) {
      const disk = isLogFile(file) ? unboundedDiskOf(file, container, pod.spec, context) : undefined;
      if (disk !== undefined) return [file, disk];
    }
  }
  return undefined;
}

/** Once for all containers of a Pod: each may name files, and one that rotates them does so for the others as well. */
const rotatesLogs = oncePer((context: RuleContext<Options>) => {
  for (const { container } of context.each(context.facts.containers)) {
    if (container.image?.includes('logrotate') === true) return true;
    for (const word of context.each(container.command)) if (boundsLogs(word)) return true;
    for (const word of context.each(container.args)) if (boundsLogs(word)) return true;
  }
  return false;
});
