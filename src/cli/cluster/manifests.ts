/** The manifests of an installation: those that come with podgrace, or the user's own. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { readInstallation, type Installation } from '../../kube/commands/installation.ts';
import { relocate } from '../../kube/commands/relocation.ts';
import { readDocuments } from '../../offline/input/documents.ts';
import { UsageError } from '../exit-code.ts';
import { asUsageError } from './connect.ts';
import { shippedManifests } from './shipped-manifests.ts';

/**
 * @param path a file, a folder or `-` (what kustomize or Helm renders); the shipped ones where it is left out
 * @param namespace to put in them in place of the server's; undefined for the one that they name
 * @throws {UsageError} for what cannot be read, or is no installation
 */
export async function readManifests(
  path: string | undefined,
  namespace: string | undefined,
  stdin: NodeJS.ReadableStream,
): Promise<Installation> {
  const objects: JsonObject[] = [];
  for await (const document of path === undefined ? shippedManifests(stdin) : readDocuments([path], { stdin })) {
    if ('message' in document)
      throw new UsageError(`${document.file}${document.line === null ? '' : `:${document.line}`}: ${document.message}`);
    if (!isObject(document.value)) throw new UsageError(`${document.file}:${document.line}: must be a Kubernetes object`);
    objects.push(document.value);
  }
  try {
    const installation = readInstallation(objects);
    return namespace === undefined ? installation : relocate(installation, namespace);
  } catch (error) {
    throw asUsageError(error, 'read the manifests');
  }
}
