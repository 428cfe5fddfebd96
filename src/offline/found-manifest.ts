/** Whether a file that somebody wants to write over is one that a search for manifests finds. */
import { readFileSync, realpathSync } from 'node:fs';
import { extname, sep } from 'node:path';
import { isObject } from '../core/json.ts';
import { groupOf } from '../core/workload.ts';
import { codeOf } from '../files/system-error.ts';
import { otherThanManifest } from './skipped-document.ts';
import { documentsIn, MANIFEST_EXTENSIONS } from './input/documents.ts';
import { decodeText } from './input/file-text.ts';

/** Reports of an earlier run that are objects themselves. */
const REPORT_GROUPS = ['wgpolicyk8s.io', 'openreports.io'];

/**
 * @param file that exists
 * @param folders in which files are searched for
 * @returns false for what holds no object: an older report, for instance
 */
export function isFoundManifest(file: string, folders: readonly string[]): boolean {
  if (!MANIFEST_EXTENSIONS.includes(extname(file).toLowerCase())) return false;
  const real = realpathSync(file);
  if (!folders.some((folder) => isBelow(real, realpathSync(folder)))) return false;
  try {
    for (const document of documentsIn(file, decodeText(readFileSync(file))))
      if ('message' in document || !isNoManifest(document.value)) return true;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    // It may be anything.
    return true;
  }
  return false;
}

function isBelow(real: string, folder: string): boolean {
  return real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function isNoManifest(value: unknown): boolean {
  if (otherThanManifest(value) !== undefined) return true;
  const apiVersion = isObject(value) ? value['apiVersion'] : undefined;
  return typeof apiVersion === 'string' && REPORT_GROUPS.includes(groupOf(apiVersion));
}
