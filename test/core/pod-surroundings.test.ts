import t from 'tap';
import { podSurroundingsOf } from '../../src/core/pod-surroundings.ts';
import { readSubject } from '../../src/core/subject.ts';
import { NOTHING_KNOWN, type ResourceQuota, type Service } from '../../src/core/surroundings.ts';
import { trustIn } from '../../src/admission/submission.ts';
import { presetPolicy } from '../../src/config/presets.ts';

void t.test('what is about the Pods of a workload, and what is not known', (t) => {
  const { kinds, kubernetesMinor } = presetPolicy('production');
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } };
  const trust = trustIn({ origin: { from: 'file' }, kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }, kinds);
  const reading = readSubject(object, { kinds, kubernetesMinor, trust });
  if (reading.outcome !== 'subject') throw new Error(reading.outcome);
  const autoscaler = (name: string): object => ({
    name: `of-${name}`,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
  });
  const around = podSurroundingsOf(reading.subject, {
    ...NOTHING_KNOWN,
    services: {
      isKnown: true,
      value: [
        { name: 'web', selector: { app: 'web' } },
        { name: 'api', selector: { app: 'api' } },
        { name: 'headless', selector: {} },
      ],
    },
    podDisruptionBudgets: { isKnown: true, value: [{ name: 'all', selector: {}, minAvailable: 1, maxUnavailable: undefined }] },
    autoscalers: { isKnown: true, value: [autoscaler('api'), autoscaler('web')] as never },
  });
  t.match(around, {
    services: { isKnown: true, value: ['web'] },
    podDisruptionBudgets: { isKnown: true, value: ['all'] },
    autoscaler: { isKnown: true, value: { name: 'of-web' } },
    resourceQuotas: { isKnown: false, reason: /has not read the ResourceQuotas/ },
  });
  t.end();
});

void t.test('the Pods of a StatefulSet have names where the Service of `serviceName` selects them', (t) => {
  const { kinds, kubernetesMinor } = presetPolicy('production');
  const namesWith = (serviceName: string | undefined, value?: readonly Service[]): unknown => {
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
    const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'web' }, spec: { serviceName, template } };
    const trust = trustIn({ origin: { from: 'file' }, kind: { group: 'apps', version: 'v1', kind: 'StatefulSet' } }, kinds);
    const reading = readSubject(object, { kinds, kubernetesMinor, trust });
    if (reading.outcome !== 'subject') throw new Error(reading.outcome);
    const services = value === undefined ? NOTHING_KNOWN.services : ({ isKnown: true, value } as const);
    const { podNames } = podSurroundingsOf(reading.subject, { ...NOTHING_KNOWN, services });
    return podNames?.isKnown === true ? podNames.value : podNames?.isKnown;
  };
  t.equal(namesWith('peers', [{ name: 'peers', selector: { app: 'web' } }]), 'own');
  t.equal(namesWith('peers', [{ name: 'web', selector: { app: 'web' } }]), 'none');
  t.equal(namesWith('peers', [{ name: 'peers', selector: { app: 'db' } }]), 'others');
  t.equal(namesWith('peers', [{ name: 'peers', selector: {} }]), 'own', 'somebody else may write its endpoints');
  t.equal(namesWith('peers'), false, 'not known');
  t.equal(namesWith(undefined, []), undefined);
  t.end();
});

void t.test('a quota lets no Pod be made whose containers do not set what it counts', (t) => {
  const { kinds, kubernetesMinor } = presetPolicy('production');
  const quota = (name: string, hard: object): ResourceQuota => ({ name, hard, used: {}, scopes: [] }) as ResourceQuota;
  const refusing = (requests: object): unknown => {
    const container = { name: 'web', image: 'web:1', resources: { requests } };
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [container, { ...container, name: 'log' }] },
    };
    const trust = trustIn({ origin: { from: 'file' }, kind: { group: '', version: 'v1', kind: 'Pod' } }, kinds);
    const reading = readSubject(object, { kinds, kubernetesMinor, trust });
    if (reading.outcome !== 'subject') throw new Error(reading.outcome);
    const value = [quota('counts-pods', { pods: '5' }), quota('counts-cpu', { 'requests.cpu': '2', pods: '5' })];
    return podSurroundingsOf(reading.subject, { ...NOTHING_KNOWN, resourceQuotas: { isKnown: true, value } }).refusingQuotas;
  };
  const unset = ['web', 'log'].map((container) => ({ container, amount: 'requests.cpu' }));
  t.same(refusing({ memory: '1Gi' }), { isKnown: true, value: [{ name: 'counts-cpu', unset }] });
  t.same(refusing({ cpu: '1' }), { isKnown: true, value: [] });
  t.end();
});
