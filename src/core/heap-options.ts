/** The options and variables with which programs are told how much memory to fill, and how each program reads their sizes. */
import { parseQuantity, type Quantity } from './quantity.ts';

interface HeapOption {
  /** Its first group is the value. */
  readonly pattern: RegExp;
  /** undefined where the value cannot be read, as one that a variable sets. */
  readonly bytesOf: (value: string) => Quantity | undefined;
}

/** What ends the value of an option in a line of shell. */
const VALUE = '([^\\s"\'\\\\;&|,]*)';

/** Variables that name a heap by themselves; those that only hold options of a program are known by the options. */
const VARIABLES: readonly { readonly names: readonly string[]; readonly bytesOf: HeapOption['bytesOf'] }[] = [
  // `runtime` of Go: bytes, or a unit in 1,024s; `off` is no limit.
  { names: ['GOMEMLIMIT'], bytesOf: (value) => (value === 'off' ? wholeNumber('0') : bytesInUnits(value, GO_UNITS)) },
  // "Runtime configuration options for garbage collection" of .NET: hexadecimal, with or without `0x`.
  { names: ['DOTNET_GCHeapHardLimit', 'COMPlus_GCHeapHardLimit'], bytesOf: bytesInHexadecimal },
  // cassandra-env.sh, bin/solr, the images of Elasticsearch 1 and 2 and of Neo4j: each makes `-Xmx` of it. A bare number is not read: some count MiB.
  {
    names: [
      ...['MAX_HEAP_SIZE', 'SOLR_HEAP', 'ES_HEAP_SIZE', 'ELASTICSEARCH_HEAP_SIZE'],
      ...['NEO4J_server_memory_heap_max__size', 'NEO4J_dbms_memory_heap_max__size'],
    ],
    bytesOf: (value) => (/\d$/.test(value) ? undefined : bytesOfJava(value)),
  },
];

export const NAMES_OF_HEAPS: ReadonlySet<string> = new Set(VARIABLES.flatMap(({ names }) => names));

/**
 * - Java: the man page of `java`, `-Xmx` and `-XX:MaxHeapSize`; letters count in 1,024s.
 * - Node.js: `node --v8-options`, in MiB.
 * - Redis: `memtoull` in util.c; `gb` counts in 1,024s, `g` in thousands.
 * - PostgreSQL: "Resource Consumption"; units count in 1,024s, a blank may stand before one, and a number alone is of pages of 8 KiB.
 * - MySQL: "Server System Variables" and `eval_num_suffix` in my_getopt.cc; letters count in 1,024s.
 * - MongoDB: `mongod --wiredTigerCacheSizeGB`, in GiB.
 * - RabbitMQ: "Memory Threshold and Limit"; `GB` counts in thousands, `GiB` and `G` in 1,024s.
 */
export const OPTIONS_OF_HEAPS: readonly HeapOption[] = [
  { pattern: new RegExp(`-Xmx${VALUE}`, 'g'), bytesOf: bytesOfJava },
  { pattern: new RegExp(`-XX:MaxHeapSize=${VALUE}`, 'g'), bytesOf: bytesOfJava },
  { pattern: new RegExp(`--max[-_]old[-_]space[-_]size(?:=| )${VALUE}`, 'g'), bytesOf: (value) => wholeNumber(value, 'Mi') },
  { pattern: new RegExp(`--maxmemory(?:=| )${VALUE}`, 'g'), bytesOf: (value) => bytesInUnits(value.toLowerCase(), REDIS_UNITS) },
  { pattern: new RegExp(`shared[-_]buffers ?= ?["']?((?:\\d{1,15} (?=[kMGT]?B\\b))?[^\\s"'\\\\;&|,]*)`, 'g'), bytesOf: bytesOfPostgres },
  {
    pattern: new RegExp(`innodb[-_]buffer[-_]pool[-_]size(?:=| )${VALUE}`, 'g'),
    bytesOf: (value) => bytesInUnits(value.toLowerCase(), JAVA_UNITS),
  },
  { pattern: new RegExp(`--wiredTigerCacheSizeGB(?:=| )${VALUE}`, 'g'), bytesOf: bytesInGibibytes },
  {
    pattern: /vm_memory_high_watermark(?:\.absolute ?= ?|,? ?\{ ?absolute, ?["']?)([\w$({]*)/g,
    bytesOf: (value) => bytesInUnits(value, RABBIT_UNITS),
  },
  ...VARIABLES.map(({ names, bytesOf }) => ({ pattern: new RegExp(`(?<!\\w)(?:${names.join('|')})=["']?${VALUE}`, 'g'), bytesOf })),
];

/** In each of these letters one of the options has a part, which does not go over the end of a word. */
export const MAY_SET_A_HEAP = new RegExp(
  `-Xmx|-XX:Max|--max|shared[-_]buffers|innodb[-_]buffer|--wiredTigerCache|vm_memory_high|${[...NAMES_OF_HEAPS].join('|')}`,
);

function bytesOfJava(value: string): Quantity | undefined {
  return bytesInUnits(value.toLowerCase(), JAVA_UNITS);
}

const JAVA_UNITS: Readonly<Record<string, string>> = { '': '', k: 'Ki', m: 'Mi', g: 'Gi', t: 'Ti' };

const REDIS_UNITS: Readonly<Record<string, string>> = { '': '', b: '', k: 'k', kb: 'Ki', m: 'M', mb: 'Mi', g: 'G', gb: 'Gi' };

const GO_UNITS: Readonly<Record<string, string>> = { '': '', B: '', KiB: 'Ki', MiB: 'Mi', GiB: 'Gi', TiB: 'Ti' };

const RABBIT_UNITS: Readonly<Record<string, string>> = {
  ...{ '': '', k: 'Ki', kiB: 'Ki', KiB: 'Ki', kB: 'k', KB: 'k' },
  ...{ M: 'Mi', MiB: 'Mi', MB: 'M', G: 'Gi', GiB: 'Gi', GB: 'G' },
};

const POSTGRES_UNITS: Readonly<Record<string, string>> = { B: '', kB: 'Ki', MB: 'Mi', GB: 'Gi', TB: 'Ti' };

function bytesOfPostgres(value: string): Quantity | undefined {
  return /^\d{1,11}$/.test(value)
    ? wholeNumber(String(Number(value) * POSTGRES_PAGE_KIBIBYTES), 'Ki')
    : bytesInUnits(value.replace(' ', ''), POSTGRES_UNITS);
}

const POSTGRES_PAGE_KIBIBYTES = 8;

function bytesInHexadecimal(value: string): Quantity | undefined {
  const [, digits] = /^(?:0x)?([0-9a-f]{1,12})$/i.exec(value) ?? [];
  return digits === undefined ? undefined : wholeNumber(String(Number.parseInt(digits, 16)));
}

function bytesInGibibytes(value: string): Quantity | undefined {
  return /^\d{1,9}(?:\.\d{1,3})?$/.test(value) ? parseQuantity(`${value}Gi`) : undefined;
}

function bytesInUnits(value: string, units: Readonly<Record<string, string>>): Quantity | undefined {
  const [, number, unit = ''] = /^(\d{1,15})([a-z]{0,3})$/i.exec(value) ?? [];
  const suffix = units[unit];
  return number === undefined || suffix === undefined ? undefined : wholeNumber(number, suffix);
}

function wholeNumber(digits: string, suffix = ''): Quantity | undefined {
  if (!/^\d{1,15}$/.test(digits)) return undefined;
  const quantity = parseQuantity(digits + suffix);
  // Messages say bytes in Mi or Gi where they can.
  return quantity !== undefined && suffix === '' ? { ...quantity, format: 'BinarySI' } : quantity;
}
