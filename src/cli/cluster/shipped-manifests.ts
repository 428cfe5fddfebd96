/** The manifests that come with podgrace. The executable has another way to them (packaging/executable). */
import { fileURLToPath } from 'node:url';
import { INSTALLED } from '../../files/installed.ts';
import { readDocuments, type ManifestDocument, type UnreadableManifest } from '../../offline/input/documents.ts';

const SHIPPED = fileURLToPath(new URL('deploy/base', INSTALLED));

/** The objects that podgrace ships for a cluster, in the order of their files. */
export function shippedManifests(stdin: NodeJS.ReadableStream): AsyncIterable<ManifestDocument | UnreadableManifest> {
  return readDocuments([SHIPPED], { stdin });
}
