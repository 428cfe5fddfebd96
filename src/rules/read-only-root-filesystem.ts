/** Containers write nothing to their root file system. */
import { pathOf } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

type MessageId = 'writable';

export default defineRule<object, MessageId>({
  meta: {
    id: 'read-only-root-filesystem',
    since: '0.1.0',
    category: 'storage',
    docs: {
      summary: 'The root file system of a container is read-only; what it writes goes into volumes.',
      harm: 'What a container writes outside its volumes is lost at its next restart; with a read-only root file system, the mistake shows at the first start.',
      why: [
        'What a container writes beside its volumes is gone at its next restart, also without a new Pod: a session store, an upload',
        'folder, a database with a wrong path. It lies in the node’s layer storage, which is slow and has no bound of its own. With a',
        'read-only root file system such a mistake shows at the first start, and not with the first crash.',
      ].join('\n'),
      firesOn: ['a main container, sidecar or init container without `securityContext.readOnlyRootFilesystem: true`'],
      leavesAlone: [
        'Windows Pods, where the field is not supported',
        'ephemeral containers',
        'whether a volume is there for what is written',
      ],
      remediation: [
        'Set `readOnlyRootFilesystem: true`, and mount an emptyDir with a `sizeLimit` where the application writes: `/tmp`, a cache, its',
        'run folder. podgrace does not set it: a program that cannot write to its old place may not start.',
      ].join('\n'),
      worse: 'A container that can write is as bad as any other that can.',
      shipped: { baseline: 0, production: 0, strict: 493 },
      references: ['https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'],
    },
    reads: [
      'spec.containers[*].securityContext.readOnlyRootFilesystem',
      'spec.initContainers[*].securityContext.readOnlyRootFilesystem',
      ...OPERATING_SYSTEM_FIELDS,
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar', 'init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'off', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      writable: {
        text: 'must be true, but is {{value}}: what the container writes outside its volumes is gone when it restarts',
        fix: 'set `readOnlyRootFilesystem: true`, with an emptyDir where the application has to write, such as /tmp',
      },
    },
    ...NO_OPTIONS,
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const value = reference.container.securityContext?.['readOnlyRootFilesystem'];
      if (value === true) continue;
      if (violations === undefined && context.subject.operatingSystem === 'windows') return NO_VIOLATIONS;
      violations ??= [];
      violations.push({
        message: 'writable',
        path: pathOf(reference).field('securityContext', 'readOnlyRootFilesystem'),
        data: { value: value === false ? 'false' : 'not set' },
        rank: [0],
      });
    }
    return violations ?? NO_VIOLATIONS;
  },
});
