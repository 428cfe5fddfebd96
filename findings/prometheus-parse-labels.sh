#!/usr/bin/env bash
# Scrape::parse of prometheus-parse 0.2.5 (crates.io) changes label values of the text format of Prometheus, without an error: a value is cut at its
# first comma, a label whose value has `=` is lost, the backslash before a quote stays, and a sample whose value has `}` is lost. So is each series
# whose name has a colon, as those of recording rules have, and each sample without a space before its number. The format allows all of them.
# Annotations of Pods have them, and they come as labels from kube-state-metrics. Pull request 10 of prometheus-parse-rs describes `=`.
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
prometheus-parse = "=0.2.5"
END
cat > src/main.rs <<'END'
use prometheus_parse::Scrape;
use std::collections::BTreeMap;

fn main() {
    for line in [
        r#"kube_pod_annotations{annotation_owner="a",pod="web"} 1"#,
        r#"kube_pod_annotations{annotation_owners="a,b",pod="web"} 1"#,
        r#"kube_pod_annotations{annotation_selector="app=web",pod="web"} 1"#,
        r#"kube_pod_annotations{annotation_note="the \"old\" one",pod="web"} 1"#,
        r#"kube_pod_annotations{annotation_path="/{id}",pod="web"} 1"#,
        r#"namespace:container_cpu_usage:sum{namespace="default"} 1"#,
        r#"kube_pod_info{pod="web"}1"#,
    ] {
        let scrape = Scrape::parse([Ok(line.to_string())].into_iter()).unwrap();
        println!("{line}");
        if scrape.samples.is_empty() {
            println!("  no sample");
        }
        for sample in scrape.samples {
            let labels: BTreeMap<_, _> = sample.labels.iter().collect();
            println!("  {} {labels:?}", sample.metric);
        }
    }
}
END
seen=$(cargo run --quiet 2>/dev/null)
echo 'prometheus-parse 0.2.5:'
echo "$seen"
expected='kube_pod_annotations{annotation_owner="a",pod="web"} 1
  kube_pod_annotations {"annotation_owner": "a", "pod": "web"}
kube_pod_annotations{annotation_owners="a,b",pod="web"} 1
  kube_pod_annotations {"annotation_owners": "a", "pod": "web"}
kube_pod_annotations{annotation_selector="app=web",pod="web"} 1
  kube_pod_annotations {"pod": "web"}
kube_pod_annotations{annotation_note="the \"old\" one",pod="web"} 1
  kube_pod_annotations {"annotation_note": "the \\\"old\\\" one", "pod": "web"}
kube_pod_annotations{annotation_path="/{id}",pod="web"} 1
  no sample
namespace:container_cpu_usage:sum{namespace="default"} 1
  no sample
kube_pod_info{pod="web"}1
  no sample'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
