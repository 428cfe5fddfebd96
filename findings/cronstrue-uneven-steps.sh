#!/usr/bin/env bash
# cronstrue 3.39.0 (npm) describes each step as an interval: `*/40 * * * *` is "Every 40 minutes", `*/90 * * * *` "Every 90 minutes". A step of cron
# counts within its hour (crontab(5)), and Kubernetes 1.37 takes both as schedules of a CronJob: with robfig/cron 3.0.1 (Go), which it uses,
# the first runs after 40 and after 20 minutes in turn, the second every hour. cronstrue issue 360 describes it for `*/59`.
# Of a step that divides the hour the description is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cronstrue@3.39.0

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	schedule, err := cron.ParseStandard(os.Args[1])
	if err != nil {
		panic(err)
	}
	at := schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for range 4 {
		next := schedule.Next(at)
		fmt.Printf(" %.0f", next.Sub(at).Minutes())
		at = next
	}
	fmt.Println()
}
END
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
go build -mod=mod -o gaps .
seen=$(
  for schedule in '*/20 * * * *' '*/40 * * * *' '*/90 * * * *'; do
    described=$(node -p "require('cronstrue').toString(process.argv[1])" "$schedule")
    echo "$schedule: $described; minutes between runs:$(./gaps "$schedule")"
  done
)
echo 'cronstrue 3.39.0, robfig/cron 3.0.1:'
echo "$seen"
expected='*/20 * * * *: Every 20 minutes; minutes between runs: 20 20 20 20
*/40 * * * *: Every 40 minutes; minutes between runs: 20 40 20 40
*/90 * * * *: Every 90 minutes; minutes between runs: 60 60 60 60'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
