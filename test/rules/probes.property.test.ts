/** What holds for any Pod and any options: the probe rules repair without bringing anything that one of them objects to. */
import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { Catalogue } from '../../src/core/catalogue.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import type { Finding } from '../../src/core/finding.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import type { RuleSettingDocument } from '../../src/core/rule-setting.ts';
import { PROBE_KINDS, SPEC, type Pod, type ProbeKind } from '../../src/core/pod.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import probeDefaults from '../../src/rules/probe-defaults.ts';
import probeTiming from '../../src/rules/probe-timing.ts';
import readinessProbe from '../../src/rules/readiness-probe.ts';
import startupProbe from '../../src/rules/startup-probe.ts';
import { mutate, validate } from '../core/evaluating.ts';
import { FROM_USER } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { findInvalid } from './api-validation.ts';

const VERSION = '1.36';
const CIRCUMSTANCES = { nowMs: 0 };
const catalogue = new Catalogue([probeTiming, probeDefaults, readinessProbe, startupProbe]);

function policyWith(rules: Readonly<Record<string, RuleSettingDocument>>): Policy {
  const spec = { preset: 'strict' as const, kubernetesVersion: VERSION, rules };
  return new Policy({ apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec }, catalogue);
}

/** Options within the schemas, of which those that no Pod could keep together are left out: a detection that `probe-timing` refuses. */
const readinessOptions = fc
  .record({
    initialDelaySeconds: fc.nat(60),
    periodSeconds: fc.integer({ min: 1, max: 40 }),
    timeoutSeconds: fc.integer({ min: 1, max: 40 }),
    failureThreshold: fc.integer({ min: 1, max: 6 }),
  })
  .filter(({ periodSeconds, failureThreshold }) => periodSeconds * failureThreshold <= 90);
const timeoutSeconds = fc.integer({ min: 1, max: 20 });
const patient = fc.record(
  { timeoutSeconds, periodSeconds: fc.integer({ min: 10, max: 30 }), failureThreshold: fc.integer({ min: 3, max: 20 }) },
  { requiredKeys: [] },
);
const quick = fc.record(
  { timeoutSeconds, periodSeconds: fc.integer({ min: 1, max: 10 }), failureThreshold: fc.integer({ min: 1, max: 3 }) },
  { requiredKeys: [] },
);
const anyPolicy = fc
  .record({
    readiness: readinessOptions,
    defaults: fc.record({ livenessProbe: patient, readinessProbe: quick, startupProbe: patient }, { requiredKeys: [] }),
  })
  .map(({ readiness, defaults }) =>
    policyWith({
      'readiness-probe': { mutation: 'apply', options: readiness },
      'probe-defaults': { mutation: 'apply', options: defaults },
    }),
  );
const presetOptions = policyWith({ 'readiness-probe': { mutation: 'apply' } });

const port = fc.record({ containerPort: fc.integer({ min: 1, max: 65535 }), protocol: fc.constantFrom('TCP', 'UDP', 'SCTP', undefined) });
const handler = fc.constantFrom(
  { httpGet: { port: 8080, path: '/healthz' } },
  { tcpSocket: { port: 'http' } },
  { grpc: { port: 9090 } },
  { exec: { command: ['check'] } },
);

function probe(kind: ProbeKind): fc.Arbitrary<object> {
  const numbers = fc.record(
    {
      initialDelaySeconds: fc.nat(90),
      timeoutSeconds: fc.nat(40),
      periodSeconds: fc.nat(60),
      failureThreshold: fc.nat(20),
      ...(kind === 'readinessProbe' && { successThreshold: fc.integer({ min: 1, max: 4 }) }),
      ...(kind !== 'readinessProbe' && { terminationGracePeriodSeconds: fc.integer({ min: 1, max: 60 }) }),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(handler, numbers).map(([how, when]) => ({ ...how, ...when }));
}
const container = fc.record(
  {
    ports: fc.array(port, { maxLength: 3 }),
    livenessProbe: probe('livenessProbe'),
    readinessProbe: probe('readinessProbe'),
    startupProbe: probe('startupProbe'),
  },
  { requiredKeys: [] },
);

/** Evidence that a client sent some of the probe numbers of the container `main0`. */
const applied = fc
  .subarray(PROBE_KINDS.flatMap((kind) => ['timeoutSeconds', 'periodSeconds', 'failureThreshold'].map((field) => [kind, field] as const)))
  .map((sent) => {
    const probes: Record<string, Record<string, object>> = {};
    for (const [kind, field] of sent) (probes[`f:${kind}`] ??= {})[`f:${field}`] = {};
    return [{ manager: 'deployer', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"main0"}': probes } } } }];
  });

const anyPod = fc
  .record({
    mains: fc.array(container, { minLength: 1, maxLength: 3 }),
    sidecars: fc.array(container, { maxLength: 2 }),
    managedFields: applied,
  })
  .map(({ mains, sidecars, managedFields }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'any', managedFields },
    spec: {
      containers: mains.map((main, index) => ({ name: `main${index}`, image: 'any:1', ...main })),
      initContainers: sidecars.map((sidecar, index) => ({ name: `sidecar${index}`, image: 'any:1', restartPolicy: 'Always', ...sidecar })),
    },
  }));

function read(object: object): Subject {
  const reading = readSubject(object, { kinds: new WorkloadKinds(), kubernetesMinor: 36, trust: FROM_USER });
  assert.equal(reading.outcome, 'subject');
  return reading.subject;
}

function repaired(policy: Policy, subject: Subject): Pod {
  const { pod, errored } = mutate(policy, subject, CIRCUMSTANCES);
  assert.deepEqual(errored, []);
  return pod;
}

void t.test('what is repaired passes the API server’s validation and has all its defaults', (t) => {
  fc.assert(
    fc.property(anyPolicy, anyPod, (policy, object) => {
      const pod = repaired(policy, read(object));
      assert.deepEqual(findInvalid(pod, VERSION), []);
      assert.equal(applyDefaults(pod, 'pod', 36), pod);
    }),
  );
  t.end();
});

void t.test('a second repair finds nothing to do', (t) => {
  fc.assert(
    fc.property(anyPolicy, anyPod, (policy, object) => {
      const subject = read(object);
      const pod = repaired(policy, subject);
      const again = mutate(policy, read({ ...object, spec: pod.spec }), CIRCUMSTANCES);
      assert.deepEqual([...again.patch], []);
    }),
  );
  t.end();
});

void t.test('no violation is left that a repair is for', (t) => {
  fc.assert(
    fc.property(anyPolicy, anyPod, (policy, object) => {
      const subject = read(object);
      const left = validate(policy, subject, CIRCUMSTANCES, repaired(policy, subject));
      const repairable = left.filter(({ rule, messageId }) => rule === 'probe-defaults' || messageId === 'missing');
      assert.deepEqual(repairable, []);
    }),
  );
  t.end();
});

/** Findings that were not there before, or are worse. */
function introduced(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  return after.filter(({ identity, rank }) => {
    const earlier = before.find((finding) => finding.identity === identity);
    return earlier === undefined || rank?.some((part, index) => part > (earlier.rank?.[index] ?? 0));
  });
}

void t.test('a repair brings no violation of any of the three rules, and makes none worse', (t) => {
  fc.assert(
    fc.property(fc.oneof(anyPolicy, fc.constant(presetOptions)), anyPod, (policy, object) => {
      const subject = read(object);
      const before = validate(policy, subject, CIRCUMSTANCES);
      const after = validate(policy, subject, CIRCUMSTANCES, repaired(policy, subject));
      assert.deepEqual(introduced(before, after), []);
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('a repair touches nothing that somebody chose', (t) => {
  fc.assert(
    fc.property(anyPolicy, anyPod, (policy, object) => {
      const subject = read(object);
      const pod = repaired(policy, subject);
      for (const [index, { name, ...before }] of subject.pod.spec.containers.entries()) {
        for (const kind of PROBE_KINDS) {
          const probe = before[kind];
          if (probe == null) continue;
          for (const field of ['timeoutSeconds', 'periodSeconds', 'failureThreshold'] as const) {
            const isDefault = probe[field] === { timeoutSeconds: 1, periodSeconds: 10, failureThreshold: 3 }[field];
            const wasSent = subject.provenance.wasSent(SPEC.field('containers').at(index, { name }).field(kind, field));
            if (!isDefault || wasSent) assert.equal(pod.spec.containers[index]?.[kind]?.[field], probe[field]);
          }
        }
      }
    }),
  );
  t.end();
});
