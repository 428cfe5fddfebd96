/** A container that says for itself when it is started again, whatever the Pod's restartPolicy is. */
import type { KubernetesMinor } from './kubernetes-version.ts';

/** ContainerRestartRules (KEP-5307) is on by default since then. API servers before drop the fields; of init containers, `Always` stays. */
export const OWN_RESTART_POLICY_SINCE: KubernetesMinor = 35;
