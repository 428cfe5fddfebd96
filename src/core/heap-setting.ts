/**
 * How much memory the settings of a container let its program fill: the heap of a runtime (`-Xmx4g`, `GOMEMLIMIT=4GiB`), or what a data
 * store keeps in memory (`--maxmemory 4gb`). Each of these programs takes more memory than its setting says (`heap-options.ts`).
 */
import type { ContainerWords, Reading } from './container-words.ts';
import { MAY_SET_A_HEAP, NAMES_OF_HEAPS, OPTIONS_OF_HEAPS } from './heap-options.ts';
import type { Maybe } from './pod.ts';
import { compareQuantities, scaleQuantity, wholeUnits, type Quantity } from './quantity.ts';
import { withoutComments } from './shell-comments.ts';

/** One setting, as far as it can be read. */
export interface HeapSetting {
  /** As it is written: `-Xmx4g`. */
  readonly option: string;
  /** Of a share of the limit (`-XX:MaxRAMPercentage=100`), what that share comes to. */
  readonly bytes: Quantity;
}

/** The settings of a container, from its smallest to its largest heap. */
export interface HeapSettings {
  readonly smallest: HeapSetting;
  readonly largest: HeapSetting;
  /** A variable stands in one of them (`-Xmx$HEAP`): then none of the others need count. */
  readonly isOpen: boolean;
}

/** A share of the limit; it counts where no size is set (`Arguments::set_heap_size` in arguments.cpp of HotSpot). */
const SHARE = /-XX:MaxRAMPercentage=(\d{1,3}(?:\.\d{1,9})?)(?![\w.])/g;

/**
 * What the command, the arguments and the variables of a container set.
 *
 * @param limit the memory limit of the container, where it has one
 * @param reading counts what is read
 * @returns undefined where nothing is set that can be read
 */
export function heapSettingsOf(container: ContainerWords, limit: Quantity | undefined, reading: Reading): HeapSettings | undefined {
  return settingsIn(textsAboutHeaps(container, reading), limit);
}

function textsAboutHeaps({ command, args, env }: ContainerWords, reading: Reading): readonly string[] {
  const texts: string[] = [];
  const isInCommand = isSetIn(command, reading);
  // An option and its value may be two words.
  if (isSetIn(args, reading) || isInCommand) texts.push([...(command ?? []), ...(args ?? [])].map(withoutComments).join(' '));
  for (const { name, value } of reading.each(env)) {
    if (value == null) continue;
    if (NAMES_OF_HEAPS.has(name) || MAY_SET_A_HEAP.test(reading.read(value))) texts.push(`${name}=${value}`);
  }
  return texts;
}

function settingsIn(texts: readonly string[], limit: Quantity | undefined): HeapSettings | undefined {
  if (texts.length === 0) return undefined;
  const sizes = sizesIn(texts);
  const found = sizes.found.length > 0 || limit === undefined || sizes.isOpen ? sizes.found : sharesIn(texts, limit);
  const [smallest] = found;
  const largest = found.at(-1);
  return smallest === undefined || largest === undefined ? undefined : { smallest, largest, isOpen: sizes.isOpen };
}

/** Each word by itself: hardly a container has such an option, and none of these parts goes over the end of a word. */
function isSetIn(words: Maybe<readonly string[]>, reading: Reading): boolean {
  let isSet = false;
  for (const word of reading.each(words)) if (MAY_SET_A_HEAP.test(reading.read(word))) isSet = true;
  return isSet;
}

/**
 * The least limit with room beside a heap, in whole Mi: the heap is three quarters of it, as `-XX:MaxRAMPercentage=75` makes it, and the rest is
 * for classes, threads, compiled code and buffers.
 */
export function roomForHeap({ bytes }: HeapSetting): Quantity {
  const mebibytes = (wholeUnits(bytes) * 4n + 3n * MEBIBYTE - 1n) / (3n * MEBIBYTE);
  return { nano: mebibytes * MEBIBYTE * NANO_PER_UNIT, format: 'BinarySI' };
}

const MEBIBYTE = 1n << 20n;
const NANO_PER_UNIT = 1_000_000_000n;

/** A heap for which a limit that nobody chose leaves too little room: a size, or a share that is all of any limit. */
export function heapWithoutRoom(container: ContainerWords, limit: Quantity, reading: Reading): HeapSetting | undefined {
  const texts = textsAboutHeaps(container, reading);
  const sizes = settingsIn(texts, undefined);
  if (sizes !== undefined) return isTooLittleFor(sizes, limit) ? sizes.largest : undefined;
  const share = settingsIn(texts, limit)?.smallest;
  return share !== undefined && compareQuantities(limit, share.bytes) <= 0 ? share : undefined;
}

/** Whether a limit leaves too little room for what the container may fill. */
export function isTooLittleFor({ largest }: HeapSettings, limit: Quantity): boolean {
  return compareQuantities(limit, roomForHeap(largest)) < 0;
}

function sizesIn(texts: readonly string[]): { found: HeapSetting[]; isOpen: boolean } {
  const found: HeapSetting[] = [];
  let isOpen = false;
  for (const text of texts) {
    for (const { pattern, bytesOf } of OPTIONS_OF_HEAPS) {
      for (const [option, value = ''] of text.matchAll(pattern)) {
        const bytes = bytesOf(value);
        if (bytes === undefined) isOpen = true;
        // 0 is no limit to Redis and to Go, and the default to the others.
        else if (bytes.nano > 0n) found.push({ option, bytes });
      }
    }
  }
  return { found: found.sort(bySize), isOpen };
}

function sharesIn(texts: readonly string[], limit: Quantity): HeapSetting[] {
  const found: HeapSetting[] = [];
  for (const text of texts) {
    for (const [option, percentage] of text.matchAll(SHARE))
      found.push({ option, bytes: scaleQuantity(limit, Number(percentage) / 100, 'unit') });
  }
  return found.sort(bySize);
}

function bySize(a: HeapSetting, b: HeapSetting): number {
  return a.bytes.nano < b.bytes.nano ? -1 : a.bytes.nano > b.bytes.nano ? 1 : 0;
}
