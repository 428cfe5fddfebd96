#!/usr/bin/env bash
# serde_norway 0.9.42 and serde_yaml_ng 0.10.0 (crates.io), forks of serde_yaml, write the strings `on`, `yes` and `1_000` without quotes.
# For YAML 1.2 they are strings. sigs.k8s.io/yaml 1.6.0 (Go), with which kubectl and Helm read, takes `on` and `yes` for booleans and `1_000` for a
# number. So a manifest that a program writes with a variable `on` is refused, and a ConfigMap likewise. A string that they read as something else
# themselves has quotes, as `true` and `1e3`. serde-saphyr 2.2.0 (crates.io) writes all of them so that they stay strings.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src

cat > Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
serde_norway = "=0.9.42"
serde_yaml_ng = "=0.10.0"
serde-saphyr = "=2.2.0"
END
cat > src/main.rs <<'END'
use std::collections::BTreeMap;
use std::fs::write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let texts = ["on", "yes", "N", "1_000", "true", "1e3", "0400"];
    let values: BTreeMap<_, _> = texts.iter().map(|text| (format!("for {text}"), text)).collect();
    write("serde_norway", serde_norway::to_string(&values)?)?;
    write("serde_yaml_ng", serde_yaml_ng::to_string(&values)?)?;
    write("serde-saphyr", serde_saphyr::to_string(&values)?)?;
    Ok(())
}
END
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, name := range []string{"serde_norway", "serde_yaml_ng", "serde-saphyr"} {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var values map[string]any
		if err := yaml.Unmarshal(text, &values); err != nil {
			panic(err)
		}
		for _, want := range []string{"on", "yes", "N", "1_000", "true", "1e3", "0400"} {
			fmt.Printf("%s, %s: %v (%T)\n", name, want, values["for "+want], values["for "+want])
		}
	}
}
END
cargo run --quiet 2>/dev/null
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'serde_norway 0.9.42, serde_yaml_ng 0.10.0, serde-saphyr 2.2.0, as sigs.k8s.io/yaml 1.6.0 reads what they write:'
echo "$seen"
expected='serde_norway, on: true (bool)
serde_norway, yes: true (bool)
serde_norway, N: false (bool)
serde_norway, 1_000: 1000 (float64)
serde_norway, true: true (string)
serde_norway, 1e3: 1e3 (string)
serde_norway, 0400: 0400 (string)
serde_yaml_ng, on: true (bool)
serde_yaml_ng, yes: true (bool)
serde_yaml_ng, N: false (bool)
serde_yaml_ng, 1_000: 1000 (float64)
serde_yaml_ng, true: true (string)
serde_yaml_ng, 1e3: 1e3 (string)
serde_yaml_ng, 0400: 0400 (string)
serde-saphyr, on: on (string)
serde-saphyr, yes: yes (string)
serde-saphyr, N: N (string)
serde-saphyr, 1_000: 1_000 (string)
serde-saphyr, true: true (string)
serde-saphyr, 1e3: 1e3 (string)
serde-saphyr, 0400: 0400 (string)'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
