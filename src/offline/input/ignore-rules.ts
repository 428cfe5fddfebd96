/** What `.gitignore` and `.podgraceignore` leave out, as git reads such files: the nearest that says something about a path decides. */
import ignore, { type Ignore } from 'ignore';
import { dirname, join, relative, sep } from 'node:path';
import { readFoundFile } from '../../files/small-file.ts';
import { repositoryRoot } from '../../files/repository-root.ts';

/** In a folder with both, the second counts more: it can take in again (`!`) what git leaves out. */
export const IGNORE_FILES = ['.gitignore', '.podgraceignore'] as const;

/** Letters in both cases differ, as they do for git where the file system tells them apart. */
const LIKE_GIT = { ignorecase: false };

/** The rules for what is in a folder, and those of the folders around it. */
export class IgnoreRules {
  readonly #outer: IgnoreRules | undefined;
  readonly #folder: string;
  readonly #patterns: Ignore;

  private constructor(outer: IgnoreRules | undefined, folder: string, patterns: Ignore) {
    this.#outer = outer;
    this.#folder = folder;
    this.#patterns = patterns;
  }

  /** @param folder what the patterns are relative to */
  static ofPatterns(patterns: readonly string[], folder: string): IgnoreRules | undefined {
    return patterns.length === 0 ? undefined : new IgnoreRules(undefined, folder, ignore(LIKE_GIT).add(patterns.map(oneUnitPerByte)));
  }

  /** The rules of a folder on top of those around it; the latter where it has no such file, or none that may be read. */
  static inFolder(folder: string, outer: IgnoreRules | undefined): IgnoreRules | undefined {
    const texts = IGNORE_FILES.flatMap((name) => readIfThere(join(folder, name)));
    if (texts.length === 0) return outer;
    const patterns = ignore(LIKE_GIT);
    for (const text of texts) patterns.add(oneUnitPerByte(text));
    return new IgnoreRules(outer, folder, patterns);
  }

  /**
   * The rules of the folders around one, up to the root of its git repository; none outside of one.
   *
   * @param folder a real path; somebody has named it, so rules that leave the folder itself out do not count
   */
  static around(folder: string): IgnoreRules | undefined {
    const root = repositoryRoot(folder);
    if (root === undefined) return undefined;
    const chain: string[] = [];
    for (let at = folder; at !== root; at = dirname(at)) chain.unshift(dirname(at));
    const rules = chain.reduce<IgnoreRules | undefined>((outer, each) => IgnoreRules.inFolder(each, outer), undefined);
    return rules?.leavesOut(folder, true) === true ? undefined : rules;
  }

  /** @param path a real path below the folder */
  leavesOut(path: string, isFolder: boolean): boolean {
    const name = oneUnitPerByte(relative(this.#folder, path).split(sep).join('/'));
    if (name !== '' && !name.startsWith('../')) {
      const { ignored, unignored } = this.#patterns.test(isFolder ? `${name}/` : name);
      if (ignored) return true;
      if (unignored) return false;
    }
    return this.#outer?.leavesOut(path, isFolder) === true;
  }
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Where the bytes above ASCII begin: in the area for private use, where no unit is white space or has another case. */
const BYTES_AT = 0xe000;

/** git compares bytes (`wildmatch.c`): `?` is one of the two of `ä`. Patterns and paths are given alike, so that one unit stands for one byte. */
function oneUnitPerByte(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[\u0080-\u00ff]/g, (byte) => String.fromCharCode(BYTES_AT + byte.charCodeAt(0)));
}

/** Thousands of lines. */
const MAX_IGNORE_FILE_BYTES = 1024 * 1024;

/** What git passes over (`add_patterns_from_buffer` of dir.c): a byte order mark, and the carriage return of a last line without a line feed. */
const PASSED_OVER = /^\uFEFF|\r$/g;

function readIfThere(file: string): string[] {
  try {
    return [readFoundFile(file, MAX_IGNORE_FILE_BYTES).toString('utf8').replace(PASSED_OVER, '')];
  } catch {
    return [];
  }
}
