/** What the stop signal does to containers with a script, remembered for the Pods that come out of the repairs of one. */
import { entryOf } from '../map-entry.ts';
import type { Container, Maybe } from '../pod.ts';
import type { Work } from '../work.ts';
import { containerStopOf } from './container-stop.ts';
import { expandedByKubelet } from './kubelet-expansion.ts';
import type { ImageKnowledge } from './image-knowledge.ts';
import type { StopVerdict } from './possibility.ts';

/** To follow a shorter command takes no longer than to look for it: a script of 4 kB takes some 10 ms. */
const LEAST_CHARACTERS = 128;

/** In place of words that no program is given. */
const TOO_LONG = 'too long';

export class KnownStops {
  readonly #images: ImageKnowledge;
  #stops: Map<string, StopVerdict> | undefined;

  /** @param images what is known of the images of all containers that are asked about */
  constructor(images: ImageKnowledge) {
    this.#images = images;
  }

  /** The same as `containerStopOf`. */
  of(container: Container, work: Work): StopVerdict {
    const { image, command, args, lifecycle, stdin, tty } = container;
    if (lengthOf(command) + lengthOf(args) < LEAST_CHARACTERS) return containerStopOf(container, this.#images, work);
    // By its value: a repair makes other objects of the containers, and may change them in place. The same words may refer to other variables.
    const words = [command, args].map((list) => (list == null ? null : (expandedByKubelet(list, container, work) ?? TOO_LONG)));
    const key = JSON.stringify([image, words, lifecycle?.stopSignal, stdin, tty]);
    return entryOf((this.#stops ??= new Map<string, StopVerdict>()), key, () => containerStopOf(container, this.#images, work));
  }
}

function lengthOf(words: Maybe<readonly string[]>): number {
  let length = 0;
  if (words != null) for (const word of words) length += word.length;
  return length;
}
