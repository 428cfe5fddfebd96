/** What goes through a list of the object counts it, so that a long one ends with the time that there is. */
import t from 'tap';
import { claimTemplatesOf } from '../../src/core/claimed-volumes.ts';
import { readCompanion } from '../../src/core/companion.ts';
import { completeTemplate } from '../../src/core/custom-template.ts';
import { equalJson } from '../../src/core/json.ts';
import { readJobBounds } from '../../src/core/job-bounds.ts';
import { ANY } from '../../src/core/path.ts';
import { execFormFaultOf, operatorInArgs } from '../../src/core/process/exec-form.ts';
import { isSameToRules } from '../../src/core/update-scope.ts';
import { OutOfTimeError, Work } from '../../src/core/work.ts';
import { BUILT_IN_KINDS, templatesIn } from '../../src/core/workload.ts';

const LENGTH = 1_000;
const many = <T>(make: (at: number) => T): T[] => Array.from({ length: LENGTH }, (_, at) => make(at));
const named = (make: (at: number) => unknown): object => Object.fromEntries(many((at) => [`k${at}`, make(at)] as const));

const statefulSet = (volumeClaimTemplates: unknown): Record<string, unknown> => ({
  ...{ apiVersion: 'apps/v1', kind: 'StatefulSet' },
  spec: { volumeClaimTemplates },
});
const job = (rules: unknown): Record<string, unknown> => ({ podFailurePolicy: { rules } });
const farm = (groups: unknown): Record<string, unknown> => ({ spec: { groups } });
const companion =
  (name: string, spec: object) =>
  (work: Work): unknown =>
    readCompanion(name, { metadata: { name: 'web' }, spec }, work);
const scaled = { scaleTargetRef: { name: 'web' } };
const deployment = (): object => ({ spec: { template: { spec: { containers: many((at) => ({ name: `c${at}` })) } } } });
const kindOf = (name: string): typeof BUILT_IN_KINDS => BUILT_IN_KINDS.filter(({ group, kind }) => kind === name && group === 'apps');
const placesIn = { ofPods: [], ofTemplates: [], ofWorkloads: new Map() };
const words =
  (...argv: string[]) =>
  (work: Work): unknown =>
    execFormFaultOf(argv, true, work);

const GOES_THROUGH: Readonly<Record<string, (work: Work) => unknown>> = {
  'claim templates': (work) => claimTemplatesOf(statefulSet(many(() => ({}))), work),
  'access modes of a claim template': (work) =>
    claimTemplatesOf(statefulSet([{ metadata: { name: 'a' }, spec: { accessModes: many(() => 'a') } }]), work),
  'rules of a podFailurePolicy': (work) => readJobBounds(job(many(() => ({}))), ['spec'], work),
  'conditions of a rule of a podFailurePolicy': (work) => readJobBounds(job([{ onPodConditions: many(() => ({})) }]), ['spec'], work),
  'labels of a budget': companion('policy/PodDisruptionBudget', { selector: { matchLabels: named(() => 'a') } }),
  'expressions of a budget': companion('policy/PodDisruptionBudget', {
    selector: { matchExpressions: many(() => ({ key: 'a', operator: 'Exists' })) },
  }),
  'values of an expression of a budget': companion('policy/PodDisruptionBudget', {
    selector: { matchExpressions: [{ key: 'a', operator: 'In', values: many(() => 'a') }] },
  }),
  'metrics of an autoscaler': companion('autoscaling/HorizontalPodAutoscaler', { ...scaled, metrics: many(() => ({})) }),
  'triggers of a ScaledObject': companion('keda.sh/ScaledObject', { ...scaled, triggers: many(() => ({})) }),
  "templates in a list of a kind of the policy's own": (work) =>
    templatesIn(farm(many(() => ({ template: {} }))), { templatePath: ['spec', 'groups', ANY, 'template'] }, work),
  "templates in a map of a kind of the policy's own": (work) =>
    templatesIn(farm(named(() => ({ template: {} }))), { templatePath: ['spec', 'groups', ANY, 'template'] }, work),
  "containers in a template of a kind of the policy's own": (work) =>
    completeTemplate({ spec: { containers: many(() => ({ name: 'a' })) } }, work),
  'elements of equal lists': (work) =>
    equalJson(
      many((at) => at),
      many((at) => at),
      work,
    ),
  'members of equal maps': (work) =>
    equalJson(
      named((at) => at),
      named((at) => at),
      work,
    ),
  'containers that an update leaves as they were': (work) =>
    isSameToRules({ object: deployment(), oldObject: deployment() }, kindOf('Deployment'), placesIn, work),
  'words of a program': words('kill', ...many(() => 'a')),
  'words with an operator': words('app', '&&', ...many(() => 'a')),
  'words with a variable': words('sleep', ...many(() => 'a'), '$A'),
  'words in quotes': words("'app'", ...many(() => 'a')),
  'words after a script': words('sh', '/run.sh', ...many(() => 'a')),
  'words of env': words('env', ...many(() => 'A=b'), 'app'),
  'arguments of an image': (work) =>
    operatorInArgs(
      many(() => 'a'),
      work,
    ),
};

for (const [what, goThrough] of Object.entries(GOES_THROUGH)) {
  void t.test(`${what}: a long list ends with the time that there is`, (t) => {
    t.throws(() => goThrough(new Work(() => true)), OutOfTimeError);
    t.doesNotThrow(() => goThrough(new Work(() => false)));
    t.end();
  });
}
