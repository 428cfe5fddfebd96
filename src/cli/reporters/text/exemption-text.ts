/** What `check` says at its end of exemptions that excuse nothing. */
import type { ExemptionDocument } from '../../../core/exemption.ts';
import type { IdleExemption } from '../../../offline/used-exemptions.ts';
import { shownPath } from '../../output/shown-path.ts';

/** @param file that the policy stands in: several may have the same name */
export function idleText({ policy, exemption: { document }, isOver }: IdleExemption, file: string | undefined): string {
  const { rule, expires } = document;
  const named = `${file === undefined ? '' : `${shownPath(file)}: `}policy ${policy.name}: the exemption from ${rule} for ${scopeText(document)}`;
  return isOver ? `${named} ended (${expires}): remove it, or give it a new end` : `${named} excuses nothing in these files`;
}

function scopeText({ namespace, workload, container, image }: ExemptionDocument): string {
  const parts = [
    ...(namespace === undefined ? [] : [`namespace ${namespace}`]),
    ...(workload === undefined ? [] : [`${workload.kind ?? 'workload'} ${workload.name}`]),
    ...(container === undefined ? [] : [`container ${container}`]),
    ...(image === undefined ? [] : [`image ${image}`]),
  ];
  return parts.join(', ');
}
