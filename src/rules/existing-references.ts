/** The objects that a Pod names exist. */
import { anyNameMatcher, type NameMatcher } from '../core/glob.ts';
import { objectNamed } from '../core/inventory-object.ts';
import type { FieldPath } from '../core/path.ts';
import { referencesOf, type PodReference } from '../core/pod-references.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { listed, shortened } from '../core/shortened.ts';
import { INVENTORIES, type InventoryName, type NamedObject, type Surroundings } from '../core/surroundings.ts';

interface Options {
  /** Kinds of which a folder that has any object of these kinds has all. */
  readonly completeInFiles: readonly (keyof typeof INVENTORY_OF_KIND)[];
  /** Names, with `*` for any run of characters. */
  readonly createdElsewhere: readonly string[];
}

type MessageId = 'missing' | 'missingNeeded' | 'missingKey' | 'unusableClaim';

const INVENTORY_OF_KIND = {
  ConfigMap: 'configMaps',
  Secret: 'secrets',
  PersistentVolumeClaim: 'claims',
  ServiceAccount: 'serviceAccounts',
  PriorityClass: 'priorityClasses',
  RuntimeClass: 'runtimeClasses',
  ResourceClaim: 'resourceClaims',
  ResourceClaimTemplate: 'resourceClaimTemplates',
} as const satisfies Record<string, InventoryName>;

export default defineRule<Options, MessageId>({
  meta: {
    id: 'existing-references',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'The ConfigMaps, Secrets, keys, claims, accounts and classes that a Pod names exist.',
      harm: 'A Pod that names an object which does not exist is never created, scheduled or started, and the rollout stops half way.',
      why: [
        'A container with a variable from a ConfigMap, a Secret or a key that does not exist never starts:',
        '`CreateContainerConfigError`. A volume of one keeps the Pod in `ContainerCreating` (`FailedMount`). A missing claim',
        'keeps it `Pending`. With a missing ServiceAccount or class, its controller cannot create the Pod at all. The API',
        'server accepts such a workload, and its rollout stops half way: the old Pods stay, the new ones never come.',
      ].join('\n'),
      firesOn: [
        'a key of a ConfigMap or a Secret of the same folder and namespace that has other keys (`check`)',
        'a name that none of the known objects has, where they are known to be all: of the kinds that `completeInFiles` lists, in a folder that has at least one object of these kinds (`check`)',
        'a name or a key that neither the cluster nor the files of the run have (`dry-run`, `explain`)',
        'a claim that the cluster is deleting, and a PersistentVolumeClaim that has lost its volume (`dry-run`, `explain`)',
        'environment variables, `envFrom`, volumes, projected volumes, the claims that ephemeral volumes are copies of, the Secrets of CSI, Azure file, flexVolume and iSCSI volumes, `serviceAccountName`, `priorityClassName`, `runtimeClassName`, `resourceClaims`, of templates and Pods',
      ],
      leavesAlone: [
        'everything with `optional: true`, and image pull secrets, which the kubelet can do without',
        'names that nobody can say are missing: in the webhook all of them, as it reads no Secrets',
        'other objects that are being deleted: Pods can use them until they are gone',
        'StorageClasses, which a volume can do without that somebody has made by hand, and the snapshots that volumes are copies of',
        'cephfs, rbd, scaleIO and storageos volumes, which Kubernetes no longer mounts, and ClusterTrustBundles, which no default cluster has',
        'folders with a kustomization, which may add and rename objects',
        'the ServiceAccount `default`, the ConfigMap `kube-root-ca.crt`, and the classes that begin with `system-`: every cluster has them',
        'the claims that a StatefulSet of the same folder makes for its Pods (`data-db-0`)',
        'Secrets that an ExternalSecret, a SealedSecret or a Certificate of cert-manager in the same folder makes',
        'keys of objects without data, which somebody fills later, and of tokens of ServiceAccounts',
      ],
      remediation: [
        'Create the object first, or correct the name. What the Pod can do without is `optional: true`. What an operator or a pipeline creates',
        'is named in `createdElsewhere`, for example `*-tls`.',
      ].join('\n'),
      worse: 'Whatever is missing, the Pod does not start; each reference is compared with itself.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: [
        'https://kubernetes.io/docs/concepts/configuration/configmap/#optional-configmaps',
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/kubelet_pods.go',
      ],
    },
    needs: INVENTORIES,
    reads: [
      'spec.containers[*].env',
      'spec.containers[*].envFrom',
      'spec.initContainers[*].env',
      'spec.initContainers[*].envFrom',
      'spec.ephemeralContainers[*].env',
      'spec.ephemeralContainers[*].envFrom',
      'spec.volumes',
      'spec.serviceAccountName',
      'spec.serviceAccount',
      'spec.priorityClassName',
      'spec.runtimeClassName',
      'spec.resourceClaims',
    ],
    writes: [],
    appliesTo: {
      containers: ['main', 'init', 'sidecar', 'ephemeral'],
      workloads: ['service', 'stateful', 'daemon', 'batch', 'pod', 'operator'],
    },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      missing: {
        text: 'must name a {{kind}} that exists, but there is no {{name}}: the Pod does not start ({{status}})',
        fix: 'create the {{kind}} {{name}} first, or correct the name; with `optional: true` the Pod starts without it',
      },
      missingNeeded: {
        text: 'must name a {{kind}} that exists, but there is no {{name}}: {{status}}',
        fix: 'create the {{kind}} {{name}} first, or correct the name',
      },
      missingKey: {
        text: 'must be a key of the {{kind}} {{name}}, but it has no {{key}} (its keys: {{keys}}): the Pod does not start ({{status}})',
        fix: 'name a key that it has, or add {{key}} to it; with `optional: true` the Pod starts without it',
      },
      unusableClaim: {
        text: 'must name a {{kind}} that a Pod can use, but {{name}} {{fault}}: a new Pod stays Pending',
        fix: 'create a claim under another name, or this one again once it is gone, and bring its data back',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        completeInFiles: {
          type: 'array',
          maxItems: Object.keys(INVENTORY_OF_KIND).length,
          items: { type: 'string', enum: Object.keys(INVENTORY_OF_KIND) },
          description: 'Kinds whose objects all stand in the folder of the workload that names them, so that what is not there is missing.',
        },
        createdElsewhere: {
          type: 'array',
          maxItems: 200,
          items: { type: 'string', minLength: 1, maxLength: 253 },
          description: 'Names of objects, of any kind, that something else creates or fills; `*` stands for any characters.',
        },
      },
    },
    defaultOptions: { completeInFiles: [], createdElsewhere: [] },
  },

  validate({ spec }, context) {
    const { surroundings } = context;
    if (!INVENTORIES.some((inventory) => surroundings[inventory].isKnown)) return NO_VIOLATIONS;
    const known = knownIn(surroundings, context);
    let violations: Violation<MessageId>[] | undefined;
    let told: FieldPath | undefined;
    for (const reference of referencesOf(spec, context.containers(), (list) => context.each(list))) {
      const found = faultOf(reference, known);
      // Several items of one volume name the object once.
      if (found === undefined || found.path === told) continue;
      told = found.path;
      violations ??= [];
      violations.push(found);
    }
    return violations ?? NO_VIOLATIONS;
  },
});

interface KnownObjects {
  readonly objects: ReadonlyMap<InventoryName, ReadonlyMap<string, NamedObject>>;
  readonly complete: ReadonlySet<InventoryName>;
  readonly isCreatedElsewhere: NameMatcher;
}

function knownIn(surroundings: Surroundings, context: RuleContext<Options>): KnownObjects {
  const objects = new Map<InventoryName, Map<string, NamedObject>>();
  const complete = new Set<InventoryName>();
  const { completeInFiles, createdElsewhere } = context.options;
  for (const inventory of INVENTORIES) {
    const known = surroundings[inventory];
    if (!known.isKnown) continue;
    const byName = new Map<string, NamedObject>();
    for (const object of context.each(known.value.objects)) byName.set(object.name, object);
    objects.set(inventory, byName);
    if (known.value.isComplete || completeInFiles.some((kind) => INVENTORY_OF_KIND[kind] === inventory)) complete.add(inventory);
  }
  return { objects, complete, isCreatedElsewhere: anyNameMatcher(createdElsewhere) };
}

function faultOf(
  { to, name, key, path, keyPath, isNeverOptional }: PodReference,
  { objects, complete, isCreatedElsewhere }: KnownObjects,
): Violation<MessageId> | undefined {
  const ofKind = objects.get(to);
  if (ofKind === undefined || isAlwaysThere(to, name) || isCreatedElsewhere(name)) return undefined;
  const object = objectNamed(name, ofKind);
  const kind = KIND_OF_INVENTORY[to];
  if (object === undefined) {
    if (!complete.has(to)) return undefined;
    const mayBeOptional = (to === 'configMaps' || to === 'secrets') && isNeverOptional !== true;
    const message = mayBeOptional ? 'missing' : 'missingNeeded';
    return {
      message,
      path,
      data: { kind, name: shortened(name), status: isNeverOptional ? 'the Pod does not start (FailedMount)' : statusOf(to, path) },
      rank: [0],
      ranked: [keyPath],
      mayFollow: true,
    };
  }
  if (object.unusable !== undefined) {
    const data = { kind, name: shortened(name), fault: FAULTS[object.unusable] };
    return { message: 'unusableClaim', path, data, rank: [0], mayFollow: true };
  }
  const { keys } = object;
  if (key === undefined || keys === undefined || keys.includes(key)) return undefined;
  const data = { kind, name: shortened(name), key: shortened(key), keys: listed(keys, SHOWN_KEYS) || 'none', status: statusOf(to, path) };
  return { message: 'missingKey', path: keyPath, data, rank: [0], mayFollow: true };
}

const FAULTS: Readonly<Record<NonNullable<NamedObject['unusable']>, string>> = {
  deleted: 'is being deleted',
  lost: 'has lost its volume',
};

const KIND_OF_INVENTORY: Readonly<Record<InventoryName, string>> = {
  configMaps: 'ConfigMap',
  secrets: 'Secret',
  claims: 'PersistentVolumeClaim',
  serviceAccounts: 'ServiceAccount',
  priorityClasses: 'PriorityClass',
  runtimeClasses: 'RuntimeClass',
  resourceClaims: 'ResourceClaim',
  resourceClaimTemplates: 'ResourceClaimTemplate',
};

function isAlwaysThere(to: InventoryName, name: string): boolean {
  if (to === 'serviceAccounts') return name === 'default';
  if (to === 'configMaps') return ROOT_CERTIFICATES.has(name);
  return to === 'priorityClasses' && name.startsWith('system-');
}

/** Kubernetes and OpenShift put them into every namespace (`pkg/controller/certificates/rootcacertpublisher`). */
const ROOT_CERTIFICATES: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt']);

/** What `kubectl get pods` shows, or why it shows no Pod. */
function statusOf(to: InventoryName, path: FieldPath): string {
  if (to === 'configMaps' || to === 'secrets') return path.steps[1] === 'volumes' ? 'FailedMount' : 'CreateContainerConfigError';
  return CLAIMS.has(to) ? 'the Pod stays Pending' : 'the API server refuses the Pod';
}

/** What the scheduler waits for. */
const CLAIMS: ReadonlySet<InventoryName> = new Set(['claims', 'resourceClaims', 'resourceClaimTemplates']);

const SHOWN_KEYS = 4;
