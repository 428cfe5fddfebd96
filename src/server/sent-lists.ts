/**
 * What stands around objects, on its way to the thread for large reviews. A namespace may have tens of thousands of Services, and to copy
 * them takes the serving thread a millisecond for a thousand: so lists go in parts, and only those that the thread does not have.
 */
import type { Known, Surrounding, Surroundings } from '../core/surroundings.ts';

/** Some objects of a list, in its order. */
export interface ListPart {
  readonly surrounding: Surrounding;
  readonly objects: readonly unknown[];
  /** What the thread had under this name is over. */
  readonly isFirst: boolean;
}

/** What is known around the objects of a namespace, without the lists, which went before it. */
export interface SentSurroundings {
  readonly namespace: string;
  readonly others: Partial<Surroundings>;
  readonly lists: readonly Surrounding[];
}

/** So many objects are copied in half a millisecond. */
const OBJECTS_IN_PART = 500;

/** What one thread was sent. */
export class SentLists {
  readonly #sent = new Map<Surrounding, readonly unknown[]>();

  /** @param surroundings whose lists are never changed, but replaced */
  next(namespace: string, surroundings: Surroundings): { readonly parts: readonly ListPart[]; readonly rest: SentSurroundings } {
    const parts: ListPart[] = [];
    const lists: Surrounding[] = [];
    const others: Record<string, unknown> = {};
    for (const [name, known] of Object.entries<Known<unknown>>({ ...surroundings })) {
      const surrounding = name as Surrounding;
      if (!known.isKnown || !isList(known.value)) {
        others[surrounding] = known;
        continue;
      }
      lists.push(surrounding);
      if (this.#sent.get(surrounding) === known.value) continue;
      this.#sent.set(surrounding, known.value);
      for (let at = 0; at === 0 || at < known.value.length; at += OBJECTS_IN_PART)
        parts.push({ surrounding, objects: known.value.slice(at, at + OBJECTS_IN_PART), isFirst: at === 0 });
    }
    return { parts, rest: { namespace, others, lists } };
  }
}

/** In the thread: the lists that have come. */
export class ReceivedLists {
  readonly #lists = new Map<Surrounding, unknown[]>();

  add({ surrounding, objects, isFirst }: ListPart): void {
    const list = isFirst ? undefined : this.#lists.get(surrounding);
    if (list === undefined) this.#lists.set(surrounding, [...objects]);
    else for (const object of objects) list.push(object);
  }

  /** @returns everything that `next` was given, as far as `NOTHING_KNOWN` has it */
  with({ others, lists }: SentSurroundings): Partial<Surroundings> {
    const known = lists.map((surrounding) => [surrounding, { isKnown: true, value: this.#lists.get(surrounding) ?? [] }]);
    return { ...others, ...(Object.fromEntries(known) as Partial<Surroundings>) };
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
