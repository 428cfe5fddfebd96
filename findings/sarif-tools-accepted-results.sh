#!/usr/bin/env bash
# sarif-tools 3.0.5 (PyPI) counts every result of a SARIF 2.1.0 log as a live one: a result with an accepted suppression
# (section 3.27.23), one with `baselineState: absent` (3.27.24: it is gone), and one of `kind: pass` (3.27.9: no problem).
# So `sarif --check error` fails a build that has nothing left to mend, unless the user writes a filter file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check sarif-tools==3.0.5

cat > run.sarif <<'END'
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [{
    "tool": { "driver": { "name": "demo", "rules": [{ "id": "R1" }] } },
    "results": [
      { "ruleId": "R1", "kind": "pass", "level": "none", "message": { "text": "passed" },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "a.yaml" }, "region": { "startLine": 1 } } }] },
      { "ruleId": "R1", "level": "error", "baselineState": "absent", "message": { "text": "gone" },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "b.yaml" }, "region": { "startLine": 2 } } }] },
      { "ruleId": "R1", "level": "error", "suppressions": [{ "kind": "external", "status": "accepted" }], "message": { "text": "accepted" },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "c.yaml" }, "region": { "startLine": 3 } } }] }
    ]
  }]
}
END
code=0
seen=$(env/bin/sarif --check error summary run.sarif 2>&1) || code=$?
echo "sarif-tools 3.0.5: exit code $code"
echo "$seen"
grep -qx 'error: 2' <<<"$seen" && grep -qx 'none: 1' <<<"$seen" && [ "$code" = 2 ] || { echo 'the behaviour has changed' >&2; exit 1; }
