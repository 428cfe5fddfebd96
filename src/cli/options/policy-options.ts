/** `--policy` and `--preset`, the same for every command that judges. */
import { Option, type Command } from 'commander';
import { catalogue } from '../../config/catalogue.ts';
import { readPolicy } from '../../config/policy-file.ts';
import { readPolicyText, UnreadableFileError } from '../../config/policy-source.ts';
import { presetPolicy } from '../../config/presets.ts';
import type { Policy } from '../../core/policy.ts';
import { PRESETS, type PresetName } from '../../core/rule.ts';
import { readNamedFile } from '../../files/small-file.ts';
import { reasonOf } from '../../files/system-error.ts';
import { UsageError } from '../exit-code.ts';
import { ToldDefaultOption } from '../help.ts';

export interface PolicyOptions {
  readonly policy?: string;
  readonly preset?: PresetName;
}

export const DEFAULT_PRESET: PresetName = 'production';

export function addPolicyOptions(command: Command): void {
  command
    .addOption(new Option('--policy <file>', 'a file with a LifecyclePolicy').env('PODGRACE_POLICY').conflicts('preset'))
    .addOption(
      new ToldDefaultOption('--preset <name>', 'a built-in policy', `"${DEFAULT_PRESET}"`).choices(PRESETS).env('PODGRACE_PRESET'),
    );
}

/** Whether nobody chose a policy, on the command line or in the environment. */
export function isDefaultPolicy({ policy, preset }: PolicyOptions): boolean {
  return policy === undefined && preset === undefined;
}

/**
 * @throws {PolicyError} for a wrong policy, {UsageError} for a file that cannot be read
 */
export async function loadPolicy({ policy, preset }: PolicyOptions): Promise<Policy> {
  return policy === undefined ? presetPolicy(preset ?? DEFAULT_PRESET) : readPolicyFile(policy, '--policy');
}

/** @param flag the option that named the file, for messages */
export async function readPolicyFile(file: string, flag: string): Promise<Policy> {
  return (await readPolicyWithText(file, flag)).policy;
}

/** For those who send the file on: the text that was read as the policy, so that the two cannot differ. */
export async function readPolicyWithText(file: string, flag: string): Promise<{ readonly policy: Policy; readonly text: string }> {
  try {
    const text = await readPolicyText(file);
    return { policy: readPolicy(text, file, { catalogue, nowMs: Date.now() }), text };
  } catch (error) {
    if (error instanceof UnreadableFileError) throw new UsageError(`${flag}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** All certificates of a system have some 250 KB. */
const MAX_OPTION_FILE_BYTES = 16 * 1024 * 1024;

/** @throws {UsageError} that names the option and the file */
export async function readOptionFile(file: string, flag: string): Promise<string> {
  try {
    return (await readNamedFile(file, MAX_OPTION_FILE_BYTES)).toString('utf8');
  } catch (error) {
    throw new UsageError(`${flag}: ${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}
