#!/usr/bin/env bash
# parse_quantity of lightkube 1.0.1 (PyPI) refuses amounts that Kubernetes writes and takes, although its documentation names the format of
# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/: it knows neither `n` and `u`, in which metrics.k8s.io gives
# the use of CPU (such as `96843750n`), nor an exponent with a capital E. equals_canonically, made on it, fails with it.
# It reads `m`, `E` and an exponent with `e` rightly. k8s.io/apimachinery 0.37.2 takes all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile lightkube==1.0.1

cat > amounts.py <<'END'
from lightkube.utils.quantity import equals_canonically, parse_quantity

def answer(function, *values):
    try:
        return function(*values)
    except ValueError as error:
        return error

for amount in ["97m", "1e3", "1E", "96843750n", "250u", "1E3"]:
    print(f"{amount} {answer(parse_quantity, amount)}")
print(f"equals_canonically 0.5 and 500m: {answer(equals_canonically, {'cpu': '0.5'}, {'cpu': '500m'})}")
print(f"equals_canonically 500000000n and 500m: {answer(equals_canonically, {'cpu': '500000000n'}, {'cpu': '500m'})}")
END
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, amount := range os.Args[1:] {
		quantity := resource.MustParse(amount)
		fmt.Printf("apimachinery: %s %s\n", amount, quantity.AsDec())
	}
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(env/bin/python amounts.py; go run -mod=mod . 96843750n 250u 1E3)
echo 'lightkube 1.0.1, k8s.io/apimachinery 0.37.2:'
echo "$seen"
expected='97m 0.097
1e3 1000.000
1E 1000000000000000000.000
96843750n Invalid unit suffix: n
250u Invalid unit suffix: u
1E3 Invalid unit suffix: E3
equals_canonically 0.5 and 500m: True
equals_canonically 500000000n and 500m: Invalid unit suffix: n
apimachinery: 96843750n 0.096843750
apimachinery: 250u 0.000250
apimachinery: 1E3 1000'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
