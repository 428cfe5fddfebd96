/** What is wrong with an object, found by the fields that it is about. An object may have many of both. */
import type { FieldPath, Step } from '../path.ts';
import type { Work } from '../work.ts';
import type { InvalidPlace } from './invalid-place.ts';

interface Node {
  /** Indexes of the places that are about this very field. */
  readonly here: number[];
  readonly below: Map<Step, Node>;
}

export class PlacesByField {
  readonly #places: readonly InvalidPlace[];
  readonly #work: Pick<Work, 'spend'>;
  readonly #root: Node = emptyNode();
  readonly #told = new Set<number>();

  /** @param work counts the fields that are looked at */
  constructor(places: readonly InvalidPlace[], work: Pick<Work, 'spend'>) {
    this.#places = places;
    this.#work = work;
    for (const [index, { fields }] of places.entries()) for (const field of fields) this.#nodeAt(field).here.push(index);
  }

  /**
   * What is wrong with a field, with those in it, and with what it is in; each once, in the order of the API server.
   *
   * @param path none that holds another one that is asked about: what is below it is looked at each time
   */
  tellAt(path: FieldPath): readonly InvalidPlace[] {
    const found = new Set<number>();
    let node: Node | undefined = this.#root;
    for (const step of path.steps) {
      this.#take(node, found);
      node = node.below.get(step);
      if (node === undefined) break;
    }
    if (node !== undefined) this.#takeAll(node, found);
    for (const index of found) this.#told.add(index);
    return [...found].sort((a, b) => a - b).flatMap((index) => this.#places[index] ?? []);
  }

  /** What is wrong with no field that was asked about. */
  get untold(): readonly InvalidPlace[] {
    return this.#places.filter((_, index) => !this.#told.has(index));
  }

  #nodeAt(path: FieldPath): Node {
    let node = this.#root;
    for (const step of path.steps) {
      this.#work.spend(1);
      let next = node.below.get(step);
      if (next === undefined) node.below.set(step, (next = emptyNode()));
      node = next;
    }
    return node;
  }

  #take({ here }: Node, found: Set<number>): void {
    this.#work.spend(1 + here.length);
    for (const index of here) found.add(index);
  }

  #takeAll(from: Node, found: Set<number>): void {
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      this.#take(node, found);
      for (const next of node.below.values()) open.push(next);
    }
  }
}

function emptyNode(): Node {
  return { here: [], below: new Map() };
}
