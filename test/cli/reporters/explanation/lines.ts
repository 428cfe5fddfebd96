/** Objects to explain, and the lines of a section as a reader sees them. */
import { Text, type Part } from '../../../../src/cli/output/text.ts';

export function plain(lines: readonly Part[]): string[] {
  return lines.map((line) => Text.of(line).raw(false));
}

export function pod(spec: object, rest: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
    ...rest,
  };
}

/** @param spec of the workload; its template has one container, web */
export function workload(kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job', spec: object = {}): object {
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } }, ...spec },
  };
}
