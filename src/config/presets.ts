/** The built-in policies. Each names a preset and nothing else. */
import { Policy, POLICY_API_VERSION, POLICY_KIND, type PolicyDocument } from '../core/policy.ts';
import type { PresetName } from '../core/rule.ts';
import { catalogue } from './catalogue.ts';

/** The shortest policy that is a preset: what a file has that names only the preset. */
export function presetDocument(preset: PresetName): PolicyDocument {
  return { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: preset }, spec: { preset } };
}

/** @param ownNamespace of the server; left alone */
export function presetPolicy(preset: PresetName, ownNamespace?: string): Policy {
  return new Policy(presetDocument(preset), catalogue, ownNamespace);
}
