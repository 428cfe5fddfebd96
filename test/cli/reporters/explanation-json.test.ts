import t from 'tap';
import { explanationJson } from '../../../src/cli/reporters/explanation-json.ts';
import { NOTHING_KNOWN, type Autoscaler } from '../../../src/core/surroundings.ts';
import { explanationOf } from '../../offline/explanations.ts';
import { workload } from './explanation/lines.ts';

void t.test('an autoscaler is given with its kind: two of one name scale in different ways', async (t) => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const explained = async (kind: Pick<Autoscaler, 'kind'>): Promise<object> => {
    const autoscaler: Autoscaler = { ...kind, name: 'load', scaleTargetRef, minReplicas: 0, maxReplicas: 9 };
    const known = { ...NOTHING_KNOWN, autoscalers: { isKnown: true, value: [autoscaler] } } as const;
    return explanationJson(await explanationOf(workload('Deployment'), { around: () => Promise.resolve(known) }));
  };
  const numbers = { name: 'load', minReplicas: 0, maxReplicas: 9 };
  t.match(await explained({}), { around: { autoscaler: { kind: 'HorizontalPodAutoscaler', ...numbers } } });
  t.match(await explained({ kind: 'ScaledObject' }), { around: { autoscaler: { kind: 'ScaledObject', ...numbers } } });
});
