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
