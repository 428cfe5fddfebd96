/** What kustomize and helm make of a folder, as manifests that know the files they come from. */
import { readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { statsOf } from '../../files/stats.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError, type SourceDocument } from '../../yaml/kubernetes-yaml.ts';
import { itemsOf, ManifestDocument, SourceLines, type UnreadableManifest } from '../input/documents.ts';
import { decodeText, MAX_TEXT_BYTES } from '../input/file-text.ts';
import { KUSTOMIZATION_FILES } from '../kustomization.ts';
import { RenderedPlaces } from './rendered-places.ts';
import { TemplateOutline } from './template-outline.ts';
import { runTool, type ToolContext, type ToolResult } from './tool.ts';

export type RenderedManifest = ManifestDocument | UnreadableManifest;

/**
 * `kubectl kustomize`, or `kustomize build` where there is no kubectl. What it writes does not say which file an object comes from:
 * all of them are called by the kustomization.
 */
export async function renderKustomization(folder: string, context: ToolContext): Promise<RenderedManifest[]> {
  const name = KUSTOMIZATION_FILES.find((each) => isFile(join(folder, each)));
  if (name === undefined) return [problem(folder, `must be a folder with a ${KUSTOMIZATION_FILES[0]}`)];
  const kubectl = await runTool('kubectl', ['kustomize', '--', folder], context);
  const [tool, result] =
    kubectl === 'missing'
      ? ['kustomize build', await runTool('kustomize', ['build', '--', folder], context)]
      : ['kubectl kustomize', kubectl];
  const file = join(folder, name);
  return manifestsOf(result, { tool, missing: 'needs kubectl or kustomize', input: folder, originOf: () => ({ file }) });
}

export interface HelmRelease {
  /** A folder, or an archive of one. */
  readonly chart: string;
  readonly values: readonly string[];
  readonly namespace: string;
  readonly kubernetesMinor: number;
}

/** `helm template`. What it writes names the template of each object. */
export async function renderChart(
  { chart, values, namespace, kubernetesMinor }: HelmRelease,
  context: ToolContext,
): Promise<RenderedManifest[]> {
  const isArchive = isFile(chart);
  if (!isArchive && !isFile(join(chart, CHART))) return [problem(chart, `must be a chart: a folder with a ${CHART}, or an archive of one`)];
  const args = ['--namespace', namespace, '--kube-version', `1.${kubernetesMinor}.0`, ...values.flatMap((file) => ['--values', file])];
  const result = await runTool('helm', ['template', ...args, '--', chart], context);
  const templates = new Map<string, TemplateOutline>();
  const originOf = (source: SourceDocument): Origin => {
    const file = isArchive ? undefined : templateOf(source, chart);
    return file === undefined ? { file: isArchive ? chart : join(chart, CHART) } : { file, outline: outlineOf(file, templates) };
  };
  return manifestsOf(result, { tool: 'helm template', missing: 'needs helm', input: chart, originOf });
}

const CHART = 'Chart.yaml';
/** `# Source: shop/templates/web.yaml`, which helm writes before each object: the name of the chart, and the file in it. */
const SOURCE = /^(?:---[^\n]*\n)?# Source: [^/\n]+\/([^\n\r]+)/;

/** The file that an object comes from, where it stands in the chart as a file: not in the archive of a dependency. */
function templateOf({ text }: SourceDocument, chart: string): string | undefined {
  const source = SOURCE.exec(text.trimStart())?.[1];
  if (source === undefined) return undefined;
  const file = join(chart, source);
  return isFile(file) && realpathSync(file).startsWith(`${realpathSync(chart)}${sep}`) ? file : undefined;
}

function outlineOf(file: string, known: Map<string, TemplateOutline>): TemplateOutline {
  let outline = known.get(file);
  if (outline === undefined) {
    outline = new TemplateOutline(decodeText(readFileSync(file)));
    known.set(file, outline);
  }
  return outline;
}

interface Origin {
  readonly file: string;
  readonly outline?: TemplateOutline;
}

interface RenderedInput {
  /** What messages call the tool. */
  readonly tool: string;
  /** What to say where it is not there. */
  readonly missing: string;
  /** What it was given. */
  readonly input: string;
  readonly originOf: (source: SourceDocument) => Origin;
}

function manifestsOf(result: ToolResult, { tool, missing, input, originOf }: RenderedInput): RenderedManifest[] {
  if (result === 'missing') return [problem(input, `${missing} on the PATH to be rendered`)];
  if ('failure' in result) return [problem(input, `cannot be rendered: ${tool}: ${result.failure}`)];
  const application = join(input, 'rendered');
  const manifests: RenderedManifest[] = [];
  let document = 0;
  for (const source of splitDocuments(decodeText(result.text))) {
    const { file, outline } = originOf(source);
    let value: unknown;
    try {
      value = parseDocument(source);
    } catch (error) {
      if (!(error instanceof UnreadableDocumentError)) throw error;
      document += 1;
      manifests.push({ file, document, line: null, message: `${error.reason} (line ${error.line} of what ${tool} writes)` });
      continue;
    }
    if (value === null) continue;
    document += 1;
    const places = new RenderedPlaces(new SourceLines(source), source.text, value, outline);
    for (const item of itemsOf(value)) manifests.push(new ManifestDocument({ file, document, ...item, application }, places));
  }
  return manifests.length > 0 ? manifests : [problem(input, 'must render to a Kubernetes object, but renders to none')];
}

function problem(file: string, message: string): UnreadableManifest {
  return { file, document: null, line: null, message };
}

function isFile(path: string): boolean {
  const stats = statsOf(path);
  return stats?.isFile() === true && stats.size <= MAX_TEXT_BYTES;
}
