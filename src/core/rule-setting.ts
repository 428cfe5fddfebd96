/** The setting of one rule in a policy: the preset's setting, with the policy's own changes. */
import type { Mode, MutationMode, PresetName, Rule } from './rule.ts';

/** What one layer of a policy says of a rule; what it leaves out stays as it was below. */
export interface RuleSettingDocument {
  readonly mode?: Mode;
  readonly mutation?: MutationMode;
  /** Each option that is named replaces the preset's; options inside objects are not merged. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface MergedSetting {
  readonly mode: Mode;
  readonly mutation: MutationMode;
  readonly options: object;
}

/**
 * What a rule is set to: its own default options, the preset's, then layer by layer.
 *
 * @param layers from the lowest up: the policy's `rules`, then each override that matches; undefined where one says nothing
 */
export function mergeSetting(
  { presets, defaultOptions }: Pick<Rule['meta'], 'presets' | 'defaultOptions'>,
  preset: PresetName,
  layers: readonly (RuleSettingDocument | undefined)[] = [],
): MergedSetting {
  const { mode, mutation, options } = presets[preset];
  const merged = { mode, mutation, options: { ...(defaultOptions as object), ...(options as object | undefined) } };
  for (const layer of layers) {
    merged.mode = layer?.mode ?? merged.mode;
    merged.mutation = layer?.mutation ?? merged.mutation;
    Object.assign(merged.options, layer?.options);
  }
  return merged;
}
