/**
 * The copy of a Pod that rules repair. The fields that rules declare to write (`meta.writes`) are copied, and all others are shared
 * with the received Pod. So a field that no rule writes costs nothing to copy or to compare.
 */
import { cloneJson } from './json.ts';
import { ANY, type PathPattern } from './path.ts';
import type { Pod } from './pod.ts';

/** What is copied below one member: named members, all elements of a list, or everything. */
interface Copied {
  everything: boolean;
  readonly members: Map<string, Copied>;
  elements?: Copied;
}

/** What to copy of any Pod for a set of rules; made once for a policy's settings. */
export class DraftPlan {
  readonly #root: Copied = nothing();

  /** @param writes as `Rule.writes` has them */
  constructor(writes: readonly PathPattern[]) {
    for (const { steps } of writes) {
      let place = this.#root;
      for (const step of steps) place = step === ANY ? (place.elements ??= nothing()) : memberOf(place, step);
      place.everything = true;
    }
  }

  /** @returns a Pod in which the declared paths may be written, and members be added to everything on the way to them */
  draftOf(pod: Pod): Pod {
    return copy(pod, this.#root) as Pod;
  }
}

function copy(value: unknown, place: Copied): unknown {
  if (place.everything) return cloneJson(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const { elements } = place;
    return elements === undefined ? value : value.map((element) => copy(element, elements));
  }
  // V8 copies an object at once in less time than member by member.
  const draft: Record<string, unknown> = { ...value };
  for (const [key, member] of place.members) {
    const before = draft[key];
    if (before != null) draft[key] = copy(before, member);
  }
  return draft;
}

function memberOf({ members }: Copied, key: string): Copied {
  let member = members.get(key);
  if (member === undefined) {
    member = nothing();
    members.set(key, member);
  }
  return member;
}

function nothing(): Copied {
  return { everything: false, members: new Map() };
}
