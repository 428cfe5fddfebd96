#!/usr/bin/env bash
# tap-junit 5.0.4 (npm) makes a JUnit report of a TAP stream. A `not ok` with `# TODO`, which by TAP is not a failure, is a failed test in the report,
# so CI is red for a test that everybody knows to fail. A `not ok` with `# SKIP` is counted under failures and under skipped. And a run that stops with
# `Bail out!` after one of three tests is a report of one test that passed. tap-xunit 2.4.1 (npm) does as TAP says for TODO and SKIP, but loses the
# bail-out too. tap-parser 18.3.4 (npm) finds all three as the TAP specification (version 14) has them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent tap-junit@5.0.4 tap-xunit@2.4.1 tap-parser@18.3.4

printf 'TAP version 14\n1..2\nok 1 - a\nok 2 - b\n' >passed.tap
printf 'TAP version 14\n1..2\nok 1 - a\nnot ok 2 - b\n' >failed.tap
printf 'TAP version 14\n1..2\nok 1 - a\nnot ok 2 - b # TODO later\n' >todo.tap
printf 'TAP version 14\n1..2\nok 1 - a\nnot ok 2 - b # SKIP no network\n' >skip.tap
printf 'TAP version 14\n1..3\nok 1 - a\nBail out! no database\n' >bail-out.tap
seen=$(
  for stream in passed failed todo skip bail-out; do
    echo "$stream: tap-parser $(npx --no-install tap-parser <$stream.tap >/dev/null && echo passes || echo fails)"
    for tool in tap-junit tap-xunit; do
      report=$(npx --no-install $tool <$stream.tap || true)
      counts=$(grep -o '<testsuite [^>]*>' <<<"$report" | grep -oE '(tests|failures|skipped)="[0-9]+"' | sort | tr -d '"' | paste --serial --delimiters=' ')
      echo "$stream: $tool $counts, failed: $(grep -oE '<failure' <<<"$report" | wc -l)"
    done
  done
)
echo 'tap-junit 5.0.4, tap-xunit 2.4.1, tap-parser 18.3.4:'
echo "$seen"
expected='passed: tap-parser passes
passed: tap-junit failures=0 skipped=0 tests=2, failed: 0
passed: tap-xunit failures=0 tests=2, failed: 0
failed: tap-parser fails
failed: tap-junit failures=1 skipped=0 tests=2, failed: 1
failed: tap-xunit failures=1 tests=2, failed: 1
todo: tap-parser passes
todo: tap-junit failures=1 skipped=0 tests=2, failed: 1
todo: tap-xunit failures=0 skipped=1 tests=2, failed: 0
skip: tap-parser passes
skip: tap-junit failures=1 skipped=1 tests=2, failed: 0
skip: tap-xunit failures=0 skipped=1 tests=2, failed: 0
bail-out: tap-parser fails
bail-out: tap-junit failures=0 skipped=0 tests=1, failed: 0
bail-out: tap-xunit failures=0 tests=1, failed: 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
