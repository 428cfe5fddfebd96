#!/usr/bin/env bash
# sarif-junit 1.1.4 (npm) makes a JUnit report for GitLab of a SARIF report. A result without `level` is a passed test, but SARIF 2.1.0 (section 3.27.10) gives it the level of its rule, and
# `warning` if the rule has none. A tool that states the level once, at the rule, so has only passed tests, and an error breaks no pipeline. With the level at the result it is a
# failed test. And a report with a result that has no ruleId, or one that has no place in a file, both of which SARIF allows, cannot be converted at all; the exit code for the first is 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts sarif-junit@1.1.4
cat > convert.mjs <<'END'
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const locations = [{ physicalLocation: { artifactLocation: { uri: 'pod.yaml' }, region: { startLine: 3 } } }];
const result = { ruleId: 'probe', message: { text: 'no probe' }, locations };
const rule = (level) => [{ id: 'probe', ...(level ? { defaultConfiguration: { level } } : {}) }];
const cases = [
  ['error at the result', rule(), { ...result, level: 'error' }],
  ['error at the rule', rule('error'), result],
  ['no level', rule(), result],
  ['note at the rule', rule('note'), result],
  ['no ruleId', rule(), { ...result, ruleId: undefined, level: 'error' }],
  ['no location', rule(), { ...result, locations: undefined, level: 'error' }],
];
for (const [name, rules, one] of cases) {
  writeFileSync('report.sarif', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'check', rules } }, results: [one] }] }));
  rmSync('report.xml', { force: true });
  const { status } = spawnSync('node_modules/.bin/sarif-junit', ['-i', 'report.sarif', '-o', 'report.xml']);
  const report = existsSync('report.xml') ? readFileSync('report.xml', 'utf8').match(/tests="\d+" failures="\d+"/)[0] : 'no report';
  console.log(`${name}: ${report}, exit code ${status}`);
}
END
seen=$(node convert.mjs)
echo 'sarif-junit 1.1.4, a report with one result:'
echo "$seen"
expected='error at the result: tests="1" failures="1", exit code 0
error at the rule: tests="1" failures="0", exit code 0
no level: tests="1" failures="0", exit code 0
note at the rule: tests="1" failures="0", exit code 0
no ruleId: no report, exit code 0
no location: no report, exit code 1'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
