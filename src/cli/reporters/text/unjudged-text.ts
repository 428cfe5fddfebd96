/** What `check`, `fix` and `explain` say of what looks like a workload and is passed over: why, and what to do about it. */
import type { ExplainSkip } from '../../../offline/explanation.ts';
import type { Unjudged } from '../../../offline/skip.ts';
import { startText } from '../place-text.ts';

/** How a command takes what has been rendered, and the word for what it does with an object. */
interface Reader {
  readonly verb: 'check' | 'explain';
  readonly participle: 'judged' | 'explained';
  /** The command that reads standard input. */
  readonly pipedInto: string;
}

const CHECK: Reader = { verb: 'check', participle: 'judged', pipedInto: 'podgrace check -' };
const EXPLAIN: Reader = { verb: 'explain', participle: 'explained', pipedInto: 'podgrace explain -f -' };

/** @param file where it is: for a chart, its folder */
export function uncheckedText(unjudged: Unjudged, file: string): string {
  return unreadText(CHECK, unjudged, file);
}

/** @param file where it is: for a chart, its folder */
export function unexplainedText(unjudged: Unjudged, file: string): string {
  return unreadText(EXPLAIN, unjudged, file);
}

/** A line that names it; none for what everybody expects to be passed over. */
export function unexplainedLines(skip: ExplainSkip): string[] {
  return skip.unjudged === undefined ? [] : [`${skippedText(skip)}: ${unexplainedText(skip.unjudged, skip.file)}`];
}

/** What is passed over, with its place. */
export function skippedText(skip: ExplainSkip): string {
  return skip.kind === '' ? skip.file : `${startText(skip)} ${skip.kind}`;
}

/** Nothing that is rendered can be repaired where it stands. @param file where it is: for a chart, its folder */
export function unfixedText(unjudged: Unjudged, file: string): string {
  switch (unjudged.what) {
    case 'chart':
      return 'is a Helm chart, and its templates are not YAML: change them by hand';
    case 'template':
      return 'is a template, and no YAML: change it by hand';
    default:
      return uncheckedText(unjudged, file);
  }
}

function unreadText({ verb, participle, pipedInto }: Reader, unjudged: Unjudged, file: string): string {
  switch (unjudged.what) {
    case 'chart':
      return `is a Helm chart, and its templates are not manifests: render it first (podgrace ${verb} --helm ${file})`;
    case 'template':
      return `is a template, and no YAML: render it first, and ${verb} what comes out (… | ${pipedInto})`;
    case 'kustomization':
      return `${unjudged.folder} is ${participle} file by file, but kubectl applies what kustomize renders from it: render it first (podgrace ${verb} -k ${unjudged.folder})`;
    case 'unlisted-kind':
      return unjudged.hint;
  }
}
