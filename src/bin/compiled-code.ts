/**
 * The compiled code of the command line, kept so that the next start needs not compile it again.
 *
 * Node's own cache (`module.enableCompileCache`) holds the code as it is before anything ran: functions are compiled anew at
 * each start when they are called. This one is made at the end of a run and holds what that run called, which halves the time of
 * a short one.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { cacheFolder } from '../files/cache-folder.ts';

/** How long the code of another version stays. */
const KEPT_MS = 30 * 86_400_000;

/**
 * The most CPU time of a run that leaves its code. A longer one has called functions that a check of one file never calls, and has
 * little use for code itself: what a check of 1,496 files left took each check of one file 13 ms more to read.
 */
const MAX_CPU_MS = 500;

/**
 * The same as a multiple of what Node.js has taken before it: on a slow machine a short run without compiled code takes longer. Here a start
 * takes 30 ms, and such a run 160 ms.
 */
const MAX_TIMES_OF_START = 16;

/**
 * So many runs add what they have called: the first may have met a misspelt path or a file without findings. A check of a file with findings
 * took 129 ms of CPU with the code of a run that found no file, and 96 ms with its own.
 */
export const RUNS_TOGETHER = 4;

/** Behind the code: of how many runs it is, and a CRC-32 of all before it. */
const RUNS_BYTES = 1;
const CHECKSUM_BYTES = 4;

/** What earlier runs have left. */
export interface LeftCode {
  readonly code: Buffer;
  /** How many runs have called what is in it. */
  readonly runs: number;
}

/** Where the compiled code of a text comes from, and where it goes. */
export interface KeptCode {
  /** @returns undefined where there is none */
  read(): LeftCode | undefined;
  write(left: LeftCode): void;
}

/** A file with the compiled code of a command, for one version of podgrace and of Node.js. */
export class CompiledCode implements KeptCode {
  readonly #file: string;

  /**
   * @param command what the run is about
   * @param digest of the text that the code is of
   */
  constructor(folder: string, command: string, digest: string) {
    this.#file = path.join(folder, `${command}-${digest}-${process.version}-${process.arch}`);
  }

  /** @returns undefined where there is none, or another than was written */
  read(): LeftCode | undefined {
    try {
      const kept = fs.readFileSync(this.#file);
      const content = kept.subarray(0, -CHECKSUM_BYTES);
      if (content.length <= RUNS_BYTES || crc32(content) !== kept.readUInt32LE(content.length)) return undefined;
      return { code: content.subarray(0, -RUNS_BYTES), runs: content.readUInt8(content.length - RUNS_BYTES) };
    } catch {
      return undefined;
    }
  }

  /**
   * Replaces it as a whole, and only once it is on the disk, with a checksum: V8 looks at its version, the length of the text and that
   * of the code, but runs what it reads. Where it cannot be written, the next start compiles again.
   */
  write({ code, runs }: LeftCode): void {
    const folder = path.dirname(this.#file);
    const written = `${this.#file}.${process.pid}`;
    try {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const content = Buffer.concat([code, Buffer.of(runs)]);
      const checksum = Buffer.alloc(CHECKSUM_BYTES);
      checksum.writeUInt32LE(crc32(content));
      fs.writeFileSync(written, Buffer.concat([content, checksum]), { mode: 0o600, flush: true });
      fs.renameSync(written, this.#file);
      removeOld(folder, Date.now() - KEPT_MS);
    } catch {
      removeIfThere(written);
    }
  }
}

function removeIfThere(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Nothing can be written there: then there is nothing.
  }
}

function removeOld(folder: string, beforeMs: number): void {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const stats = fs.statSync(file);
    // Folders are of other caches.
    if (stats.isFile() && stats.mtimeMs < beforeMs) fs.rmSync(file);
  }
}

/** How much CPU time a run may take that leaves its code. */
interface LongestRun {
  readonly leastMs: number;
  /** What the start of Node.js has taken. */
  readonly startMs: number;
}

/** What is run. */
export interface ProgramText {
  /** Where stack traces say that it stands. */
  readonly file: string;
  /** CommonJS, in ASCII. */
  readonly text: string;
}

/**
 * Runs a file of the bundle as `require` does, with the code that earlier runs left, and adds its own where those were few.
 *
 * @param kept undefined where nothing may be kept
 * @param require for what the file asks for
 * @param longest a run that takes more leaves nothing
 */
export function runKept(
  { file, text }: ProgramText,
  kept: KeptCode | undefined,
  require: NodeJS.Require,
  { leastMs, startMs }: LongestRun = { leastMs: MAX_CPU_MS, startMs: cpuMs() },
): void {
  const left = kept?.read();
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const script = new Script(wrapped, { filename: file, ...(left !== undefined && { cachedData: left.code }) });
  const runs = left === undefined || script.cachedDataRejected === true ? 0 : left.runs;
  if (kept !== undefined && runs < RUNS_TOGETHER) {
    process.once('exit', () => {
      if (cpuMs() > Math.max(leastMs, MAX_TIMES_OF_START * startMs)) return;
      kept.write({ code: script.createCachedData(), runs: runs + 1 });
    });
  }
  const module = { exports: {} };
  const run = script.runInThisContext() as (...values: readonly unknown[]) => void;
  run(module.exports, require, module, file, path.dirname(file));
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Where compiled code is kept: a folder of the user's own, as what is in it is run.
 *
 * @returns an absolute path, as the system's conventions have it; undefined where nothing is to be kept, or the user has no home
 */
export function keptCodeFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string | undefined {
  // As Node.js reads it for its own cache.
  if (env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return undefined;
  return cacheFolder(env, platform, home);
}
