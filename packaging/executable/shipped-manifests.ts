/** In the executable, in place of src/cli/cluster/shipped-manifests.ts. */
import { getAsset } from 'node:sea';
import { documentsIn, type ManifestDocument, type UnreadableManifest } from '../../src/offline/input/documents.ts';

export function shippedManifests(): Iterable<ManifestDocument | UnreadableManifest> {
  return documentsIn('deploy/base', getAsset('manifests.yaml', 'utf8'));
}
