/** What `check`, `fix` and `explain` say of what looks like a workload and is passed over: why, and what to do about it. */
import type { Unjudged } from '../../../offline/skip.ts';

/** @param file where it is: for a chart, its folder */
export function uncheckedText(unjudged: Unjudged, file: string): string {
  switch (unjudged.what) {
    case 'chart':
      return `is a Helm chart, and its templates are not manifests: render it first (podgrace check --helm ${file})`;
    case 'template':
      return 'is a template, and no YAML: render it first, and check what comes out (… | podgrace check -)';
    case 'kustomization':
      return `${unjudged.folder} is judged file by file, but kubectl applies what kustomize renders from it: render it first (podgrace check -k ${unjudged.folder})`;
    case 'unlisted-kind':
      return unjudged.hint;
  }
}

export function unexplainedText(unjudged: Unjudged, file: string): string {
  switch (unjudged.what) {
    case 'chart':
      return `is a Helm chart, and its templates are not manifests: render it first (podgrace explain --helm ${file})`;
    case 'template':
      return 'is a template, and no YAML: render it first, and explain what comes out (… | podgrace explain -f -)';
    case 'kustomization':
      return `${unjudged.folder} is explained file by file, but kubectl applies what kustomize renders from it: render it first (podgrace explain -k ${unjudged.folder})`;
    case 'unlisted-kind':
      return unjudged.hint;
  }
}

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
