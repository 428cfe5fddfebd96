/** The policy of an installation, read from the place where its server reads it. */
import { catalogue } from '../../config/catalogue.ts';
import { readPolicy } from '../../config/policy-file.ts';
import { PolicyError } from '../../config/policy-problem.ts';
import { presetPolicy } from '../../config/presets.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Policy, PolicyDocument } from '../../core/policy.ts';
import { PRESETS } from '../../core/rule.ts';
import { parseDocument, splitDocuments } from '../../yaml/kubernetes-yaml.ts';
import type { KubeApi } from '../client/api.ts';
import { policyFileIn } from './installation.ts';
import { policyConfigMapName, serveOption } from './serve-options.ts';

export type PolicyInForce =
  | { readonly source: string; readonly policy: Policy; readonly preset: string }
  /** The servers refuse it, and go on with the one before. */
  | { readonly source: string; readonly problem: string }
  /** The Deployment does not tell where the policy is. */
  | undefined;

/** @throws {KubeStatusError | KubeUnreachableError} where the ConfigMap cannot be read */
export async function readPolicyInForce(api: KubeApi, namespace: string, deployment: JsonObject, now: Date): Promise<PolicyInForce> {
  const name = policyConfigMapName(deployment);
  if (name === undefined) {
    const wanted = serveOption(deployment, 'preset', 'PODGRACE_PRESET');
    const preset = PRESETS.find((known) => known === wanted);
    return preset && { source: `preset ${preset}`, policy: presetPolicy(preset, namespace), preset };
  }
  const source = `ConfigMap ${namespace}/${name}`;
  const configMap = await api.find(`/api/v1/namespaces/${namespace}/configmaps/${name}`);
  if (configMap === undefined) return { source, problem: 'the ConfigMap does not exist' };
  const file = policyFileIn(configMap);
  if (file === undefined) return { source, problem: 'it holds no LifecyclePolicy' };
  try {
    const policy = readPolicy(file.text, `${source}, ${file.file}`, {
      catalogue,
      nowMs: now.getTime(),
      ownNamespace: namespace,
    });
    return { source, policy, preset: presetIn(file.text) };
  } catch (error) {
    if (error instanceof PolicyError) return { source, problem: error.message };
    throw error;
  }
}

/** @param text of a policy that was read without a problem */
function presetIn(text: string): string {
  const [document] = splitDocuments(text);
  if (document === undefined) throw new Error('a policy without a document');
  const { spec } = parseDocument(document) as PolicyDocument;
  return spec.preset;
}
