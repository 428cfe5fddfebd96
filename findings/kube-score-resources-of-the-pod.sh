#!/usr/bin/env bash
# kube-score 1.20.0 (Go) does not see `resources` of a Pod (spec.resources), with which Kubernetes limits all containers together. A Deployment that
# has CPU and memory there is CRITICAL four times for each container; with the same amounts in the container it is not. The k8s.io/api 0.32.3 that
# kube-score is built with has the field.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0 >/dev/null 2>&1

cat > none.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: app
          image: app:1
END
resources='resources: {requests: {cpu: "1", memory: 1Gi}, limits: {cpu: "1", memory: 1Gi}}'
{ cat none.yaml; echo "          $resources"; } >container.yaml
{ cat none.yaml; echo "      $resources"; } >pod.yaml
seen=$(
  for place in none container pod; do
    score=$(./kube-score score --output-format ci "$place.yaml" || true)
    echo "$place: $(grep -oE '\(app\) (CPU|Memory) (limit|request) is not set' <<<"$score" | paste --serial --delimiters=,)"
  done
)
echo 'kube-score 1.20.0, resources in:'
echo "$seen"
expected='none: (app) CPU limit is not set,(app) Memory limit is not set,(app) CPU request is not set,(app) Memory request is not set
container: 
pod: (app) CPU limit is not set,(app) Memory limit is not set,(app) CPU request is not set,(app) Memory request is not set'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
