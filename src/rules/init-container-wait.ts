/** An init container that waits for something has a deadline. */
import { pathOf } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import type { Subject } from '../core/subject.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'forEver';

export default defineRule<object, MessageId>({
  meta: {
    id: 'init-container-wait',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'An init container that waits for something has a deadline.',
      harm: 'An init container that waits without end shows no event, no restart and no exit code, so nobody sees why the Pod does not start.',
      why: [
        'While an init container waits in `until …; do sleep 1; done`, the Pod shows `Init:0/1` and nothing else: no event, no restart, no',
        'exit code. A service that was renamed, or that in turn waits for this one, is found after hours. With a deadline the container',
        'fails, its restarts are counted and reported, and the rollout is known to have failed.',
      ].join('\n'),
      firesOn: [
        'an init container whose shell script, in `command` or in `args` alone, has a `while` or `until` loop that sleeps and that nothing in it ends but its condition',
      ],
      leavesAlone: [
        'loops that count, look at the time, or leave with `break`, `exit` or `return`',
        'what `timeout` runs',
        'Pods that a Job has made, of which the deadline of the Job is not known: recorded as unknown',
        'Pods with an `activeDeadlineSeconds`, their own or that of their Job',
        'sidecars and main containers, scripts that lie in the image, and a shell that is the image’s own entrypoint',
      ],
      remediation: [
        'Give it a deadline: `timeout 300 sh -c "until …; do sleep 2; done"`. Better, let the application itself try again, and tell by its',
        'readinessProbe that it cannot serve yet: then the order in which Pods start does not matter.',
      ].join('\n'),
      worse: 'A wait without a deadline is as bad as any other.',
      shipped: { baseline: 10, production: 10, strict: 10 },
      references: ['https://kubernetes.io/docs/concepts/workloads/pods/init-containers/'],
    },
    reads: ['spec.initContainers[*].command', 'spec.initContainers[*].args', 'spec.activeDeadlineSeconds', 'metadata.ownerReferences'],
    writes: [],
    appliesTo: { containers: ['init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      forEver: {
        text: 'must have a deadline, but waits in a loop that only its condition ends: the Pod stays in Init, and nothing says why',
        fix: 'run the loop with one, for example `timeout 300 sh -c "until …; do sleep 2; done"`',
      },
    },
    ...NO_OPTIONS,
  },

  validate({ spec }, context) {
    const { subject } = context;
    if (spec.activeDeadlineSeconds != null || subject.hasJobDeadline) return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      if (!context.facts.waitsForEver(reference.container)) continue;
      violations ??= [];
      const place = pathOf(reference);
      const { command } = reference.container;
      const path = place.field(command == null || command.length === 0 ? 'args' : 'command');
      violations.push(
        mayHaveDeadline(subject) ? { message: 'forEver', path, unknown: true } : { message: 'forEver', path, rank: [0], ranked: [place] },
      );
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/** The deadline of a Job ends its Pods, and is not written into them. */
function mayHaveDeadline({ isTemplate, isOwnerProven, owner }: Subject): boolean {
  return !isTemplate && isOwnerProven && owner?.kind === 'Job';
}
