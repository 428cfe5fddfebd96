/** Which files say what kustomize does with a folder. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { STDIN, STDIN_NAME } from './input/files.ts';

/** The names that kubectl and kustomize take (kustomize `konfig.RecognizedKustomizationFileNames`). */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

const KUSTOMIZATION = /^(.*[\\/])?(?:kustomization\.ya?ml|Kustomization)$/;

/** By its name, as kustomize looks for it. */
export function isKustomization(file: string): boolean {
  return KUSTOMIZATION.test(file);
}

/** @returns the folder that such a file is about, with its slash; undefined for any other file */
export function kustomizeFolderOf(file: string): string | undefined {
  const match = KUSTOMIZATION.exec(file);
  return match === null ? undefined : (match[1] ?? './');
}

/** Where an object was read. */
export interface ReadPlace {
  readonly file: string;
  /** The file itself, where the object stands in it as it was read: not where a tool has rendered it. */
  readonly application?: string;
}

/**
 * Whether kustomize may change an object before anybody applies it: a kustomization stands in its folder, or in one above in the same
 * repository, as that of an overlay does above its patches.
 */
export function isForKustomize({ file, application }: ReadPlace): boolean {
  if (application !== file || file === STDIN || file === STDIN_NAME) return false;
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const at = folder;
    if (KUSTOMIZATION_FILES.some((name) => existsSync(join(at, name)))) return true;
    if (dirname(folder) === folder || existsSync(join(folder, '.git'))) return false;
  }
}
