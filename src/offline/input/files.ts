/** Which files the arguments of a command mean: files, folders with all that is in them, `-` for standard input. */
import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { extname, join, resolve, sep } from 'node:path';
import { entryOf } from '../../core/map-entry.ts';
import { statsOf } from '../../files/stats.ts';
import { reasonOf } from '../../files/system-error.ts';
import { InputError } from './input-error.ts';

export const STDIN = '-';

/** What messages call standard input. */
export const STDIN_NAME = 'stdin';

/** Never holds what somebody applies: dependencies, and by their dot `.git`, `.terraform` and the like. */
export const SKIPPED_FOLDER = /^(?:\..+|node_modules)$/;

/**
 * Lists files, a folder's in the order of their names as `kubectl apply -R -f` does.
 *
 * In a folder it takes the files with the given extensions, follows symbolic links that stay within it, and takes no file
 * twice and no folder within itself. Hidden folders, `node_modules` and linked folders outside are left out; a linked file
 * outside is an error, as one would miss it. What the user names is taken whatever its name is and wherever it leads.
 *
 * @param paths as the user named them; `-` stays
 * @param extensions with their dot, in lower case
 * @returns names of files, and an `InputError` in the place of what cannot be read, or of a folder without such files
 */
export function* inputFiles(paths: readonly string[], extensions: readonly string[]): Generator<string | InputError> {
  let isStdinTaken = false;
  for (const path of paths) {
    if (path === STDIN) {
      yield isStdinTaken ? new InputError(STDIN_NAME, 'must not be named twice, as it can be read only once') : path;
      isStdinTaken = true;
      continue;
    }
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch (error) {
      yield new InputError(path, reasonOf(error));
      continue;
    }
    if (!isFolder) {
      yield path;
      continue;
    }
    let isEmpty = true;
    for (const file of new Folder(path, extensions).files()) {
      isEmpty = false;
      yield file;
    }
    // To judge nothing and be content would hide a wrong path; kubectl refuses such a folder too.
    if (isEmpty) yield new InputError(path, `must hold a file that ends in ${extensions.join(', ')}, but holds none`);
  }
}

/** What tells a path from others, however it is written. */
export function identityOf(path: string): string {
  return path === STDIN ? path : resolve(path);
}

/** Of paths that are written twice, the first. */
export function namedOnce(paths: readonly string[]): readonly string[] {
  const first = new Map<string, string>();
  for (const path of paths) entryOf(first, identityOf(path), () => path);
  return [...first.values()];
}

/** False for what is not there, and for what cannot be looked at: whoever reads it is told why. */
export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

/** What of a folder is taken, besides what its names' ends say. */
export interface FolderFilter {
  /**
   * The filter for a folder's own entries.
   *
   * @param folder as messages call it
   * @param real its path without symbolic links
   */
  entering(folder: string, real: string, names: readonly string[]): FolderFilter;
  leavesOut(name: string, isFolder: boolean): boolean;
  /** @param folder as messages call it; all that is taken of it has been */
  leaving(folder: string): void;
}

/** A folder that the user named. */
export class Folder {
  readonly #path: string;
  readonly #extensions: readonly string[];
  /** Real paths of what was taken, by whatever name. */
  readonly #seen = new Set<string>();

  constructor(path: string, extensions: readonly string[]) {
    this.#path = path;
    this.#extensions = extensions;
  }

  /** A file below the folder that was found in another way than by walking, on the same conditions. */
  *file(path: string): Generator<string | InputError> {
    if (!this.#isWanted(path)) return;
    try {
      const target = realpathSync(path);
      yield* this.#linked(path, target, statSync(target), realpathSync(this.#path));
    } catch (error) {
      yield new InputError(path, reasonOf(error));
    }
  }

  /** @param filter leaves nothing out unless given */
  files(filter?: FolderFilter): Generator<string | InputError> {
    const root = realpathSync(this.#path);
    return this.#walk(this.#path, root, root, filter);
  }

  *#walk(folder: string, real: string, root: string, outer: FolderFilter | undefined): Generator<string | InputError> {
    if (this.#isSeen(real)) return;
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      yield new InputError(folder, reasonOf(error));
      return;
    }
    const filter = outer?.entering(
      folder,
      real,
      entries.map(({ name }) => name),
    );
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (filter?.leavesOut(entry.name, entry.isDirectory()) === true) continue;
      if (entry.isSymbolicLink()) yield* this.#link(path, entry.name, root, filter);
      else if (entry.isDirectory() && !SKIPPED_FOLDER.test(entry.name)) yield* this.#walk(path, join(real, entry.name), root, filter);
      else if (entry.isFile() && this.#isWanted(entry.name) && !this.#isSeen(join(real, entry.name))) yield path;
    }
    filter?.leaving(folder);
  }

  *#link(path: string, name: string, root: string, filter: FolderFilter | undefined): Generator<string | InputError> {
    let target: string;
    let stats: Stats;
    try {
      target = realpathSync(path);
      stats = statSync(target);
    } catch (error) {
      if (this.#isWanted(name)) yield new InputError(path, reasonOf(error));
      return;
    }
    if (stats.isDirectory()) {
      if (isBelow(target, root) && !SKIPPED_FOLDER.test(name)) yield* this.#walk(path, target, root, filter);
    } else if (this.#isWanted(name)) {
      yield* this.#linked(path, target, stats, root);
    }
  }

  /** Pipes and devices are left out: to open one may wait for ever. */
  *#linked(path: string, target: string, stats: Stats, root: string): Generator<string | InputError> {
    if (!isBelow(target, root))
      yield new InputError(
        path,
        `is a symbolic link that leads out of ${this.#path}, so podgrace does not follow it; name ${target} itself`,
      );
    else if (stats.isFile() && !this.#isSeen(target)) yield path;
  }

  #isWanted(name: string): boolean {
    return this.#extensions.includes(extname(name).toLowerCase());
  }

  #isSeen(real: string): boolean {
    if (this.#seen.has(real)) return true;
    this.#seen.add(real);
    return false;
  }
}

/** @param folder a real path, as the other one */
function isBelow(target: string, folder: string): boolean {
  return target.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
