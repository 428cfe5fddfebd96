/** A container that only sleeps ends at SIGTERM. */
import { pathOf, type Container } from '../core/pod.ts';
import { isPidOneElsewhere, READ_FOR_STOPS } from '../core/process/container-stop.ts';
import { quotedPidOne } from '../core/process/possibility.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { killSecondsOf } from '../core/shutdown.ts';
import { SERVING_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

type MessageId = 'sleeps';

export default defineRule<Record<string, never>, MessageId>({
  meta: {
    id: 'stoppable-sleep',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'A container that only sleeps (`sleep infinity`, `tail -f /dev/null`, `cat`) ends at SIGTERM.',
      harm: 'As PID 1, `sleep` has no handler for SIGTERM: each deletion and each drain waits for the whole grace period.',
      why: [
        'Such containers are there to be entered, or to be left alone. As PID 1, `sleep` has no handler for SIGTERM: nothing is',
        'lost when it is killed, but each deletion and each drain of its node waits the whole grace period for it, 30 s by',
        'default. Where somebody chose a period of 5 s or less, there is nothing to wait for. They are kept apart from servers that lose SIGTERM (`init-process`) because only time is at stake.',
      ].join('\n'),
      remediation: [
        'Let a shell handle the signal: `command: [sh, -c, "trap exit TERM; sleep infinity & wait"]`; or run an init such as',
        'tini before the command. In a Pod where every container only sleeps, `terminationGracePeriodSeconds: 5` does, too. podgrace repairs nothing here.',
      ].join('\n'),
      worse: 'A container that only sleeps is as bad as it was, whatever it sleeps with and however long a grace period above 5 s is.',
      references: ['https://man7.org/linux/man-pages/man7/pid_namespaces.7.html'],
    },
    reads: [...READ_FOR_STOPS, 'spec.terminationGracePeriodSeconds', ...OPERATING_SYSTEM_FIELDS],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: SERVING_CLASSES },
    mutation: 'none',
    needs: ['images'],
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'audit', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      sleeps: {
        text: 'must end at SIGTERM, but {{program}} is PID 1 and only sleeps: nothing ends it before SIGKILL after {{graceSeconds}} s',
        fix: 'use `[sh, -c, "trap exit TERM; sleep infinity & wait"]`, or run an init such as tini as PID 1',
      },
    },
    ...NO_OPTIONS,
  },

  validate(pod, context) {
    if (pod.spec.terminationGracePeriodSeconds <= SHORT_SECONDS) return NO_VIOLATIONS;
    if (isPidOneElsewhere(pod.spec) || context.subject.operatingSystem === 'windows') return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const stop = context.facts.stopOf(reference.container);
      const { fate, isIdle, seconds } = stop;
      if (isIdle !== true || (fate !== 'swallows' && fate !== 'waits')) continue;
      // A loop of short sleeps with a trap ends between two of them.
      if (fate === 'waits' && seconds !== undefined && seconds < pod.spec.terminationGracePeriodSeconds) continue;
      (violations ??= []).push({
        message: 'sleeps',
        path: pathOf(reference).field(stop.isOfImage === true ? 'image' : placeOf(reference.container)),
        ranked: [pathOf(reference).field('command')],
        data: { program: quotedPidOne(stop), graceSeconds: killSecondsOf(pod.spec.terminationGracePeriodSeconds) },
        rank: [0],
      });
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/** Nobody waits long for a Pod that is killed after that: its volumes and its network take as long. */
const SHORT_SECONDS = 5;

/** Of an image without an entrypoint, the args are the command. */
function placeOf({ command }: Container): 'command' | 'args' {
  return command == null || command.length === 0 ? 'args' : 'command';
}
