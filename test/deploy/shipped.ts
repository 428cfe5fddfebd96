/** What is shipped in one form, with what most points of good practice ask of it. */
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Policy } from '../../src/core/policy.ts';
import { only, parseManifests, type Manifest } from './rendered.ts';

export interface Webhook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly matchPolicy: string;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy?: string;
  readonly clientConfig: {
    readonly service: { readonly name: string; readonly namespace: string; readonly port: number };
    readonly caBundle?: string;
  };
  readonly namespaceSelector: {
    readonly matchExpressions: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[];
  };
  readonly objectSelector?: unknown;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly resources: readonly string[];
    readonly operations: readonly string[];
    readonly scope: string;
  }[];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
}

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export class Shipped {
  readonly manifests: readonly Manifest[];
  readonly mutating: readonly Webhook[];
  readonly validating: readonly Webhook[];
  /** The rules of every Role and ClusterRole. */
  readonly rights: readonly PolicyRule[];
  readonly podSpec: JsonObject;

  constructor(manifests: readonly Manifest[]) {
    this.manifests = manifests;
    this.mutating = only(manifests, 'MutatingWebhookConfiguration')['webhooks'] as Webhook[];
    this.validating = only(manifests, 'ValidatingWebhookConfiguration')['webhooks'] as Webhook[];
    this.rights = manifests
      .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
      .flatMap((role) => role['rules'] as PolicyRule[]);
    this.podSpec = (this.spec('Deployment')['template'] as { spec: JsonObject }).spec;
  }

  get webhooks(): readonly Webhook[] {
    return [...this.mutating, ...this.validating];
  }

  get resources(): readonly string[] {
    return this.webhooks.flatMap(({ rules }) => rules.flatMap((rule) => rule.resources));
  }

  spec(kind: string): JsonObject {
    return only(this.manifests, kind)['spec'] as JsonObject;
  }

  /** The LifecyclePolicy in the ConfigMap. */
  get policyDocument(): { readonly spec: JsonObject } {
    const { 'policy.yaml': text = '' } = only(this.manifests, 'ConfigMap')['data'] as Record<string, string>;
    const [document] = parseManifests(text);
    if (document === undefined) throw new Error('the ConfigMap holds no policy');
    return { ...document, spec: document['spec'] as JsonObject };
  }

  /** The shipped policy. @param changes to its spec */
  policy(changes: JsonObject = {}): Policy {
    const document = { ...this.policyDocument, spec: { ...this.policyDocument.spec, ...changes } };
    return readPolicy(JSON.stringify(document), 'policy.yaml', { catalogue, nowMs: Date.now() });
  }
}
