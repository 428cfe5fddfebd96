import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import { cloneJson } from '../../src/core/json.ts';
import { checkMetadataShape, readPodShape } from '../../src/core/shape.ts';
import { runs } from '../long-tests.ts';
import { readManifests, skipWithoutCorpus } from './corpus.ts';

const CONTAINER = { name: 'web', image: 'web:1' };

/** `field message` of every problem in a Pod with this spec. */
function problemsOf(spec: unknown): string[] {
  return readPodShape({ metadata: {}, spec }).problems.map(({ path, message }) => `${path.text} ${message}`);
}

function problemsOfContainer(fields: object): string[] {
  return problemsOf({ containers: [{ ...CONTAINER, ...fields }] }).map((problem) => problem.replace('spec.containers[0].', ''));
}

void t.test('a Pod with every field that podgrace reads has the right types', (t) => {
  const exec = { command: ['sh', '-c', 'true'] };
  const probe = {
    httpGet: { port: 'http', path: '/', host: 'localhost', scheme: 'HTTP' },
    initialDelaySeconds: 5,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    terminationGracePeriodSeconds: 30,
  };
  const container = {
    ...CONTAINER,
    imagePullPolicy: 'Always',
    command: ['app'],
    args: ['--flag'],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: 1024 }, limits: { cpu: 0.5 } },
    livenessProbe: { grpc: { port: 9090, service: 'live' } },
    readinessProbe: probe,
    startupProbe: { tcpSocket: { port: 8080, host: 'localhost' } },
    lifecycle: { preStop: { sleep: { seconds: 5 } }, postStart: { exec } },
    restartPolicy: 'Always',
    volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'a', readOnly: true }],
    securityContext: { runAsUser: 1 },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  };
  const spec = {
    containers: [container],
    initContainers: [container],
    ephemeralContainers: [container],
    volumes: [
      { name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
      { name: 'host', hostPath: { path: '/data', type: 'Directory' } },
      { name: 'claim', persistentVolumeClaim: { claimName: 'a' } },
      { name: 'own', ephemeral: {} },
      { name: 'image', image: { reference: 'tini:1', pullPolicy: 'Always' } },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    tolerations: [{ key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 300 }],
    resources: { limits: { cpu: '1' } },
    shareProcessNamespace: true,
    hostPID: false,
    hostNetwork: false,
    os: { name: 'linux' },
    nodeName: 'a',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    runtimeClassName: 'gvisor',
    priorityClassName: 'high',
    securityContext: {},
  };
  t.same(problemsOf(spec), []);
  t.end();
});

void t.test('null is as good as absent where a field is optional', (t) => {
  t.same(problemsOfContainer({ command: null, args: null, resources: null, livenessProbe: null, lifecycle: { preStop: null } }), []);
  t.same(problemsOf({ containers: [], volumes: null, tolerations: null, os: null, terminationGracePeriodSeconds: null }), []);
  t.same(readPodShape({ metadata: null, spec: { containers: [] } }).problems, []);
  t.end();
});

void t.test('the API server reads null in a map or a list of texts as nothing, so it is let through', (t) => {
  t.same(problemsOfContainer({ resources: { limits: { cpu: null } }, command: ['app', null] }), []);
  t.same(problemsOf({ containers: [], nodeSelector: { zone: null } }), []);
  t.end();
});

void t.test('fields that no rule reads have types as well, as the API server decodes them', (t) => {
  const cases: readonly (readonly [spec: object, field: string])[] = [
    [{ securityContext: { runAsUser: '1000' } }, 'spec.securityContext.runAsUser'],
    [{ securityContext: { supplementalGroups: ['1'] } }, 'spec.securityContext.supplementalGroups[0]'],
    [{ securityContext: { seccompProfile: 'RuntimeDefault' } }, 'spec.securityContext.seccompProfile'],
    [{ imagePullSecrets: ['registry'] }, 'spec.imagePullSecrets[0]'],
    [{ imagePullSecrets: 'registry' }, 'spec.imagePullSecrets'],
    [{ dnsConfig: { nameservers: '10.0.0.1' } }, 'spec.dnsConfig.nameservers'],
    [{ automountServiceAccountToken: 'no' }, 'spec.automountServiceAccountToken'],
    [{ hostname: 5 }, 'spec.hostname'],
    [{ volumes: [{ name: 'a', configMap: { defaultMode: '0644' } }] }, 'spec.volumes[0].configMap.defaultMode'],
    [{ volumes: [{ name: 'a', nfs: { server: 's', path: '/', readOnly: 'true' } }] }, 'spec.volumes[0].nfs.readOnly'],
  ];
  for (const [spec, field] of cases) {
    const [problem] = problemsOf({ containers: [CONTAINER], ...spec });
    t.ok(problem?.startsWith(`${field} must be `), `${field}: ${problem ?? 'no problem'}`);
  }
  t.match(problemsOfContainer({ workingDir: 7 }), [/^workingDir must be a string/]);
  t.match(problemsOfContainer({ securityContext: { capabilities: { add: 'SYS_TIME' } } }), [
    /^securityContext.capabilities.add must be a list/,
  ]);
  t.same(problemsOf({ containers: [CONTAINER], imagePullSecrets: [null] }), [], 'which the API server accepts');
  t.same(problemsOf({ containers: [{ ...CONTAINER, ofTomorrow: 7 }], ofTomorrow: [] }), [], 'a field that nobody knows');
  t.end();
});

void t.test('what is required and missing is named', (t) => {
  t.same(problemsOf(undefined), ['spec must be an object, but is missing']);
  t.same(problemsOf({}), ['spec.containers must be a list, but is missing']);
  t.same(problemsOf({ containers: [{}] }), ['spec.containers[0].name must be a string, but is missing']);
  t.same(problemsOfContainer({ ports: [{}] }), ['ports[0].containerPort must be an integer, but is missing']);
  t.same(problemsOfContainer({ readinessProbe: { httpGet: {} } }), [
    'readinessProbe.httpGet.port must be a port number or name, but is missing',
  ]);
  t.same(problemsOfContainer({ volumeMounts: [{ name: 'a' }] }), ['volumeMounts[0].mountPath must be a string, but is missing']);
  t.same(problemsOf({ containers: [], volumes: [{}] }), ['spec.volumes[0].name must be a string, but is missing']);
  t.end();
});

void t.test('a wrong type is said with what is there', (t) => {
  t.same(problemsOf([]), ['spec must be an object, but is a list']);
  t.same(problemsOf({ containers: {} }), ['spec.containers must be a list, but is an object']);
  t.same(problemsOf({ containers: [null] }), ['spec.containers[0] must be an object, but is null']);
  t.same(problemsOfContainer({ command: 'run it' }), ['command must be a list, but is the string "run it"']);
  t.same(problemsOfContainer({ command: ['sleep', 5] }), ['command[1] must be a string, but is the number 5']);
  t.same(problemsOfContainer({ livenessProbe: { periodSeconds: '10' } }), [
    'livenessProbe.periodSeconds must be an integer of 32 bits, but is the string "10"',
  ]);
  t.same(problemsOf({ containers: [], hostPID: 'true' }), ['spec.hostPID must be true or false, but is the string "true"']);
  const withContext = (securityContext: unknown): unknown => ({ containers: [{ name: 'a', securityContext }] });
  t.same(problemsOf(withContext({ readOnlyRootFilesystem: 'true', runAsUser: '0', capabilities: { drop: ['ALL'] } })), [
    'spec.containers[0].securityContext.readOnlyRootFilesystem must be true or false, but is the string "true"',
    'spec.containers[0].securityContext.runAsUser must be an integer, but is the string "0"',
  ]);
  t.same(problemsOf({ containers: [], nodeSelector: { zone: 1 } }), ['spec.nodeSelector[zone] must be a string, but is the number 1']);
  t.same(problemsOf({ containers: [], affinity: { nodeAffinity: [] } }), ['spec.affinity.nodeAffinity must be an object, but is a list']);
  t.same(problemsOf({ containers: [], securityContext: [] }), ['spec.securityContext must be an object, but is a list']);
  t.same(problemsOf({ containers: [], tolerations: [{ tolerationSeconds: 1.5 }] }), [
    'spec.tolerations[0].tolerationSeconds must be an integer, but is the number 1.5',
  ]);
  t.end();
});

void t.test('a long value is cut in the message', (t) => {
  const [problem = ''] = problemsOfContainer({ command: 'x'.repeat(100_000) });
  t.equal(problem, `command must be a list, but is the string "${'x'.repeat(40)}"…`);
  t.end();
});

void t.test('of 250,000 wrong labels the first 20 are named, and the others counted', (t) => {
  const labels = Object.fromEntries(Array.from({ length: 250_000 }, (_, at) => [`label-${at}`, at]));
  const problems = readPodShape({ metadata: { labels }, spec: { containers: [CONTAINER] } }).problems;
  t.equal(problems.length, 21);
  const texts = problems.map(({ path, message }) => `${path.text} ${message}`);
  t.equal(texts[0], 'metadata.labels[label-0] must be a string, but is the number 0');
  t.equal(texts[20], ' must have the right type in 249980 more fields');
  const inWorkload = checkMetadataShape({ labels: Object.fromEntries(Object.entries(labels).slice(0, 21)) });
  t.equal(inWorkload.at(-1)?.path.text, 'metadata');
  t.equal(inWorkload.at(-1)?.message, 'must have the right type in 1 more field');
  t.end();
});

void t.test('a long key is cut in the field', (t) => {
  const [problem] = readPodShape({ metadata: { labels: { ['k'.repeat(10_000)]: 1 } }, spec: { containers: [CONTAINER] } }).problems;
  t.equal(problem?.path.text, `metadata.labels[${'k'.repeat(317)}]`);
  t.end();
});

void t.test('numbers of probes are of 32 bits, as those that the API server decodes', (t) => {
  const timeout = (timeoutSeconds: number): string[] => problemsOfContainer({ livenessProbe: { timeoutSeconds } });
  t.same(timeout(2 ** 31 - 1), []);
  t.same(timeout(-(2 ** 31)), []);
  t.same(timeout(-0), []);
  t.same(timeout(2 ** 31), ['livenessProbe.timeoutSeconds must be an integer of 32 bits, but is the number 2147483648']);
  t.same(timeout(0.5), ['livenessProbe.timeoutSeconds must be an integer of 32 bits, but is the number 0.5']);
  t.end();
});

void t.test('a quantity is a text or a number that parses', (t) => {
  const memory = (value: unknown): string[] => problemsOfContainer({ resources: { limits: { memory: value } } });
  for (const value of ['1Gi', '0', 0, 512, 0.1, '1e3', '-1']) t.same(memory(value), [], String(value));
  t.same(memory('1 GB'), ['resources.limits[memory] must be a quantity such as 500m or 1Gi, but is "1 GB"']);
  t.same(memory(''), ['resources.limits[memory] must be a quantity such as 500m or 1Gi, but is ""']);
  t.same(memory(true), ['resources.limits[memory] must be a quantity, but is the boolean true']);
  t.same(memory([]), ['resources.limits[memory] must be a quantity, but is a list']);
  t.same(problemsOf({ containers: [], volumes: [{ name: 'a', emptyDir: { sizeLimit: 'big' } }] }), [
    'spec.volumes[0].emptyDir.sizeLimit must be a quantity such as 500m or 1Gi, but is "big"',
  ]);
  t.end();
});

void t.test('a port is a number or a name', (t) => {
  t.same(problemsOfContainer({ readinessProbe: { tcpSocket: { port: 'http' } } }), []);
  t.same(problemsOfContainer({ readinessProbe: { tcpSocket: { port: null } } }), [
    'readinessProbe.tcpSocket.port must be a port number or name, but is null',
  ]);
  t.same(problemsOfContainer({ readinessProbe: { grpc: { port: 'http' } } }), [
    'readinessProbe.grpc.port must be an integer, but is the string "http"',
  ]);
  t.end();
});

void t.test('every problem is listed, not the first alone', (t) => {
  t.same(problemsOf({ containers: [{ name: 1 }, { name: 'b', args: {} }], initContainers: 'none', restartPolicy: 0 }), [
    'spec.containers[0].name must be a string, but is the number 1',
    'spec.containers[1].args must be a list, but is an object',
    'spec.initContainers must be a list, but is the string "none"',
    'spec.restartPolicy must be a string, but is the number 0',
  ]);
  t.end();
});

void t.test('metadata may be missing, but has the right types where it is there', (t) => {
  t.same(checkMetadataShape(undefined), []);
  t.same(checkMetadataShape(null), []);
  t.same(
    checkMetadataShape({ name: 'a', labels: { a: 'b', c: null }, annotations: null, managedFields: [{ fieldsV1: { 'f:spec': {} } }] }),
    [],
  );
  const problemsOf = (metadata: unknown): object[] =>
    checkMetadataShape(metadata).map(({ path, message }) => ({ field: path.text, message }));
  t.same(problemsOf('web'), [{ field: 'metadata', message: 'must be an object, but is the string "web"' }]);
  t.same(problemsOf({ ownerReferences: [{ apiVersion: 'v1', kind: 'Node', controller: 'yes' }] }), [
    { field: 'metadata.ownerReferences[0].name', message: 'must be a string, but is missing' },
    { field: 'metadata.ownerReferences[0].controller', message: 'must be true or false, but is the string "yes"' },
  ]);
  t.end();
});

/** One value inside a document is replaced by another. */
function replaced(doc: unknown, place: number, value: unknown): unknown {
  const copy: unknown = cloneJson({ doc });
  const holders: [Record<string, unknown>, string][] = [];
  const collect = (holder: object): void => {
    for (const [key, member] of Object.entries(holder)) {
      holders.push([holder as Record<string, unknown>, key]);
      if (typeof member === 'object' && member !== null) collect(member as object);
    }
  };
  collect(copy as object);
  const [holder, key = ''] = holders[place % holders.length] ?? [];
  if (holder !== undefined) holder[key] = value;
  return (copy as { doc: unknown }).doc;
}

void t.test('what passes can be given its defaults; what does not has a problem that is named', { skip: skipWithoutCorpus() }, (t) => {
  const fitting = readPodShape({ spec: { containers: [] } }).problems;
  const pods = readManifests()
    .map(({ doc }) => doc)
    .filter((doc) => (doc as { kind?: unknown }).kind === 'Pod');
  const outcomes = { passed: 0, refused: 0 };
  fc.assert(
    fc.property(fc.nat(pods.length - 1), fc.nat(), fc.jsonValue({ maxDepth: 2 }), (index, place, value) => {
      const pod = replaced(pods[index], place, value);
      const problems = readPodShape(pod).problems;
      // The same list each time where all fits: one of its own means that something does not.
      if (problems === fitting) applyDefaults(pod, 'pod', 36);
      else assert.ok(problems.length > 0 && problems.every(({ message }) => message.startsWith('must be ')));
      const read = readPodShape(pod).readable;
      assert.equal(readPodShape(read).problems, fitting, 'what can be read has the right types');
      applyDefaults(read, 'pod', 36);
      outcomes[problems === fitting ? 'passed' : 'refused'] += 1;
    }),
    { numRuns: runs(10_000) },
  );
  t.ok(Math.min(outcomes.passed, outcomes.refused) > runs(1000), JSON.stringify(outcomes));
  t.end();
});

void t.test('values of environment variables are texts, as the API server demands', (t) => {
  const pod = (env: unknown): object => ({ spec: { containers: [{ name: 'web', env }] } });
  t.same(
    readPodShape(
      pod([
        { name: 'A', value: 'true' },
        { name: 'B', valueFrom: {} },
        { name: 'C', value: null },
      ]),
    ).problems,
    [],
  );
  for (const [value, words] of [
    [true, 'the boolean true'],
    [1, 'the number 1'],
    [['x'], 'a list'],
  ] as const) {
    const problems = readPodShape(pod([{ name: 'A', value }])).problems.map(({ path, message }) => `${path.text} ${message}`);
    t.equal(problems.length, 1);
    t.match(problems[0], `spec.containers[0].env[0].value must be a string`);
    t.match(problems[0], words);
  }
  t.end();
});

void t.test('what has the wrong type is left out of what can be read, and the rest is the same', (t) => {
  const [limits, probe] = [{ memory: '1Gi' }, { periodSeconds: 5 }];
  const pod = {
    metadata: { labels: { a: 'b', c: 7 }, annotations: 'none' },
    spec: {
      containers: [
        { name: 'web', image: 1, resources: { limits, requests: { cpu: 'one', memory: null } }, livenessProbe: probe, unknown: [1] },
        { name: 'sidecar', readinessProbe: { httpGet: { path: '/' } } },
      ],
      tolerations: 'all',
    },
  };
  const read = readPodShape(pod).readable;
  t.same(read, {
    metadata: { labels: { a: 'b' } },
    spec: {
      containers: [
        { name: 'web', resources: { limits, requests: { memory: null } }, livenessProbe: probe, unknown: [1] },
        { name: 'sidecar', readinessProbe: { httpGet: { path: '/', port: 0 } } },
      ],
    },
  });
  t.same(readPodShape(read).problems, [], 'rules can rely on the types');
  t.equal((read as typeof pod).spec.containers[0]?.livenessProbe, probe, 'what fits is shared');
  t.end();
});

void t.test('where there has to be something, there is what the API server reads in place of nothing', (t) => {
  t.same(readPodShape(null).readable, { spec: { containers: [] } });
  t.same(readPodShape({ spec: { containers: {} } }).readable, { spec: { containers: [] } });
  t.same(readPodShape({ spec: { containers: [null, 'web', {}] } }).readable, {
    spec: { containers: [{ name: '' }, { name: '' }, { name: '' }] },
  });
  t.same(readPodShape({ spec: { containers: [], volumes: [{ name: 'a', persistentVolumeClaim: 'claim' }] } }).readable, {
    spec: { containers: [], volumes: [{ name: 'a', persistentVolumeClaim: {} }] },
  });
  t.end();
});

void t.test('a Pod that can be read is the one that was given', (t) => {
  const pod = { spec: { containers: [{ name: 'web' }] } };
  t.equal(readPodShape(pod).readable, pod);
  t.end();
});
