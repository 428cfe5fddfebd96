/**
 * Of what LimitRanges fill into containers, the amounts of which nobody can tell which of them it will be: several LimitRanges of the
 * namespace say different ones. The API server asks them in the order of a map of Go (`ThreadSafeStore.ByIndex` in client-go), which is
 * another one each time: of 40 equal Pods, 35 got the amount of one LimitRange and 5 that of the other (1.37.2).
 */
import { containerDefaultsOf } from './namespace-limits.ts';
import type { Container, PodSpec } from './pod.ts';
import { compareQuantities } from './quantity.ts';
import { readAmount } from './resources.ts';
import type { LimitRange } from './surroundings.ts';

export interface DisputedDefault {
  /** `limits.memory` */
  readonly amount: string;
  /** The names of the LimitRanges that say it. */
  readonly ranges: readonly string[];
}

/** @param spec before anything is filled in: what a container says itself is not disputed */
export function disputedDefaultsOf({ containers, initContainers }: PodSpec, ranges: readonly LimitRange[]): DisputedDefault[] {
  if (ranges.length < 2) return [];
  const all = [...containers, ...(initContainers ?? [])];
  return [...amountsIn(ranges)]
    .filter(([, { isDisputed, part, resource }]) => isDisputed && all.some((container) => lacks(container, part, resource)))
    .map(([amount, { names }]) => ({ amount, ranges: names }));
}

interface Amount {
  readonly part: 'limits' | 'requests';
  readonly resource: string;
  readonly names: string[];
  readonly first: string | number;
  isDisputed: boolean;
}

function amountsIn(ranges: readonly LimitRange[]): ReadonlyMap<string, Amount> {
  const amounts = new Map<string, Amount>();
  for (const range of ranges) {
    const defaults = containerDefaultsOf(range);
    if (defaults === undefined) continue;
    for (const part of ['limits', 'requests'] as const) {
      for (const [resource, text] of Object.entries(defaults[part])) {
        const known = amounts.get(`${part}.${resource}`);
        if (known === undefined) {
          amounts.set(`${part}.${resource}`, { part, resource, names: [range.name], first: text, isDisputed: false });
          continue;
        }
        known.names.push(range.name);
        known.isDisputed ||= compareQuantities(readAmount(known.first), readAmount(text)) !== 0;
      }
    }
  }
  return amounts;
}

function lacks({ resources }: Container, part: Amount['part'], resource: string): boolean {
  return resources?.[part]?.[resource] == null;
}
