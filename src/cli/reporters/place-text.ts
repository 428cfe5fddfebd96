/** Places as people read them: in their file, and where that is not known, in what a tool has rendered from it. */
import type { ExplainSource } from '../../offline/explanation.ts';
import type { FieldPlace } from '../../offline/field-place.ts';
import type { ReportedFinding } from '../../offline/finding.ts';

/** Where a field stands: `web.yaml:12:9`, or `chart/templates/web.yaml:12:9 (rendered line 31)` for one in a value of line 12. */
export function placeText(file: string, { line, column, rendered }: FieldPlace): string {
  const inFile = rendered?.isAroundKnown === false ? file : `${file}:${line}:${column}`;
  return rendered === undefined ? inFile : `${inFile} (${renderedText(rendered.line)})`;
}

/** `spec.containers[0].image (container web)` */
export function fieldText({ field, container }: ReportedFinding): string {
  return container === null ? field : `${field} (container ${container})`;
}

/** Where an object begins; an object of a cluster is named alone. */
export function startText({ file, line, renderedLine }: Pick<ExplainSource, 'file' | 'line' | 'renderedLine'>): string {
  if (renderedLine !== undefined) return `${file} (${renderedText(renderedLine)})`;
  return line === null ? file : `${file}:${line}`;
}

/** Of a line in what a template has rendered, which no file has. */
export function renderedText(line: number): string {
  return `rendered line ${line}`;
}
