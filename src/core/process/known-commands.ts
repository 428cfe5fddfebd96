/**
 * What the commands of containers and hooks do, remembered by their words: for the Pods that come out of the repairs of one, and for an object
 * before and after an update.
 */
import { entryOf } from '../map-entry.ts';
import type { Container, LifecycleHandler, Maybe } from '../pod.ts';
import type { Work } from '../work.ts';
import { containerStopOf } from './container-stop.ts';
import { readHook, type HookReading, type HookSurroundings } from './hook.ts';
import type { ImageKnowledge } from './image-knowledge.ts';
import { expandedByKubelet } from './kubelet-expansion.ts';
import type { StopVerdict } from './possibility.ts';

/** Within one evaluation, to follow a shorter command takes no longer than to look for it: a script of 4 kB takes some 10 ms. */
const LEAST_CHARACTERS = 128;

/** In place of words that no program is given. */
const TOO_LONG = 'too long';

export class KnownCommands {
  readonly #images: ImageKnowledge;
  readonly #leastCharacters: number;
  #stops: Map<string, StopVerdict> | undefined;
  #hooks: Map<string, HookReading> | undefined;

  /**
   * @param images what is known of the images of all containers that are asked about
   * @param isShared by the evaluations of an object before and after an update, which ask about each command up to four times
   */
  constructor(images: ImageKnowledge, { isShared = false } = {}) {
    this.#images = images;
    this.#leastCharacters = isShared ? 0 : LEAST_CHARACTERS;
  }

  /** The same as `containerStopOf`. */
  stopOf(container: Container, work: Work): StopVerdict {
    const { image, command, args, lifecycle, stdin, tty } = container;
    if (lengthOf(command) + lengthOf(args) < this.#leastCharacters) return containerStopOf(container, this.#images, work);
    // By its value: a repair makes other objects of the containers, and may change them in place. The same words may refer to other variables.
    const words = [command, args].map((list) => (list == null ? null : (expandedByKubelet(list, container, work) ?? TOO_LONG)));
    const key = JSON.stringify([image, words, lifecycle?.stopSignal, stdin, tty]);
    return entryOf((this.#stops ??= new Map<string, StopVerdict>()), key, () => containerStopOf(container, this.#images, work));
  }

  /** The same as `readHook`. */
  hookOf(hook: LifecycleHandler, surroundings: HookSurroundings): HookReading {
    const command = hook.exec?.command;
    const { sh, variables, isProbe, isOnWindows, isInVain } = surroundings;
    if (command == null || hook.sleep != null || isInVain === true || lengthOf(command) < this.#leastCharacters)
      return readHook(hook, surroundings);
    const key = JSON.stringify([command, sh, variables === undefined ? null : [...variables], isProbe, isOnWindows]);
    return entryOf((this.#hooks ??= new Map<string, HookReading>()), key, () => readHook(hook, surroundings));
  }
}

function lengthOf(words: Maybe<readonly string[]>): number {
  let length = 0;
  if (words != null) for (const word of words) length += word.length;
  return length;
}
