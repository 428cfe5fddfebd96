/** Objects that no rule was asked about, and why. */

/** What looks like a workload and was not judged, or not repaired: everybody should be told. */
export type Unjudged =
  /** The templates of a Helm chart are not manifests. */
  | { readonly what: 'chart' }
  /** Not YAML before something has filled it in. */
  | { readonly what: 'template' }
  /** What kubectl applies is rendered from the folder, and not its files. */
  | { readonly what: 'kustomization'; readonly folder: string }
  /** Of a kind that the policy does not list, with a Pod template all the same; the hint goes behind its name (`unlisted-kind.ts`). */
  | { readonly what: 'unlisted-kind'; readonly hint: string };

export interface Skip {
  readonly file: string;
  readonly line: number;
  readonly renderedLine?: number;
  /** Empty for what is no Kubernetes object. */
  readonly kind: string;
  readonly reason: string;
  readonly unjudged?: Unjudged;
}
