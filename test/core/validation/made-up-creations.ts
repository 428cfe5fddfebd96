/**
 * Workloads whose names, labels or selectors are wrong from the start, and what the API server says of them, read in its code at 1.36.3;
 * `test/cluster/invalid-object.test.ts` asks one.
 */
import type { JsonObject } from '../../../src/core/json.ts';
import { web, workload, type MadeUpWorkload } from './made-up-workloads.ts';

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: web() };
const RUNNING = { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE };
const called = (metadata: object, object: JsonObject): JsonObject => ({ ...object, metadata });
const kind = (name: string, spec: object): JsonObject => workload('apps/v1', name, { template: TEMPLATE, ...spec });
const deployment = (metadata: object): JsonObject => called(metadata, kind('Deployment', RUNNING));
const cronJob = (name: string): JsonObject => {
  const template = { spec: web({}, { restartPolicy: 'Never' }) };
  return called({ name }, workload('batch/v1', 'CronJob', { schedule: '0 * * * *', jobTemplate: { spec: { template } } }));
};

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const NO_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LABELS = '{"app":"web"}';
const UNSELECTED = `spec.template.metadata.labels: Invalid value: ${LABELS}: \`selector\` does not match template \`labels\``;

export const MADE_UP_CREATIONS: readonly MadeUpWorkload[] = [
  { name: 'a Deployment as it should be', object: deployment({ name: 'web.shop' }), invalid: [] },
  {
    name: 'a name in upper case',
    object: deployment({ name: 'Web' }),
    invalid: [`metadata.name: Invalid value: "Web": ${NO_SUBDOMAIN}`],
  },
  {
    name: 'a name that is too long',
    object: deployment({ name: 'w'.repeat(254) }),
    invalid: [`metadata.name: Invalid value: "${'w'.repeat(254)}": must be no more than 253 characters`],
  },
  { name: 'no name', object: deployment({}), invalid: ['metadata.name: Required value: name or generateName is required'] },
  {
    name: 'a StatefulSet with a dot in its name',
    object: called({ name: 'db.shop' }, kind('StatefulSet', { ...RUNNING, serviceName: 'db' })),
    invalid: ['metadata.name: Invalid value: "db.shop": must not contain dots'],
  },
  { name: 'a CronJob of 52 characters', object: cronJob('c'.repeat(52)), invalid: [] },
  {
    name: 'a CronJob of 53 characters',
    object: cronJob('c'.repeat(53)),
    invalid: [`metadata.name: Invalid value: "${'c'.repeat(53)}": must be no more than 52 characters`],
  },
  // One at a time: the API server goes through labels, a map of Go, in another order each time.
  {
    name: 'a label whose key is none',
    object: deployment({ name: 'web', labels: { 'my app': 'web', tier: 'a' } }),
    invalid: [`metadata.labels: Invalid value: "my app": ${NO_KEY}`],
  },
  {
    name: 'a label whose value is none',
    object: deployment({ name: 'web', labels: { app: 'web', tier: 'a b' } }),
    invalid: [`metadata.labels: Invalid value: "a b": ${NO_VALUE}`],
  },
  {
    name: 'annotations in upper case, and one that is none',
    object: deployment({ name: 'web', annotations: { 'Example.com/Owner': 'a b', 'my owner': 'a' } }),
    invalid: [`metadata.annotations: Invalid value: "my owner": ${NO_KEY}`],
  },
  {
    name: 'labels and annotations of a template that are none',
    object: kind('Deployment', {
      selector: RUNNING.selector,
      template: { metadata: { labels: { app: 'web', tier: 'a b' }, annotations: { 'my owner': 'a' } }, spec: web() },
    }),
    invalid: [`spec.template.labels: Invalid value: "a b": ${NO_VALUE}`, `spec.template.annotations: Invalid value: "my owner": ${NO_KEY}`],
  },
  { name: 'a Deployment without a selector', object: kind('Deployment', {}), invalid: ['spec.selector: Required value', UNSELECTED] },
  { name: 'a ReplicaSet without a selector', object: kind('ReplicaSet', {}), invalid: ['spec.selector: Required value', UNSELECTED] },
  {
    name: 'a StatefulSet without a selector',
    object: kind('StatefulSet', { serviceName: 'web' }),
    invalid: ['spec.selector: Required value', UNSELECTED],
  },
  { name: 'a DaemonSet without a selector', object: kind('DaemonSet', {}), invalid: [UNSELECTED] },
  {
    name: 'a Deployment that selects all Pods',
    object: kind('Deployment', { selector: {} }),
    invalid: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  },
  {
    name: 'a ReplicaSet that selects all Pods',
    object: kind('ReplicaSet', { selector: {} }),
    invalid: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  },
  {
    name: 'a StatefulSet that selects all Pods',
    object: kind('StatefulSet', { selector: {}, serviceName: 'web' }),
    invalid: ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  },
  {
    name: 'a DaemonSet that selects all Pods',
    object: kind('DaemonSet', { selector: {} }),
    invalid: ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  },
];
