{{- define "podgrace.labels" -}}
labels:
  app.kubernetes.io/name: podgrace
  {{- with .Values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* What every object has besides its name. */}}
{{- define "podgrace.metadata" -}}
{{ include "podgrace.labels" . }}
{{- with .Values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "podgrace.namespaceSelector" -}}
{{- with .Values.webhooks.namespaceLabels }}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{- end }}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
      - kube-system
      - kube-node-lease
      - {{ .Release.Namespace }}
      {{- with .Values.webhooks.excludedNamespaces }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
{{- end }}

{{/* Of both webhook configurations: cert-manager's cainjector finds them by an annotation. */}}
{{- define "podgrace.configurationMetadata" -}}
{{- $annotations := .Values.annotations }}
{{- if eq .Values.certificates.mode "cert-manager" }}
{{- $annotations = merge (dict "cert-manager.io/inject-ca-from" (printf "%s/podgrace" .Release.Namespace)) $annotations }}
{{- end }}
{{- include "podgrace.labels" . }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The built-in controllers that make Pods, ReplicaSets and Jobs of admitted workloads, as a CEL expression. */}}
{{- define "podgrace.sentByWorkloadController" -}}
request.kind.kind in ['Pod', 'ReplicaSet', 'Job'] &&
request.userInfo.username in [
'system:kube-controller-manager',
'system:serviceaccount:kube-system:cronjob-controller',
'system:serviceaccount:kube-system:daemon-set-controller',
'system:serviceaccount:kube-system:deployment-controller',
'system:serviceaccount:kube-system:job-controller',
'system:serviceaccount:kube-system:replicaset-controller',
'system:serviceaccount:kube-system:replication-controller',
'system:serviceaccount:kube-system:statefulset-controller']
{{- end }}

{{/*
The resources of the rules in a table that the policy has on anywhere, by API group. In YAML without quotes `off` is false.
*/}}
{{- define "podgrace.resourcesOfRulesOn" -}}
{{- $policy := .policy }}
{{- $needed := dict }}
{{- range $id, $about := .rules }}
{{- $modes := list (dig "rules" $id "mode" (get $about.modes $policy.preset) $policy) }}
{{- range $override := $policy.overrides }}
{{- $modes = append $modes (dig "rules" $id "mode" "off" $override) }}
{{- end }}
{{- $isOn := false }}
{{- range $mode := $modes }}
{{- if not (has (toString $mode) (list "off" "false")) }}
{{- $isOn = true }}
{{- end }}
{{- end }}
{{- if $isOn }}
{{- range $group, $resources := $about.resources }}
{{- $_ := set $needed $group (concat (dig $group list $needed) $resources | uniq | sortAlpha) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $needed }}
{{- end }}

{{/* What the rules ask about, as rules of a ClusterRole. */}}
{{- define "podgrace.rightsToWatch" -}}
{{- $table := dict "policy" .Values.policy "rules" (fromYaml (include "podgrace.rulesAboutOthers" .)) }}
{{- range $group, $resources := fromYaml (include "podgrace.resourcesOfRulesOn" $table) }}
- apiGroups: [{{ $group | squote }}]
  resources: [{{ $resources | join ", " }}]
  verbs: [list, watch]
{{- end }}
{{- end }}

{{/* The budgets and autoscalers that rules judge, as rules of a webhook. */}}
{{- define "podgrace.companionRules" -}}
{{- $table := dict "policy" .Values.policy "rules" (fromYaml (include "podgrace.rulesAboutCompanions" .)) }}
{{- $judged := fromYaml (include "podgrace.resourcesOfRulesOn" $table) }}
{{- range $group := list "policy/v1" "autoscaling/v2" }}
{{- with dig $group list $judged }}
- apiGroups: [{{ $group | dir }}]
  apiVersions: [{{ $group | base }}]
  resources: [{{ . | join ", " }}]
  operations: [CREATE, UPDATE]
  scope: Namespaced
{{- end }}
{{- end }}
{{- end }}
