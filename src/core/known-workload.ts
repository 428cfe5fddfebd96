/** From a workload, of a file or of the API, to what rules about budgets and autoscalers may know of it (`KnownWorkload`). */
import type { JsonObject } from './json.ts';
import { asObject } from './json-reading.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { dataPlaceOf } from './node-data.ts';
import type { PodSpec } from './pod.ts';
import { readSubject, typeOf } from './subject.ts';
import type { KnownWorkload } from './surroundings.ts';
import type { WorkloadKinds } from './workload.ts';

/**
 * @param object of a kind that has Pod templates, or a Pod
 * @returns one entry for each template; undefined where it cannot be read
 */
export function knownWorkloadsOf(
  object: JsonObject,
  kinds: WorkloadKinds,
  kubernetesMinor: KubernetesMinor,
): readonly KnownWorkload[] | undefined {
  const { apiVersion, kind } = typeOf(object);
  const reading = readSubject(object, { kinds, kubernetesMinor, trust: TRUST_IN_NOBODY });
  if (reading.outcome !== 'subject') return undefined;
  const spec = asObject(object['spec']);
  return [reading.subject, ...reading.others].map(({ name, pod, workload }) => ({
    ...{ apiVersion, kind, name, labels: pod.metadata.labels ?? {} },
    replicas: workload?.replicas,
    setsReplicas: spec['replicas'] != null,
    keepsData: dataPlaceOf(pod.spec) !== 'nowhere',
    ...(kind === 'Pod' && endsByItself(pod.spec) && { runsOnce: true as const }),
  }));
}

function endsByItself({ restartPolicy, containers }: PodSpec): boolean {
  return restartPolicy !== 'Always' && containers.every((container) => container.restartPolicy !== 'Always');
}

const TRUST_IN_NOBODY = { isAdmitted: false, isNew: false, isMadeForAdmitted: false, provesOwner: () => false, provesMirror: () => false };
