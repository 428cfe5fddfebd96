/** Whether the ResourceQuotas of a namespace leave room for the Pods that a rollout starts before it stops any. */
import { usageInQuota } from './namespace-limits.ts';
import type { PodSpec } from './pod.ts';
import { addQuantities, compareQuantities, maxQuantity, ZERO, type Quantity } from './quantity.ts';
import { readAmount } from './resources.ts';
import type { ResourceQuota } from './surroundings.ts';

/** What a quota counts of which there is too little for one Pod more. */
export interface QuotaShortage {
  readonly quota: string;
  /** As the quota names it: `pods`, `requests.cpu`. */
  readonly counted: string;
  /** What is left, 0 where more is used than allowed. */
  readonly left: Quantity;
  /** What one Pod needs. */
  readonly needed: Quantity;
  /** What the quota would have to allow. */
  readonly enough: Quantity;
}

/**
 * The first shortage that keeps a workload from one Pod beside those that run. What its controller has counted may lack the workload's
 * own Pods, as that of a quota in a file does: they count, too, whatever else runs.
 *
 * @param replicas undefined for kinds without
 */
export function quotaShortageOf(spec: PodSpec, replicas: number | undefined, quotas: readonly ResourceQuota[]): QuotaShortage | undefined {
  for (const { name, hard, used, hasScopes } of quotas) {
    if (hasScopes) continue;
    for (const [counted, text] of Object.entries(hard)) {
      const needed = usageInQuota(counted, spec);
      if (needed === undefined || needed.nano <= 0n) continue;
      const own: Quantity = { ...needed, nano: needed.nano * BigInt(replicas ?? 0) };
      const taken = maxQuantity(own, readAmount(used[counted] ?? 0));
      const left = addQuantities(readAmount(text), { ...taken, nano: -taken.nano });
      if (compareQuantities(left, needed) >= 0) continue;
      return { quota: name, counted, left: maxQuantity(ZERO, left), needed, enough: addQuantities(needed, taken) };
    }
  }
  return undefined;
}
