#!/usr/bin/env bash
# github.com/robfig/cron/v3 3.0.1 (Go), which reads the schedules of CronJobs (pkg/controller/cronjob of Kubernetes 1.37), takes a day field that begins
# with `*` and has a step for a restricted one, and then runs when the day of the month OR the day of the week fits. Cron of Debian (crontab(5))
# takes each field with a `*` for unrestricted and asks for both; the common way to write "the first Sunday", `1-7 * */7`, rests on that.
# As a CronJob it runs on the first seven days of the month and on each Sunday. croniter 7.0.0 (PyPI) can do both, here as Debian does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile croniter==7.0.0

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	for _, text := range os.Args[1:] {
		schedule, err := cron.ParseStandard(text)
		if err != nil {
			panic(err)
		}
		days := []int{}
		for at := schedule.Next(time.Date(2026, 10, 31, 23, 59, 0, 0, time.UTC)); at.Month() == time.November; at = schedule.Next(at) {
			days = append(days, at.Day())
		}
		fmt.Printf("CronJob, %s: %v\n", text, days)
	}
}
END
cat > debian.py <<'END'
import sys
from datetime import datetime
from croniter import croniter

for text in sys.argv[1:]:
    schedule = croniter(text, datetime(2026, 10, 31, 23, 59), ret_type=datetime, implement_cron_bug=True)
    days, at = [], schedule.get_next()
    while at.month == 11:
        days.append(at.day)
        at = schedule.get_next()
    print(f"cron of Debian, {text}: [{' '.join(map(str, days))}]")
END
schedules=('0 5 1-7 * *' '0 5 * * 0' '0 5 1-7 * 0' '0 5 1-7 * */7' '0 5 */2 * 1')
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run -mod=mod . "${schedules[@]}"; env/bin/python debian.py "${schedules[@]}")
echo 'robfig/cron 3.0.1 and the rule of Debian, days of November 2026 (Sundays: 1, 8, 15, 22, 29):'
echo "$seen"
expected='CronJob, 0 5 1-7 * *: [1 2 3 4 5 6 7]
CronJob, 0 5 * * 0: [1 8 15 22 29]
CronJob, 0 5 1-7 * 0: [1 2 3 4 5 6 7 8 15 22 29]
CronJob, 0 5 1-7 * */7: [1 2 3 4 5 6 7 8 15 22 29]
CronJob, 0 5 */2 * 1: [1 2 3 5 7 9 11 13 15 16 17 19 21 23 25 27 29 30]
cron of Debian, 0 5 1-7 * *: [1 2 3 4 5 6 7]
cron of Debian, 0 5 * * 0: [1 8 15 22 29]
cron of Debian, 0 5 1-7 * 0: [1 2 3 4 5 6 7 8 15 22 29]
cron of Debian, 0 5 1-7 * */7: [1]
cron of Debian, 0 5 */2 * 1: [9 23]'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
