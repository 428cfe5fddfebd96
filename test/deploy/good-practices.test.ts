/**
 * "Admission Webhook Good Practices" of the Kubernetes documentation, point by point, as far as the manifests tell, in every
 * form that they are shipped in; good-practices.pods.test.ts has what happens to Pods. The page does not number its points:
 * GP1 to GP25, here and in the other tests of this folder, are the order in which it makes them.
 *
 * https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
 */
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { isRightToWatch, rightsToWatch } from '../../src/kube/client/surrounding-resources.ts';
import { only, RENDERINGS } from './rendered.ts';
import { Shipped, type Webhook } from './shipped.ts';

const SHIPPED = RENDERINGS.map(({ name, skip, render }) => ({ name, skip, shipped: skip === false ? new Shipped(render()) : undefined }));

/** One test for every form. */
function practice(point: string, check: (t: Test, shipped: Shipped) => void): void {
  for (const { name, skip, shipped } of SHIPPED) {
    void t.test(`${point} (${name})`, { skip }, (t) => {
      if (shipped !== undefined) check(t, shipped);
      t.end();
    });
  }
}

practice('GP1: built-in kinds only, no custom resource is validated or defaulted', (t, { webhooks }) => {
  const groups = webhooks.flatMap(({ rules }) => rules.flatMap(({ apiGroups }) => apiGroups));
  t.same(new Set(groups), new Set(['', 'apps', 'batch', 'policy', 'autoscaling']));
});

practice(
  'GP2: one mutating webhook and one validating one, besides the entries for what controllers create and for budgets and autoscalers',
  (t, { mutating, validating }) => {
    t.same(
      mutating.map(({ name }) => name),
      ['mutate.runbook.podgrace.dev'],
    );
    t.same(
      validating.map(({ name }) => name),
      ['validate.runbook.podgrace.dev', 'validate-owned.runbook.podgrace.dev', 'validate-companion.runbook.podgrace.dev'],
    );
  },
);

practice(
  'GP3: nothing is looked up while a request is judged: no right to what is judged, and to watch no more than the policy needs',
  (t, { rights }) => {
    const watched = rights.filter(({ verbs }) => verbs.some((verb) => ['list', 'watch'].includes(verb)));
    t.same(
      watched.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs })),
      rightsToWatch(presetPolicy('baseline').needs),
    );
    for (const { resources } of rights)
      for (const resource of resources) t.notMatch(resource, /^(pods|namespaces|deployments|nodes|configmaps)/);
  },
);

practice('GP5: several replicas behind a ClusterIP, spread, guarded by a budget that lets them go one by one', (t, shipped) => {
  const { replicas } = shipped.spec('Deployment') as { replicas: number };
  const isOnePersonsCluster = JSON.stringify(shipped.podSpec['containers']).includes('"cpu":"10m"');
  t.ok(replicas >= (isOnePersonsCluster ? 1 : 3));
  t.match(shipped.spec('Service'), { type: 'ClusterIP', selector: { 'app.kubernetes.io/name': 'podgrace' } });
  const spread = shipped.podSpec['topologySpreadConstraints'] as { topologyKey: string }[];
  t.same(
    spread.map(({ topologyKey }) => topologyKey),
    ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
  );
  t.match(shipped.spec('PodDisruptionBudget'), { maxUnavailable: 1, selector: { matchLabels: { 'app.kubernetes.io/name': 'podgrace' } } });
  t.match(shipped.spec('Deployment'), { strategy: { rollingUpdate: { maxUnavailable: 0 } } });
});

practice('GP6: nobody waits longer than 5 s', (t, { webhooks }) => {
  for (const { timeoutSeconds } of webhooks) t.ok(timeoutSeconds >= 1 && timeoutSeconds <= 5);
});

practice('GP7: status, bindings, evictions, nodes, leases and events are not asked about', (t, { webhooks, resources }) => {
  t.notMatch(resources.join(' '), /status|binding|eviction|\/scale|nodes|leases|events/);
  t.notMatch(webhooks.flatMap(({ rules }) => rules.flatMap(({ operations }) => operations)).join(' '), /DELETE|CONNECT|\*/);
});

practice('GP8, GP9, GP15: kube-system, kube-node-lease and podgrace itself are left alone', (t, { webhooks, manifests }) => {
  const own = only(manifests, 'Deployment').metadata.namespace ?? '';
  for (const { namespaceSelector } of webhooks) {
    t.same(namespaceSelector.matchExpressions, [
      { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'kube-node-lease', own] },
    ]);
  }
});

practice('GP10: exact groups, versions and resources, no token or access reviews', (t, { webhooks, resources }) => {
  for (const { rules } of webhooks) {
    for (const { apiGroups, apiVersions, scope } of rules) {
      t.notOk([...apiGroups, ...apiVersions].includes('*'));
      t.match([apiVersions, scope], [[/^v\d$/], 'Namespaced']);
      t.equal(apiVersions.length, 1);
    }
  }
  t.notOk(resources.some((resource) => resource.includes('*') || resource.includes('review')));
});

practice('GP11: selectors, match conditions and matchPolicy Equivalent narrow down what is asked', (t, { webhooks }) => {
  for (const { matchPolicy, matchConditions, objectSelector, namespaceSelector } of webhooks) {
    t.equal(matchPolicy, 'Equivalent');
    t.ok(matchConditions.length > 0 && matchConditions.length <= 64);
    t.ok(namespaceSelector.matchExpressions.length > 0);
    t.equal(objectSelector, undefined, 'labels of objects are set by those who are judged');
  }
});

practice('GP14: no side effects', (t, { webhooks }) => {
  for (const { sideEffects } of webhooks) t.equal(sideEffects, 'None');
});

practice('GP16: podgrace needs no webhook, no volume driver and no other workload to come up', (t, { podSpec }) => {
  const volumes = podSpec['volumes'] as JsonObject[];
  t.ok(volumes.every((volume) => 'configMap' in volume || 'secret' in volume));
  t.notOk('initContainers' in podSpec);
});

practice('GP17: mutation fails open, what people submit fails closed, and the final state is judged', (t, { mutating, validating }) => {
  t.same(
    mutating.map(({ failurePolicy }) => failurePolicy),
    ['Ignore'],
  );
  t.same(
    validating.map(({ failurePolicy }) => failurePolicy),
    ['Fail', 'Ignore', 'Ignore'],
  );
  const resources = (webhook: Webhook | undefined): string[] => webhook?.rules.flatMap((rule) => rule.resources) ?? [];
  t.ok(resources(mutating[0]).every((resource) => resources(validating[0]).includes(resource)));
  t.ok(resources(validating[1]).every((resource) => resources(validating[0]).includes(resource)));
});

practice('GP19, GP21: called again when another webhook has changed the Pod', (t, { mutating }) => {
  for (const { reinvocationPolicy } of mutating) t.equal(reinvocationPolicy, 'IfNeeded');
});

practice('GP20: only what is being created is mutated, mirror Pods are not', (t, { mutating }) => {
  t.same(
    mutating.flatMap(({ rules }) => rules.flatMap(({ operations }) => operations)),
    ['CREATE'],
  );
  for (const { matchConditions } of mutating) t.ok(matchConditions.some(({ name }) => name === 'not-a-mirror-pod'));
});

practice('GP24: the first policy is baseline, and no configuration works before its server does', (t, shipped) => {
  t.match(shipped.policyDocument, { spec: { preset: 'baseline' } });
  for (const { clientConfig } of shipped.webhooks) t.equal(clientConfig.caBundle, undefined, 'only a server that is up can publish one');
});

practice(
  'GP25: least rights: no wildcards, all but what is watched by its name, configurations read and patched at most',
  (t, { rights }) => {
    for (const { apiGroups, resources, verbs, resourceNames = [] } of rights) {
      t.notOk([...apiGroups, ...resources, ...verbs].includes('*'));
      if (isRightToWatch({ verbs })) continue;
      t.not(resourceNames.length, 0);
      const isConfiguration = resources.some((resource) => resource.endsWith('webhookconfigurations'));
      const allowed = isConfiguration ? ['get', 'patch'] : ['get', 'update'];
      t.ok(verbs.every((verb) => allowed.includes(verb)));
    }
  },
);
