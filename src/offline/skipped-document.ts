/** What stands among the files of a run and is no object to judge: why it is passed over. */
import { isObject } from '../core/json.ts';
import type { LeftOut } from './input/documents.ts';
import { kustomizeFolderOf } from './kustomization.ts';
import type { Skip } from './skip.ts';

interface DocumentOfFile {
  readonly file: string;
  readonly line: number;
  readonly renderedLine?: number | undefined;
  /** Whether the file was found in a folder, where much else stands beside manifests; else somebody has named it. */
  readonly isFound?: boolean;
  readonly value: unknown;
}

/** A chart or a template that nobody has rendered. */
export function skipOfTemplates({ file, line, leftOut }: LeftOut): Skip {
  const unjudged = { what: leftOut === 'chart' ? 'chart' : 'template' } as const;
  return { file, line, kind: '', reason: 'it is not rendered', unjudged };
}

/** @returns undefined for what is to be judged */
export function skipOfDocument(source: DocumentOfFile): Skip | undefined {
  const { file, line, value } = source;
  const folder = source.renderedLine === undefined ? kustomizeFolderOf(file) : undefined;
  if (folder !== undefined) {
    // A component is no whole: what takes it in is to be rendered.
    const isComponent = isObject(value) && value['kind'] === 'Component';
    const skip = { file, line, kind: 'Kustomization', reason: 'it has no Pod template' };
    return isComponent ? skip : { ...skip, unjudged: { what: 'kustomization', folder } };
  }
  const other = source.isFound === true ? otherThanManifest(value) : undefined;
  return other === undefined ? undefined : { file, line, kind: '', reason: other };
}

/** What is among the files of a repository for other reasons: `package.json`, `Chart.yaml`, values, recorded reviews. */
export function otherThanManifest(value: unknown): string | undefined {
  const marks = isObject(value) ? OBJECT_MARKS.filter((mark) => Object.hasOwn(value, mark)) : [];
  // With one of them alone it may be anything; with two, somebody has forgotten the third.
  if (marks.length < 2) return 'it is no Kubernetes object';
  const { apiVersion } = value as { readonly apiVersion?: unknown };
  return typeof apiVersion === 'string' && apiVersion.startsWith('admission.k8s.io/') ? 'it is a recorded review' : undefined;
}

const OBJECT_MARKS = ['apiVersion', 'kind', 'metadata', 'spec'] as const;
