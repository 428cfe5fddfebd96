/** The sender of a request, as far as it changes what podgrace may do to the object. */

/**
 * The built-in controllers that create Pods, ReplicaSets and Jobs from workloads that were admitted before. With
 * `--use-service-account-credentials` each has a service account of kube-system; without, all are the controller manager.
 * The user name is set by the API server's authentication: unlike an ownerReference, nobody can write it into an object.
 */
const WORKLOAD_CONTROLLERS: ReadonlySet<string> = new Set([
  'system:kube-controller-manager',
  ...[
    'replicaset-controller',
    'statefulset-controller',
    'daemon-set-controller',
    'job-controller',
    'replication-controller',
    'deployment-controller',
    'cronjob-controller',
  ].map((name) => `system:serviceaccount:kube-system:${name}`),
]);

/** What such controllers create; anything else they send is judged like everybody's. */
export const OWNED_KINDS: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'Job']);

/** Whether a built-in controller creates what it was asked for by a workload that was admitted before. */
export function isSentByWorkloadController(username: string, kind: string): boolean {
  return OWNED_KINDS.has(kind) && WORKLOAD_CONTROLLERS.has(username);
}

/** What else runs the cluster under a name of its own: it deletes Pods to make room, or for what the API server is asked to evict. */
export const CONTROL_PLANE: readonly string[] = ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler'];

/** What the names of kubelets and of service accounts begin with. Authentication gives such names to nobody else. */
export const PROGRAM_PREFIXES: readonly string[] = ['system:node:', 'system:serviceaccount:'];

/** Whether a person, or a tool in a person's name, sends a request. Where the name is not known, nobody says so. */
export function isSentByPerson(username: string): boolean {
  return username !== '' && !CONTROL_PLANE.includes(username) && !PROGRAM_PREFIXES.some((prefix) => username.startsWith(prefix));
}

/** Only a kubelet creates mirror Pods, as a user of the form `system:node:NAME`. */
export function isSentByKubelet(username: string): boolean {
  return username.startsWith('system:node:');
}
