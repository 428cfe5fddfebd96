#!/usr/bin/env bash
# kube_quantity 0.9.0 (crates.io), "arithmetic operations" for the Quantity of k8s-openapi, gives wrong sums when the suffixes differ. A sum that starts
# at `0` gets 1Gi as 1073742000 bytes: it has 7 digits where the suffixes are of different bases. And 1Gi plus an amount in milli, as the API server
# writes a fraction of a byte, comes out 1024 times too large. The same Quantity read again is that large; only to_bytes_f64 of the sum itself is
# right. It refuses `1E`. Expected are the sums of resource.Quantity of Kubernetes (k8s.io/apimachinery).
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
kube_quantity = "=0.9.0"
k8s-openapi = { version = "=0.29.0", features = ["v1_37"] }
END
cat > src/main.rs <<'END'
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube_quantity::ParsedQuantity;

fn parsed(text: &str) -> Option<ParsedQuantity> {
    Quantity(text.to_string()).try_into().ok()
}

fn main() {
    for (a, b, expected) in [
        ("1Gi", "1Gi", "2Gi"),
        ("1Gi", "512Mi", "1536Mi"),
        ("1G", "500M", "1500M"),
        ("1", "500m", "1500m"),
        ("0", "1Gi", "1Gi"),
        ("0", "1G", "1G"),
        ("500M", "1Gi", "1573741824"),
        ("1Gi", "500M", "1573741824"),
        ("1Gi", "966367641600m", "2040109465600m"),
        ("1", "1E", "1000000000000000001"),
    ] {
        let sum = match (parsed(a), parsed(b)) {
            (Some(a), Some(b)) => Quantity::from(a + b).0,
            _ => "refused".to_string(),
        };
        println!("{a} + {b}: {sum} (expected {expected})");
    }
}
END
seen=$(cargo run --quiet 2>/dev/null)
echo 'kube_quantity 0.9.0:'
echo "$seen"
expected='1Gi + 1Gi: 2Gi (expected 2Gi)
1Gi + 512Mi: 1536Mi (expected 1536Mi)
1G + 500M: 1500M (expected 1500M)
1 + 500m: 1500m (expected 1500m)
0 + 1Gi: 1073742000 (expected 1Gi)
0 + 1G: 1000000000 (expected 1G)
500M + 1Gi: 1573.742M (expected 1573741824)
1Gi + 500M: 1500.83715Mi (expected 1573741824)
1Gi + 966367641600m: 2089072189411.16416 (expected 2040109465600m)
1 + 1E: refused (expected 1000000000000000001)'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
