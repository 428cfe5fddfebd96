/** Which files say what kustomize does with a folder. */

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
