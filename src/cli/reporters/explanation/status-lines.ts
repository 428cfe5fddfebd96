/** The columns of `kubectl get pods`, why a Pod has its STATUS, and what to do. */
import type { ExplainedStatus } from '../../../offline/explanation.ts';
import { styled, text, type Part } from '../../output/text.ts';

export function statusLines({ status, readyContainers, containers, restarts, lastRestartAge, cause }: ExplainedStatus): Part[] {
  const style = cause?.advice === undefined ? 'green' : 'red';
  const age = lastRestartAge === undefined ? '' : ` (${lastRestartAge} ago)`;
  const columns = text`${styled(style, status)}, READY ${readyContainers}/${containers}, RESTARTS ${restarts}${age}`;
  const lines: Part[] = [columns, cause?.cause ?? 'podgrace does not know this STATUS.'];
  if (cause?.advice !== undefined) lines.push(`What to do: ${cause.advice}.`);
  if (cause !== undefined && cause.rules.length > 0) lines.push(`Rules that look for it in the manifest: ${cause.rules.join(', ')}.`);
  return lines;
}
