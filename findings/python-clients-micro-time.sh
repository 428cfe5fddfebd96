#!/usr/bin/env bash
# kubernetes 37.0.2 and lightkube 1.0.1 (PyPI) read the renewTime of a Lease, a MicroTime, as a datetime, and write it without a fraction when
# its microseconds are 0. k8s.io/apimachinery 0.37.2 takes a MicroTime with exactly six digits after the point (RFC3339Micro), so the API server
# refuses the Lease that it gave out itself. A time of whole seconds is common: datetime.now().replace(microsecond=0), or another holder that
# counts in seconds. With any other microseconds both write six digits, which is taken; a Time such as creationTimestamp needs none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kubernetes==37.0.2 lightkube==1.0.1

cat > leases.py <<'END'
import json
from types import SimpleNamespace
from kubernetes.client import ApiClient
from lightkube.resources.coordination_v1 import Lease

for micros in ["000000", "250000"]:
    # As the API server answers.
    lease = {"spec": {"renewTime": f"2026-01-01T12:00:00.{micros}Z"}}
    client = ApiClient()
    read = client.deserialize(json.dumps(lease), "V1Lease", "application/json")
    print(".", micros, "kubernetes", client.sanitize_for_serialization(read)["spec"]["renewTime"])
    print(".", micros, "lightkube", Lease.from_dict(lease).to_dict()["spec"]["renewTime"])
END
cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	var dot, micros, client, text string
	for {
		if n, _ := fmt.Scan(&dot, &micros, &client, &text); n < 4 {
			return
		}
		var read metav1.MicroTime
		answer := "taken"
		if err := json.Unmarshal([]byte(`"`+text+`"`), &read); err != nil {
			answer = "refused"
		}
		fmt.Printf("12:00:00.%sZ read and written by %s: %s, %s by apimachinery\n", micros, client, text, answer)
	}
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(env/bin/python leases.py | go run -mod=mod .)
echo 'kubernetes 37.0.2, lightkube 1.0.1, k8s.io/apimachinery 0.37.2:'
echo "$seen"
expected='12:00:00.000000Z read and written by kubernetes: 2026-01-01T12:00:00+00:00, refused by apimachinery
12:00:00.000000Z read and written by lightkube: 2026-01-01T12:00:00Z, refused by apimachinery
12:00:00.250000Z read and written by kubernetes: 2026-01-01T12:00:00.250000+00:00, taken by apimachinery
12:00:00.250000Z read and written by lightkube: 2026-01-01T12:00:00.250000Z, taken by apimachinery'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
