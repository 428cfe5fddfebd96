/** Commands are written so that the kubelet executes what their author means. */
import type { FieldPath } from '../core/path.ts';
import { pathOf, PROBE_KINDS, type Container, type ContainerReference, type LifecycleHandler, type Maybe } from '../core/pod.ts';
import { asEntrypoint } from '../core/process/entrypoint-spelling.ts';
import { execFormFaultOf, operatorInArgs, type ExecFormFault } from '../core/process/exec-form.ts';
import { isShell } from '../core/process/shells.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

/** Where commands stand in a container. */
const COMMAND_FIELDS = [
  'command',
  'args',
  'image',
  'lifecycle.postStart.exec',
  'lifecycle.preStop.exec',
  ...PROBE_KINDS.map((kind) => `${kind}.exec`),
];

type MessageId =
  | 'noProgram'
  | 'oneWord'
  | 'operators'
  | 'operatorsInArgs'
  | 'variable'
  | 'builtin'
  | 'noOption'
  | 'noScript'
  | 'optionAndScript'
  | 'wordsAfterScript'
  | 'noShell';

export default defineRule<Record<string, never>, MessageId>({
  meta: {
    id: 'exec-form',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'Commands of containers, hooks and probes have one list element for each word, and a shell where they need one.',
      harm: 'No shell reads a command that is a list: a line of shell in it is looked up as a program, or is passed on as plain arguments.',
      why: [
        'A command is a list: its first element names a program, each further element is an argument, and no shell reads any of',
        'them. `["sleep 10"]` looks for a program of that name; `["sleep", "10", "&&", "app"]` passes `&&` to sleep, and `["sh", "/start.sh", "&&", "app"]` to the script; `["sh",',
        '"-c", "sleep", "10"]` runs `sleep` without a number, because the word after the script is `$0`. If a hook fails like',
        'that, the kubelet records an event and goes on: the delay or the drain never takes place. A probe like that fails for',
        'ever, or tests nothing. The kubelet puts the value of `$(NAME)` into the commands of containers and probes, and not into those of',
        'hooks; `$NAME`, `${NAME}` and `$(cat /run/pid)` are left to a shell everywhere: `["kill", "$(cat /run/pid)"]` stops nobody.',
      ].join('\n'),
      remediation: [
        'Write one element per word, or `[sh, -c, "…"]` with the whole line as one element where the command needs a shell:',
        'operators, pipes, redirections, variables. The finding has the right spelling. podgrace changes nothing here, as only',
        'the author knows what was meant.',
      ].join('\n'),
      worse: [
        'Each command is compared with itself. One of which nothing runs is worse than one that runs with words it cannot use',
        '(operators, words after the script); apart from that, one fault is as bad as another.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
        'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations',
      ],
    },
    reads: [
      ...COMMAND_FIELDS.flatMap((field) => [`spec.containers[*].${field}`, `spec.initContainers[*].${field}`]),
      ...OPERATING_SYSTEM_FIELDS,
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar', 'init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      noProgram: {
        text: 'must name a program',
        fix: 'write the program and each of its arguments as an element of the list',
      },
      oneWord: {
        text: 'must have one element for each word: a program with the name `{{word}}` is looked for, and there is none',
        fix: 'write `{{spelling}}`',
      },
      operators: {
        text: 'must go through a shell: the program gets `{{word}}` as an argument',
        fix: 'write `{{spelling}}`',
      },
      operatorsInArgs: {
        text: 'must go through a shell: the program gets `{{word}}` as an argument',
        fix: 'write {{correction}}',
        onlyWarns: true,
      },
      variable: {
        text: 'must go through a shell: the program gets `{{word}}` as text, not its value',
        fix: 'write `{{spelling}}`',
      },
      builtin: {
        text: 'must go through a shell: `{{word}}` is a word of the shell and no program',
        fix: 'write `{{spelling}}`',
      },
      noOption: {
        text: 'must have `-c` before the script: the shell looks for a file with the name `{{word}}`, and there is none',
        fix: 'write `{{spelling}}`',
      },
      noScript: {
        text: 'must have a script after `{{word}}`',
        fix: 'write the script as one element after it',
      },
      optionAndScript: {
        text: 'must have `-c` and the script as two elements: the shell takes `{{word}}` for options, and refuses them',
        fix: 'write `{{spelling}}`',
      },
      wordsAfterScript: {
        text: 'must be one script: the shell takes `{{word}}` for the parameters `$0`, `$1`, … of the script, which does not use them',
        fix: 'write `{{spelling}}`',
      },
      noShell: {
        text: 'must not need a shell: the image `{{image}}` has none',
        fix: 'write the program and each of its arguments as an element of the list, or take an image that has a shell',
      },
    },
    ...NO_OPTIONS,
  },

  validate(_pod, context) {
    // Windows starts a command line, and its folders have blanks in their names.
    if (context.subject.operatingSystem === 'windows') return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      for (const command of COMMANDS) {
        const found = judge(command, reference, context);
        if (found !== undefined) (violations ??= []).push(found);
      }
      const found = ofArgs(reference, context);
      if (found !== undefined) (violations ??= []).push(found);
    }
    return violations ?? NO_VIOLATIONS;
  },
});

interface Command {
  /** In the container. */
  readonly place: readonly string[];
  /** @returns undefined where the container has none */
  readonly argvOf: (container: Container) => Maybe<readonly string[]>;
  readonly isHook?: true;
}

/** Every command that a container may have: its entrypoint as far as the spec has it, its hooks, its probes. */
const COMMANDS: readonly Command[] = [
  { place: ['command'], argvOf: entrypointOf },
  ...(['postStart', 'preStop'] as const).map((hook): Command => ({
    place: ['lifecycle', hook, 'exec', 'command'],
    argvOf: ({ lifecycle }) => wordsOf(lifecycle?.[hook]),
    isHook: true,
  })),
  ...PROBE_KINDS.map((kind): Command => ({ place: [kind, 'exec', 'command'], argvOf: (container) => wordsOf(container[kind]) })),
];

function entrypointOf({ command, args }: Container): Maybe<readonly string[]> {
  if (command == null || command.length === 0) return undefined;
  return args == null || args.length === 0 ? command : [...command, ...args];
}

function wordsOf(handler: Maybe<Pick<LifecycleHandler, 'exec'>>): Maybe<readonly string[]> {
  return handler?.exec == null ? undefined : (handler.exec.command ?? []);
}

function judge(
  { place, argvOf, isHook }: Command,
  reference: ContainerReference,
  context: RuleContext<unknown>,
): Violation<MessageId> | undefined {
  const argv = argvOf(reference.container);
  if (argv == null) return undefined;
  for (const word of context.each(argv)) context.read(word);
  const fault = execFormFaultOf(argv, isHook !== true, context.work);
  if (fault !== undefined) {
    const rank = [STILL_RUNS.has(fault.kind) ? 0 : 1];
    const spelling = place[0] === 'command' ? fault.spelling && asEntrypoint(fault.spelling, (text) => context.read(text)) : fault.spelling;
    return { message: MESSAGES[fault.kind], path: placeOf(reference, place), ...dataOf({ ...fault, spelling }), rank };
  }
  const { image } = reference.container;
  if (!isShell(argv) || context.facts.images.factsOf(image).sh !== 'none') return undefined;
  return { message: 'noShell', path: placeOf(reference, place), data: { image: image ?? '' }, rank: [1] };
}

/** Arguments for what the image starts; a script of the image may put them together for a shell, so this only warns. */
function ofArgs(reference: ContainerReference, context: RuleContext<unknown>): Violation<MessageId> | undefined {
  const { command, args } = reference.container;
  if (args == null || (command != null && command.length > 0)) return undefined;
  for (const word of context.each(args)) context.read(word);
  const word = operatorInArgs(args, context.work);
  if (word === undefined) return undefined;
  const data = { word: shortened(word, MAX_SHOWN), correction: correctionOfArgs(word, args, context) };
  return { message: 'operatorsInArgs', path: pathOf(reference).field('args'), data, rank: [0] };
}

/** Where they name a shell themselves, it needs one script; else the program of the image is no shell. */
function correctionOfArgs(word: string, args: readonly string[], context: RuleContext<unknown>): string {
  const spelling = isShell(args) ? execFormFaultOf(args, true, context.work)?.spelling : undefined;
  if (spelling !== undefined) return `\`${shortened(JSON.stringify(asEntrypoint(spelling, (text) => context.read(text))), MAX_SHOWN)}\``;
  return `the whole line, with the program of the image, into \`command\` (\`["sh", "-c", "…"]\`) and remove \`args\`, or remove \`${shortened(word, MAX_SHOWN)}\``;
}

const MESSAGES: Readonly<Record<ExecFormFault['kind'], MessageId>> = {
  'no program': 'noProgram',
  'one word': 'oneWord',
  operators: 'operators',
  variable: 'variable',
  argument: 'variable',
  builtin: 'builtin',
  'no -c': 'noOption',
  'no script': 'noScript',
  'option and script': 'optionAndScript',
  'words after the script': 'wordsAfterScript',
};

/** What runs without what its author meant by the rest; of the others nothing runs. */
const STILL_RUNS: ReadonlySet<ExecFormFault['kind']> = new Set(['operators', 'argument', 'words after the script']);

function placeOf(reference: ContainerReference, steps: readonly string[]): FieldPath {
  return steps.reduce((path, step) => path.field(step), pathOf(reference));
}

/** How much of a command a message repeats. */
const MAX_SHOWN = 160;

/** Where nobody knows what is meant: `["sh", "&&", "app"]`. */
const SOME_SCRIPT = '["sh","-c","…"]';

function dataOf({ kind, word, spelling }: ExecFormFault): Pick<Violation, 'data'> {
  if (kind === 'no program') return {};
  const shown = shortened(word, MAX_SHOWN);
  if (kind === 'no script') return { data: { word: shown } };
  return { data: { word: shown, spelling: spelling === undefined ? SOME_SCRIPT : shortened(JSON.stringify(spelling), MAX_SHOWN) } };
}
