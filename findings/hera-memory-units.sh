#!/usr/bin/env bash
# Resources of hera 7.1.0 (PyPI, Argo Workflows) "follow the K8S definition for resources" by their documentation, but refuse most forms of it for memory and
# storage: `1G`, `500M`, a number of bytes, `1e9`, which are quantities of the API server (k8s.io/apimachinery 0.37.2, Go) and stand in the requests of many a
# Pod. "Supported units" are Ki to Ei alone. So a request that is read from a running Pod or a LimitRange cannot be given to a workflow, unless it is written in another unit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile hera==7.1.0

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, text := range os.Args[1:] {
		quantity, err := resource.ParseQuantity(text)
		fmt.Printf("%s: Kubernetes %t, %d bytes\n", text, err == nil, quantity.Value())
	}
}
END
cat > units.py <<'END'
import sys
from hera.workflows import Resources

def takes(**request):
    try:
        Resources(**request).build()
    except ValueError:
        return "refuses"
    return "takes"

for text in sys.argv[1:]:
    print(f"hera {takes(memory_request=text)} it for memory, {takes(ephemeral_request=text)} it for storage")
END
quantities=(1Gi 1.5Gi 512Mi 1G 500M 1073741824 1e9 100k)
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(paste --delimiters=, <(go run -mod=mod . "${quantities[@]}" 2>/dev/null) <(env/bin/python units.py "${quantities[@]}") | sed 's/,hera/, hera/')
echo 'hera 7.1.0 and k8s.io/apimachinery 0.37.2:'
echo "$seen"
expected='1Gi: Kubernetes true, 1073741824 bytes, hera takes it for memory, takes it for storage
1.5Gi: Kubernetes true, 1610612736 bytes, hera takes it for memory, takes it for storage
512Mi: Kubernetes true, 536870912 bytes, hera takes it for memory, takes it for storage
1G: Kubernetes true, 1000000000 bytes, hera refuses it for memory, refuses it for storage
500M: Kubernetes true, 500000000 bytes, hera refuses it for memory, refuses it for storage
1073741824: Kubernetes true, 1073741824 bytes, hera refuses it for memory, refuses it for storage
1e9: Kubernetes true, 1000000000 bytes, hera refuses it for memory, refuses it for storage
100k: Kubernetes true, 100000 bytes, hera refuses it for memory, refuses it for storage'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
