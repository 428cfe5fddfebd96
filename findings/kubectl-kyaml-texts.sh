#!/usr/bin/env bash
# `kubectl get -o kyaml` writes some texts so that `kubectl apply` reads other ones. It writes a text of several lines as a string in double quotes, each line on a
# line of its own, and before a line that begins with white space it writes a backslash (sigs.k8s.io/yaml 1.6.0, kyaml/kyaml.go). It does so too if it writes this
# white space as an escape, which then has two backslashes. So an empty line of a file from Windows, which is CR and LF, becomes `\\r\n` and is read as a backslash
# and an `r`, and a line that begins with an ideographic or a no-break space is read as `\u3000…` or `\_…`. A ConfigMap that is edited or copied in this
# way has another text, and no error tells of it. With `-o yaml` and `-o json` the text stays the same. The script prints and reads a ConfigMap as kubectl 1.37
# does (cli-runtime 0.37.2).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/yaml"
)

func readBack(printer printers.ResourcePrinter, text string) string {
	object := &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Data:       map[string]string{"text": text},
	}
	var out bytes.Buffer
	if err := printer.PrintObj(object, &out); err != nil {
		panic(err)
	}
	var got corev1.ConfigMap
	if err := yaml.UnmarshalStrict(out.Bytes(), &got); err != nil {
		panic(err)
	}
	return got.Data["text"]
}

func main() {
	for _, text := range []string{
		"one\n\ntwo\n", "one\r\ntwo\r\n", "one\n  two\n", "one\n\\two\n",
		"one\r\n\r\ntwo\r\n", "one\n\u3000two\n", "one\n\u00a0two\n",
	} {
		for _, format := range []struct {
			name    string
			printer printers.ResourcePrinter
		}{
			{"json", &printers.JSONPrinter{}}, {"yaml", &printers.YAMLPrinter{}}, {"kyaml", &printers.KYAMLPrinter{}},
		} {
			if got := readBack(format.printer, text); got != text {
				fmt.Printf("%+q: -o %s is read as %+q\n", text, format.name, got)
			} else if format.name == "kyaml" {
				fmt.Printf("%+q: -o kyaml is read as it was\n", text)
			}
		}
	}
}
GO
go mod init finding >/dev/null 2>&1
go get k8s.io/cli-runtime@v0.37.2 k8s.io/api@v0.37.2 sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'cli-runtime 0.37.2 and sigs.k8s.io/yaml 1.6.0:'
echo "$seen"
expected='"one\n\ntwo\n": -o kyaml is read as it was
"one\r\ntwo\r\n": -o kyaml is read as it was
"one\n  two\n": -o kyaml is read as it was
"one\n\\two\n": -o kyaml is read as it was
"one\r\n\r\ntwo\r\n": -o kyaml is read as "one\r\n\\r\ntwo\r\n"
"one\n\u3000two\n": -o kyaml is read as "one\n\\u3000two\n"
"one\n\u00a0two\n": -o kyaml is read as "one\n\\_two\n"'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
