/** Which files of a repository the arguments of `check` mean: what git ignores, and what is no manifest yet, is left out. */
import { globSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Folder, identityOf, inputFiles, isFolder, SKIPPED_FOLDER, STDIN, type FolderFilter } from './files.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { InputError } from './input-error.ts';

export interface FoundFile {
  readonly file: string;
  /** Whether it was found in a folder or by a pattern; else somebody has named it. */
  readonly isFound: boolean;
}

/** A folder that holds no manifests, but what they are made from. */
export interface ChartFolder {
  readonly chart: string;
}

/** A folder of which no more files follow. */
export interface EndedFolder {
  /** As `dirname` of its files has it. */
  readonly ended: string;
}

/**
 * Lists files as `repositoryFiles` does, and tells of the ends of folders where it knows them: not where another path may lead to the
 * same folder.
 */
export function* listedFiles(
  paths: readonly string[],
  extensions: readonly string[],
  ignored: readonly string[],
): Generator<FoundFile | ChartFolder | InputError | EndedFolder> {
  const ended: string[] = [];
  for (const entry of repositoryFiles(paths, extensions, ignored, paths.length === 1 ? ended : undefined)) {
    for (const folder of ended.splice(0)) yield { ended: folder };
    yield entry;
  }
}

/**
 * Lists files: those that are named, those below named folders, and those that match a pattern where nothing has the
 * pattern as its name (`deploy/**` in quotes). Of folders and patterns, `.gitignore` and `.podgraceignore` leave out what they name, and
 * so do hidden folders, `node_modules` and the templates of Helm charts. No file is taken twice, by whichever of the paths it is found;
 * what is named counts as named.
 *
 * @param extensions with their dot, in lower case
 * @param ignored further patterns, relative to the working folder; they leave out named files, too
 * @param ended gets the folders below a named one as they end, before the next entry
 */
export function* repositoryFiles(
  paths: readonly string[],
  extensions: readonly string[],
  ignored: readonly string[],
  ended?: string[],
): Generator<FoundFile | ChartFolder | InputError> {
  const byOption = IgnoreRules.ofPatterns(ignored, realpathSync('.'));
  const taken = paths.length > 1 ? new TakenOnce(paths) : undefined;
  for (const path of paths) {
    if (path !== STDIN && byOption?.leavesOut(resolve(path), false) === true) continue;
    for (const entry of filesOf(path, extensions, byOption, ended)) if (taken?.hasTaken(entry) !== true) yield entry;
  }
}

function* filesOf(
  path: string,
  extensions: readonly string[],
  byOption: IgnoreRules | undefined,
  ended: string[] | undefined,
): Generator<FoundFile | ChartFolder | InputError> {
  if (path !== STDIN && isFolder(path)) yield* filesInFolder(path, extensions, byOption, ended);
  else if (isPattern(path)) yield* filesMatching(path, extensions, byOption);
  else for (const file of inputFiles([path], extensions)) yield typeof file === 'string' ? { file, isFound: false } : file;
}

/** Remembers what several paths lead to. */
class TakenOnce {
  readonly #named: ReadonlySet<string>;
  readonly #taken = new Set<string>();

  constructor(paths: readonly string[]) {
    this.#named = new Set(paths.filter((path) => path !== STDIN && !isFolder(path) && !isPattern(path)).map(identityOf));
  }

  /** Whether an entry was taken before, or is left to the path that names it. */
  hasTaken(entry: FoundFile | ChartFolder | InputError): boolean {
    const path = 'chart' in entry ? entry.chart : entry.file;
    const key = identityOf(path);
    if ('isFound' in entry && entry.isFound && this.#named.has(key)) return true;
    if (this.#taken.has(key)) return true;
    this.#taken.add(key);
    return false;
  }
}

const PATTERN = /[*?[{]/;

function isPattern(path: string): boolean {
  return PATTERN.test(path) && isMissing(path);
}

/** False for what cannot be looked at. */
function isMissing(path: string): boolean {
  try {
    return path !== STDIN && statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function* filesInFolder(
  path: string,
  extensions: readonly string[],
  byOption: IgnoreRules | undefined,
  ended: string[] | undefined,
): Generator<FoundFile | ChartFolder | InputError> {
  const charts: string[] = [];
  const walk: Walk = { byOption, charts, ended, hasIgnored: false };
  const filter = new RepositoryFilter(IgnoreRules.around(realpathSync(path)), walk);
  let isEmpty = true;
  for (const file of new Folder(path, extensions).files(filter)) {
    isEmpty = false;
    for (const chart of charts.splice(0)) yield { chart };
    yield typeof file === 'string' ? { file, isFound: true } : file;
  }
  for (const chart of charts.splice(0)) yield { chart };
  if (isEmpty)
    yield new InputError(path, `must hold a file that ends in ${extensions.join(', ')}, but holds none${notIgnored(walk.hasIgnored)}`);
}

function* filesMatching(
  pattern: string,
  extensions: readonly string[],
  byOption: IgnoreRules | undefined,
): Generator<FoundFile | InputError> {
  const { base, rest } = splitPattern(pattern);
  let isEmpty = true;
  let hasIgnored = false;
  if (isFolder(base)) {
    const real = realpathSync(base);
    const isLeftOut = leftOutBelow(real);
    const folder = new Folder(base, extensions);
    const matches = globSync(rest, { cwd: base, exclude: (name) => SKIPPED_FOLDER.test(basename(name)) });
    for (const match of matches.sort()) {
      const path = join(real, match);
      if (isFolder(path)) continue;
      if (isLeftOut(path) || byOption?.leavesOut(path, false) === true) {
        hasIgnored = true;
        continue;
      }
      for (const file of folder.file(join(base, match))) {
        isEmpty = false;
        yield typeof file === 'string' ? { file, isFound: true } : file;
      }
    }
  }
  if (isEmpty)
    yield new InputError(pattern, `must match a file that ends in ${extensions.join(', ')}, but matches none${notIgnored(hasIgnored)}`);
}

function notIgnored(hasIgnored: boolean): string {
  return hasIgnored ? ' that is not ignored' : '';
}

/** Whether a path is left out though somebody has named it. @param ignored as of `repositoryFiles` */
export function isIgnored(path: string, ignored: readonly string[]): boolean {
  return path !== STDIN && IgnoreRules.ofPatterns(ignored, realpathSync('.'))?.leavesOut(resolve(path), false) === true;
}

/** The folders in which files are searched for: those that are named, and those that patterns begin with, as far as they are there. */
export function searchedFolders(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === STDIN) return [];
    const folder = isPattern(path) ? splitPattern(path).base : path;
    return isFolder(folder) ? [folder] : [];
  });
}

/** The folder that a pattern begins with, as far as it names one, and what is to match below. */
function splitPattern(pattern: string): { readonly base: string; readonly rest: string } {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => PATTERN.test(part));
  const base = parts.slice(0, first).join('/');
  return { base: base === '' ? (first === 0 ? '.' : '/') : base, rest: parts.slice(first).join('/') };
}

/** Whether a file below a folder is left out, or one of the folders in which it is: as in a walk, nothing in those is taken in again. */
function leftOutBelow(top: string): (file: string) => boolean {
  const known = new Map<string, IgnoreRules | 'left out' | undefined>([[top, IgnoreRules.inFolder(top, IgnoreRules.around(top))]]);
  const rulesIn = (folder: string): IgnoreRules | 'left out' | undefined => {
    if (known.has(folder) || !folder.startsWith(top)) return known.get(folder);
    const outer = rulesIn(dirname(folder));
    const isLeftOut = outer === 'left out' || outer?.leavesOut(folder, true) === true;
    const rules = isLeftOut ? 'left out' : IgnoreRules.inFolder(folder, outer);
    known.set(folder, rules);
    return rules;
  };
  return (file) => {
    const rules = rulesIn(dirname(file));
    return rules === 'left out' || rules?.leavesOut(file, false) === true;
  };
}

const CHART = 'Chart.yaml';
const CHART_TEMPLATES = 'templates';

/** The same for all folders of a walk. */
interface Walk {
  readonly byOption: IgnoreRules | undefined;
  /** Gets the folders of Helm charts as they are found. */
  readonly charts: string[];
  /** Gets the folders as they end, for whoever asks. */
  readonly ended: string[] | undefined;
  /** Whether anything was left out because somebody wants it to be. */
  hasIgnored: boolean;
}

class RepositoryFilter implements FolderFilter {
  readonly #rules: IgnoreRules | undefined;
  readonly #walk: Walk;
  readonly #real: string;
  readonly #isChart: boolean;

  constructor(rules: IgnoreRules | undefined, walk: Walk, real = '', isChart = false) {
    this.#rules = rules;
    this.#walk = walk;
    this.#real = real;
    this.#isChart = isChart;
  }

  entering(folder: string, real: string, names: readonly string[]): FolderFilter {
    const isChart = names.includes(CHART) && names.includes(CHART_TEMPLATES);
    if (isChart) this.#walk.charts.push(folder);
    return new RepositoryFilter(IgnoreRules.inFolder(real, this.#rules), this.#walk, real, isChart);
  }

  leaving(folder: string): void {
    this.#walk.ended?.push(dirname(join(folder, CHART)));
  }

  leavesOut(name: string, isFolder: boolean): boolean {
    if (this.#isChart && isFolder && name === CHART_TEMPLATES) return true;
    const path = join(this.#real, name);
    const isIgnored = this.#rules?.leavesOut(path, isFolder) === true || this.#walk.byOption?.leavesOut(path, isFolder) === true;
    this.#walk.hasIgnored ||= isIgnored;
    return isIgnored;
  }
}
