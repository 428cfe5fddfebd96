/** What users apply, as objects: the plain manifests, the kustomizations, and the chart. */
import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { load } from 'js-yaml';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { parseDocument, splitDocuments } from '../../src/yaml/kubernetes-yaml.ts';
import { skipWithoutKubectl } from '../yaml/kubectl.ts';
import { helm, skipWithoutHelm } from './helm.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Manifest extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: JsonObject;
    readonly annotations?: JsonObject;
    readonly generateName?: string;
  };
}

/** The text of a file of the repository. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function parseManifests(text: string): Manifest[] {
  return splitDocuments(text)
    .map((document) => parseDocument(document))
    .filter((value) => isObject(value)) as Manifest[];
}

/** The numbered files of deploy/base in their order, as `kubectl apply -f` takes them. */
export function readBase(): Manifest[] {
  return readdirSync(join(ROOT, 'deploy/base'))
    .filter((file) => /^\d\d-.*\.yaml$/.test(file))
    .sort()
    .flatMap((file) => parseManifests(readText(`deploy/base/${file}`)));
}

/** @param folder with a kustomization, from the root of the repository or absolute */
export function kustomize(folder: string): Manifest[] {
  const kubectl = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubectl');
  const { status, stdout, stderr } = spawnSync(kubectl, ['kustomize', folder], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`kubectl kustomize ${folder}: ${stderr}`);
  return parseManifests(stdout);
}

/** The webhook that the component force-delete adds to the others, as it stands there. */
export function forceDeleteWebhook(): JsonObject & { readonly name: string; readonly matchConditions: readonly object[] } {
  const component = load(readText('deploy/components/force-delete/kustomization.yaml')) as { patches: { patch: string }[] };
  const operations = component.patches.flatMap(({ patch }) => load(patch) as { value: ReturnType<typeof forceDeleteWebhook> }[]);
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) throw new Error('the component must add one webhook');
  return operation.value;
}

/** What a release in podgrace-system would consist of. @param values as of a values file */
export function helmTemplate(values: JsonObject = {}): Manifest[] {
  const { code, stdout, stderr } = helm(
    ['template', 'podgrace', 'deploy/chart', '--namespace', 'podgrace-system', '--values', '-'],
    JSON.stringify(values),
    ROOT,
  );
  if (code !== 0) throw new Error(`helm template: ${stderr}`);
  return parseManifests(stdout);
}

export interface Rendering {
  readonly name: string;
  /** Why it cannot be rendered here, for tap. */
  readonly skip: string | false;
  readonly render: () => Manifest[];
}

/** Everything that is shipped, in each form that users get it in. */
export const RENDERINGS: readonly Rendering[] = [
  { name: 'deploy/base', skip: false, render: readBase },
  ...['kind', 'cert-manager'].map((overlay) => ({
    name: `deploy/overlays/${overlay}`,
    skip: skipWithoutKubectl(),
    render: () => kustomize(`deploy/overlays/${overlay}`),
  })),
  ...['self-managed', 'cert-manager', 'existing-secret'].map((mode) => ({
    name: `deploy/chart, certificates ${mode}`,
    skip: skipWithoutHelm(),
    render: () => helmTemplate({ certificates: { mode } }),
  })),
];

/** @throws where there is not exactly one */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || others.length > 0)
    throw new Error(`there must be one ${kind}, there are ${found === undefined ? 0 : others.length + 1}`);
  return found;
}

/** How objects are told apart in a cluster; in the order of a set. */
export function byIdentity(manifests: readonly Manifest[]): Record<string, Manifest> {
  const entries = manifests.map((manifest) => [identityOf(manifest), manifest] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function identityOf({ apiVersion, kind, metadata: { namespace = '', name } }: Manifest): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
