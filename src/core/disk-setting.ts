/**
 * How much the settings of a container let its program keep on disk: `--storage.tsdb.retention.size=50GB` of Prometheus, `CACHE_MAX_SIZE=20Gi`.
 * Each program has an option of its own, so the name of an option and the unit of its value tell.
 */
import type { ContainerWords, Reading } from './container-words.ts';
import { compareQuantities, parseQuantity, type Quantity } from './quantity.ts';

export interface DiskSetting {
  /** As it is written: `--storage.tsdb.retention.size=50GB`. */
  readonly option: string;
  readonly bytes: Quantity;
}

/** @returns the largest amount that the command, the arguments and the variables of a container set; undefined where they set none */
export function largestDiskSettingOf({ command, args, env }: ContainerWords, reading: Reading): DiskSetting | undefined {
  // An option and its value may be two words.
  const texts = [[command, args].flatMap((list) => [...reading.each(list)]).join(' ')];
  for (const { name, value } of reading.each(env)) if (value != null) texts.push(`${name}=${value}`);
  let largest: DiskSetting | undefined;
  for (const text of texts) {
    for (const [option, value = ''] of reading.read(text).matchAll(SETTING)) {
      const bytes = OF_MEMORY.test(option) ? undefined : bytesOf(value);
      if (bytes !== undefined && (largest === undefined || compareQuantities(bytes, largest.bytes) > 0))
        largest = { option: option.replace(/["']/g, ''), bytes };
    }
  }
  return largest;
}

/** The last part of the name says that the value is an amount of disk; a number without a unit may count anything. */
const SETTING =
  /(?<![\w.-])[\w.-]{0,80}(?:size|disk|storage|space|capacity|bytes)(?:=| )["']?(\d{1,9}(?:\.\d{1,3})?[KMGTP]i?B?)(?![\w.-])/gi;

/** What a program keeps in memory: `--innodb-buffer-pool-size=16G`, `MAX_HEAP_SIZE=16G`, `-XX:MaxDirectMemorySize=16g`, `--shm-size=16G`. */
const OF_MEMORY = /heap|memory|buffer[-_.]?pool|metaspace|code[-_.]?cache|(?:^|[-_.])(?:shm|mem|ram)[-_.]/i;

/** `GB` counts in thousands to some programs and in 1,024s to others: the larger one is what the program may keep. */
function bytesOf(value: string): Quantity | undefined {
  const [, number = '', unit = ''] = /^([\d.]+)([KMGTP])/i.exec(value) ?? [];
  return parseQuantity(`${number}${unit.toUpperCase()}i`);
}
