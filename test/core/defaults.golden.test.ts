import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import { readPodShape } from '../../src/core/shape.ts';
import { equalJson, type JsonObject } from '../../src/core/json.ts';
import { templatesIn, WorkloadKinds, type WorkloadKind } from '../../src/core/workload.ts';
import { atLeast } from '../long-tests.ts';
import { readGolden, skipWithoutGolden, type GoldenAnswer } from './golden.ts';
import { podSpec } from './stored-form.ts';

/** The version that gave the answers. */
const MINOR = 36;
const KINDS = new WorkloadKinds();

function kindOf({ posted }: GoldenAnswer): WorkloadKind {
  const kind = KINDS.templates(posted.apiVersion, posted.kind)[0];
  if (kind === undefined) throw new Error(`no template in ${posted.apiVersion} ${posted.kind}`);
  return kind;
}

function acceptedOf(name: 'pods' | 'workloads'): (GoldenAnswer & { readonly kind: WorkloadKind })[] {
  const accepted = readGolden(name).filter(({ code }) => code === 201);
  return accepted.map((answer) => ({ ...answer, kind: kindOf(answer) }));
}

const filesOf = (answers: readonly GoldenAnswer[]): string[] => answers.map(({ file }) => file);

const targetOf = (kind: WorkloadKind): 'pod' | 'template' => (kind.templatePath.length > 0 ? 'template' : 'pod');

function read(object: JsonObject | undefined, kind: WorkloadKind): JsonObject {
  const template = object && templatesIn(object, kind)[0]?.template;
  if (template === undefined) throw new Error('no template');
  return template;
}

/** Fields whose type is wrong in the corpus and that podgrace never looks at. */
const OTHERS_FIELD = /FCVolumeSource|runAsUser|DeploymentSpec\.spec\.(?:replicas|selector)|LabelSelector|parsing time/;

for (const name of ['pods', 'workloads'] as const) {
  void t.test(`${name}: fills in what a real API server filled in`, { skip: skipWithoutGolden() }, (t) => {
    const accepted = acceptedOf(name);
    t.ok(accepted.length > atLeast(4000), `${accepted.length} answers`);
    const different = accepted.filter(({ posted, stored, kind }) => {
      const filled = podSpec(applyDefaults(read(posted, kind), targetOf(kind), MINOR).spec);
      return !equalJson(filled, podSpec(read(stored, kind)['spec']));
    });
    t.same(filesOf(different), []);
    t.end();
  });

  void t.test(`${name}: has nothing to add to what a real API server stored`, { skip: skipWithoutGolden() }, (t) => {
    const changed = acceptedOf(name).filter(({ stored, kind }) => {
      const { spec } = read(stored, kind);
      return applyDefaults({ metadata: {}, spec }, targetOf(kind), MINOR).spec !== spec;
    });
    t.same(filesOf(changed), []);
    t.end();
  });

  void t.test(`${name}: the shape check accepts what a real API server accepted`, { skip: skipWithoutGolden() }, (t) => {
    const refused = acceptedOf(name).filter(({ posted, kind }) => readPodShape(read(posted, kind)).problems.length > 0);
    t.same(filesOf(refused), []);
    t.end();
  });

  void t.test(`${name}: the shape check refuses what could not be decoded`, { skip: skipWithoutGolden() }, (t) => {
    const undecodable = readGolden(name).filter(({ code, message = '' }) => code === 400 && !OTHERS_FIELD.test(message));
    t.ok(undecodable.length >= atLeast(10), `${undecodable.length} of them`);
    const unnoticed = undecodable.filter((answer) => readPodShape(read(answer.posted, kindOf(answer))).problems.length === 0);
    t.same(filesOf(unnoticed), []);
    t.end();
  });
}
