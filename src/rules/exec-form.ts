/** Commands are what their words say. */
import type { FieldPath } from '../core/path.ts';
import { pathOf, PROBE_KINDS, type ContainerReference } from '../core/pod.ts';
import { execFormFaultOf, type ExecFormFault } from '../core/process/exec-form.ts';
import { imageFactsOf } from '../core/process/images.ts';
import { isShell } from '../core/process/shells.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

/** Where commands stand in a container. */
const COMMAND_FIELDS = [
  'command',
  'args',
  'image',
  'lifecycle.postStart.exec',
  'lifecycle.preStop.exec',
  ...PROBE_KINDS.map((kind) => `${kind}.exec`),
];

type MessageId = 'noProgram' | 'oneWord' | 'operators' | 'builtin' | 'noOption' | 'noScript' | 'wordsAfterScript' | 'noShell';

export default defineRule<Record<string, never>, MessageId>({
  meta: {
    id: 'exec-form',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'Commands of containers, hooks and probes execute what their words say.',
      why: [
        'A command is a list: its first element names a program, each further one is an argument, and no shell looks at any of',
        'them. `["sleep 10"]` looks for a program of that name; `["sleep", "10", "&&", "app"]` passes `&&` to sleep;',
        '`["sh", "-c", "sleep", "10"]` runs `sleep` without a number, because what follows the script is `$0`. The kubelet',
        'records the failure of such a hook as an event and goes on: the delay, the drain or the check that it stands for',
        'never takes place. A probe like that fails for ever or tests nothing.',
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
      'spec.os',
      'spec.nodeSelector',
      'spec.affinity.nodeAffinity',
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
      wordsAfterScript: {
        text: 'must be one script: the shell takes `{{word}}` for the parameters `$0`, `$1`, … of the script, which does not use them',
        fix: 'write `{{spelling}}`',
      },
      noShell: {
        text: 'must not need a shell: the image `{{image}}` has none',
        fix: 'write the program and each of its arguments as an element of the list, or take an image that has a shell',
      },
    },
    schema: { type: 'object', additionalProperties: false, properties: {} },
    defaultOptions: {},
  },

  validate(_pod, context) {
    // Windows starts a command line, and its folders have blanks in their names.
    if (context.subject.operatingSystem === 'windows') return NO_VIOLATIONS;
    const violations: Violation<MessageId>[] = [];
    for (const reference of context.containers()) {
      const { image } = reference.container;
      for (const { place, argv } of commandsOf(reference)) {
        const fault = execFormFaultOf(argv);
        if (fault !== undefined) {
          violations.push({
            message: MESSAGES[fault.kind],
            path: placeOf(reference, place),
            ...dataOf(fault),
            rank: [STILL_RUNS.has(fault.kind) ? 0 : 1],
          });
        } else if (isShell(argv) && imageFactsOf(image).sh === 'none') {
          violations.push({ message: 'noShell', path: placeOf(reference, place), data: { image: image ?? '' }, rank: [1] });
        }
      }
    }
    return violations;
  },
});

const MESSAGES: Readonly<Record<ExecFormFault['kind'], MessageId>> = {
  'no program': 'noProgram',
  'one word': 'oneWord',
  operators: 'operators',
  builtin: 'builtin',
  'no -c': 'noOption',
  'no script': 'noScript',
  'words after the script': 'wordsAfterScript',
};

/** What runs without what its author meant by the rest; of the others nothing runs. */
const STILL_RUNS: ReadonlySet<ExecFormFault['kind']> = new Set(['operators', 'words after the script']);

interface Command {
  /** In the container. */
  readonly place: readonly string[];
  readonly argv: readonly string[];
}

/** Every command of a container: its entrypoint as far as the spec has it, its hooks, its probes. */
function commandsOf({ container }: ContainerReference): Command[] {
  const { command, args, lifecycle } = container;
  const commands: Command[] = [];
  if (command != null && command.length > 0) commands.push({ place: ['command'], argv: [...command, ...(args ?? [])] });
  for (const hook of ['postStart', 'preStop'] as const) {
    const exec = lifecycle?.[hook]?.exec;
    if (exec != null) commands.push({ place: ['lifecycle', hook, 'exec', 'command'], argv: exec.command ?? [] });
  }
  for (const kind of PROBE_KINDS) {
    const exec = container[kind]?.exec;
    if (exec != null) commands.push({ place: [kind, 'exec', 'command'], argv: exec.command ?? [] });
  }
  return commands;
}

function placeOf(reference: ContainerReference, steps: readonly string[]): FieldPath {
  return steps.reduce((path, step) => path.field(step), pathOf(reference));
}

/** How much of a command a message repeats. */
const MAX_SHOWN = 160;

function dataOf({ kind, word, spelling }: ExecFormFault): Pick<Violation, 'data'> {
  if (kind === 'no program') return {};
  const shown = shortened(word);
  return { data: spelling === undefined ? { word: shown } : { word: shown, spelling: shortened(JSON.stringify(spelling)) } };
}

function shortened(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
