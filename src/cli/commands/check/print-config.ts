/** `podgrace check --print-config FILE`: the policy that a file is checked by, every rule spelled out. */
import { mergeSetting } from '../../../core/rule-setting.ts';
import { printYaml } from '../../../yaml/print-yaml.ts';
import type { ChosenPolicy } from '../../options/found-policy-options.ts';

/** @returns a LifecyclePolicy that says the same, with a comment that names its source */
export function configText({ policy, file, isDefault }: ChosenPolicy): string {
  const { document } = policy.source;
  const { preset, rules = {}, ...rest } = document.spec;
  const spelledOut = policy.rules.map(({ meta }) => {
    const { mode, mutation, options } = mergeSetting(meta, preset, [rules[meta.id]]);
    return [meta.id, { mode, mutation, ...(Object.keys(options).length > 0 && { options }) }];
  });
  const spec = { preset, kubernetesVersion: `1.${policy.kubernetesMinor}`, ...rest, rules: Object.fromEntries(spelledOut) as object };
  const source = file ?? (isDefault ? `the default: ${document.metadata.name}` : `--preset ${preset}`);
  return `${[`# ${source}`, ...printYaml({ ...document, spec })].join('\n')}\n`;
}
