/** The text of a webhook that fails open, as `npm run generate` adds it to the others: in plain manifests, and in templates of the chart. */

interface AddedWebhook {
  readonly name: string;
  readonly timeoutSeconds: number;
  /** Lines of YAML: a list. */
  readonly rules: readonly string[];
  /** Expressions of CEL, line by line, each with the reason for it. */
  readonly conditions: readonly { readonly name: string; readonly why?: string; readonly lines: readonly string[] }[];
}

/** How the parts differ that the chart takes from its values. */
export interface WebhookForm {
  readonly namespace: string;
  /** Lines of YAML. */
  readonly namespaceSelector: readonly string[];
}

export const PLAIN_FORM: WebhookForm = {
  namespace: 'podgrace-system',
  namespaceSelector: [
    'matchExpressions:',
    '  - key: kubernetes.io/metadata.name',
    '    operator: NotIn',
    '    values: [kube-system, kube-node-lease, podgrace-system]',
  ],
};

export const CHART_FORM: WebhookForm = {
  namespace: '{{ .Release.Namespace }}',
  namespaceSelector: ['{{- include "podgrace.namespaceSelector" . | nindent 4 }}'],
};

/** @returns the fields of the webhook as lines of YAML, without an indentation */
export function webhookLines(
  { name, timeoutSeconds, rules, conditions }: AddedWebhook,
  { namespace, namespaceSelector }: WebhookForm,
): string[] {
  return [
    `name: ${name}`,
    'admissionReviewVersions: [v1]',
    'clientConfig:',
    '  service:',
    '    name: podgrace',
    `    namespace: ${namespace}`,
    '    path: /validate',
    '    port: 443',
    'failurePolicy: Ignore',
    'matchPolicy: Equivalent',
    'sideEffects: None',
    `timeoutSeconds: ${timeoutSeconds}`,
    'namespaceSelector:',
    ...namespaceSelector.map((line) => `  ${line}`),
    'rules:',
    ...rules.map((line) => `  ${line}`),
    'matchConditions:',
    ...conditions.flatMap((condition) => [
      ...(condition.why === undefined ? [] : [`  # ${condition.why}`]),
      `  - name: ${condition.name}`,
      '    expression: >-',
      ...condition.lines.map((line) => `      ${line}`),
    ]),
  ];
}

/** The same as an element of a list. */
export function asListItem([first = '', ...others]: readonly string[], indentation = ''): string[] {
  return [`${indentation}- ${first}`, ...others.map((line) => `${indentation}  ${line}`)];
}
