import t from 'tap';
import { PodFacts } from '../../src/core/pod-facts.ts';
import { subjectOf } from './subject-of.ts';

void t.test('one command that is a hook and a probe is read as each of them', (t) => {
  const { pod } = subjectOf({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: {
      containers: [{ name: 'web', image: 'registry.example/web:1', lifecycle: { preStop: { exec: { command: ['sleep', '$(DRAIN)'] } } } }],
    },
  });
  const [container] = pod.spec.containers;
  const command = container?.lifecycle?.preStop;
  if (container === undefined || command == null) throw new Error('no hook');
  const facts = new PodFacts(pod);
  t.equal(facts.hookOf(command, container).duration.certainty, 'exact', 'nobody puts the value in, and it fails at once');
  t.equal(facts.hookOf(command, container, { isProbe: true }).duration.certainty, 'open', 'the kubelet puts the value in');
  t.end();
});
