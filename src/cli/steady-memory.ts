/**
 * Keeps the memory of a run over many files from growing with their number. Few objects outlive a file, but V8 doubles its young
 * generation each time as many have outlived a collection as it can hold, and lets the old one grow to four times what is alive.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Of the young generation, both halves of it. It has this size after 0.4 s of a check, and would have 134 MB (Node.js 24.21) after some
 * thousand files.
 */
const YOUNG_BYTES = 2 * 16 * 1024 * 1024;

/** What is read of the heap takes some microseconds, and a file takes more than a hundred. */
const STEPS_BETWEEN_LOOKS = 32;

/** The young generation keeps its size, and old objects are collected once twice as much is there as was alive after the last time. */
const STEADY = ['--semi-space-growth-factor=1', '--heap-growing-percent=100'];

/** What V8 has unless told otherwise. */
const UNSTEADY = ['--semi-space-growth-factor=2', '--heap-growing-percent=0'];

/**
 * V8 reads both options as it collects, in the thread that sets them. They stay as they are where somebody has chosen a smaller young
 * generation when Node.js started: then it never has the size at which they are set.
 */
export class SteadyMemory {
  #steps = 0;
  #isSteady = false;

  /** For each file, or object of one. */
  step(): void {
    this.#steps += 1;
    if (this.#isSteady || this.#steps % STEPS_BETWEEN_LOOKS !== 0) return;
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (young === undefined || young.space_size < YOUNG_BYTES) return;
    this.#isSteady = true;
    for (const option of STEADY) setFlagsFromString(option);
  }

  /** After the last step. V8 takes compiled code only where its options are those that the code was made with. */
  end(): void {
    if (this.#isSteady) for (const option of UNSTEADY) setFlagsFromString(option);
    this.#isSteady = false;
  }
}
