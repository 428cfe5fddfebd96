/** `-k` and `--helm`: what other tools make manifests from. */
import { Option, type Command } from 'commander';
import { statsOf } from '../../files/stats.ts';
import type { RenderedManifest } from '../../offline/rendering/render.ts';
import type { ToolContext } from '../../offline/rendering/tool.ts';
import { UsageError } from '../exit-code.ts';
import { fileIn, type ChosenPolicy } from './found-policy-options.ts';
import { listOf, severalOf } from './option-values.ts';

export interface RenderingOptions {
  readonly kustomize?: readonly string[];
  readonly helm?: readonly string[];
  readonly values?: readonly string[];
}

/** @param does what the command does with what they render */
export function addRenderingOptions(command: Command, does: string): void {
  command
    .addOption(new Option('-k, --kustomize <folder>', `${does} what kubectl or kustomize renders from a folder`).argParser(severalOf))
    .addOption(new Option('--helm <chart>', `${does} what helm renders from a chart: a folder, or an archive of one`).argParser(severalOf))
    .addOption(new Option('--values <file>', 'values for --helm; may be given several times').argParser(listOf()));
}

/** For a command that cannot take them, and says why where somebody tries. */
export function refuseRenderingOptions(command: Command): void {
  command
    .addOption(new Option('-k, --kustomize <folder>').argParser(severalOf).hideHelp())
    .addOption(new Option('--helm <chart>').argParser(severalOf).hideHelp())
    .addOption(new Option('--values <file>').argParser(listOf()).hideHelp());
}

/** Any file in what is rendered, to find its policy; undefined where nothing is. */
export function firstRendered({ kustomize = [], helm = [] }: RenderingOptions): string | undefined {
  const [first] = [...kustomize, ...helm];
  return first === undefined ? undefined : fileIn(first);
}

/**
 * Renders everything, one after another. What cannot be rendered is an error among the manifests.
 *
 * @param policyFor says which Kubernetes a chart is rendered for
 * @throws {UsageError} for values that helm cannot be given
 */
export async function renderAll(
  { kustomize = [], helm = [], values = [] }: RenderingOptions,
  namespace: string,
  policyFor: (file: string) => Pick<ChosenPolicy, 'policy'>,
  context: ToolContext,
): Promise<RenderedManifest[]> {
  if (values.length > 0 && helm.length === 0) throw new UsageError('--values: --helm must name the chart that they are for');
  for (const file of values) {
    // helm would take a URL for a file to fetch, and - for standard input.
    if (statsOf(file)?.isFile() !== true) throw new UsageError(`--values: ${file} must be a file`);
  }
  if (kustomize.length + helm.length === 0) return [];
  const { renderChart, renderKustomization } = await import('../../offline/rendering/render.ts');
  const rendered: RenderedManifest[][] = [];
  for (const folder of new Set(kustomize)) rendered.push(await renderKustomization(folder, context));
  for (const chart of new Set(helm)) {
    const { kubernetesMinor } = policyFor(fileIn(chart)).policy;
    rendered.push(await renderChart({ chart, values, namespace, kubernetesMinor }, context));
  }
  return rendered.flat();
}
