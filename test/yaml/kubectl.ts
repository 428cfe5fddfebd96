/** The reader that all others are measured by. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What stands behind `spec:` in a manifest, and what kubectl makes of it; without the second where kubectl refuses it. */
export type Answer = readonly [text: string, spec?: unknown];

/** A manifest that kubectl reads without a cluster, whatever is in it. */
export function manifestOf(text: string): string {
  return `apiVersion: example.com/v1\nkind: Case\nmetadata: {name: case}\nspec:${text}`;
}

/** Why a test is skipped, or false where there is a kubectl; for tap's option `skip`. */
export function skipWithoutKubectl(): string | false {
  return process.env['KUBEBUILDER_ASSETS'] === undefined ? 'KUBEBUILDER_ASSETS names no folder with kubectl' : false;
}

/** What kubectl reads, or undefined where it refuses. */
export function readWithKubectl(manifest: string): Record<string, unknown> | undefined {
  const kubectl = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubectl');
  const { status, stdout, error } = spawnSync(kubectl, ['annotate', '--local', '-f', '-', 'z=1', '-o', 'json'], { input: manifest });
  if (error !== undefined) throw error;
  return status === 0 ? (JSON.parse(stdout.toString('utf8')) as Record<string, unknown>) : undefined;
}
