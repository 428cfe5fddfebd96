#!/usr/bin/env bash
# A CronJob with a `timeZone` whose daily run falls into the hour that autumn repeats runs twice that night: Next of github.com/robfig/cron/v3 3.0.1 (Go),
# which Kubernetes 1.37 uses, gives 01:30 in summer time and 01:30 in winter time. Its documentation speaks of the hour that spring leaves out only,
# and cron(8) of Debian runs a daily job once (issue 121594 of Kubernetes). cron-parser 5.10.6 (npm) runs it once and every half hour of that night.
# cron-converter 2.0.2 (PyPI) runs it once as well, but loses the repeated hour of a schedule that runs each half hour.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cron-parser@5.10.6
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile cron-converter==2.0.2

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	for _, text := range os.Args[1:] {
		schedule, err := cron.ParseStandard("TZ=America/New_York " + text)
		if err != nil {
			panic(err)
		}
		fmt.Printf("robfig/cron, %s:", text)
		for at := schedule.Next(time.Date(2026, 11, 1, 0, 59, 0, 0, zone)); at.Hour() < 3 && at.Day() == 1; at = schedule.Next(at) {
			fmt.Print(at.UTC().Format(" 15:04"))
		}
		fmt.Println()
	}
}
END
cat > night.mjs <<'END'
import { CronExpressionParser } from 'cron-parser';
for (const text of process.argv.slice(2)) {
  const runs = CronExpressionParser.parse(text, { currentDate: new Date('2026-11-01T04:59:00Z'), tz: 'America/New_York' });
  const times = Array.from({ length: 12 }, () => runs.next().toDate().toISOString()).filter((at) => at < '2026-11-01T08');
  console.log(`cron-parser, ${text}: ${times.map((at) => at.slice(11, 16)).join(' ')}`);
}
END
cat > night.py <<'END'
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
from cron_converter import Cron

for text in sys.argv[1:]:
    run = Cron(text).schedule(datetime(2026, 11, 1, 0, 59, tzinfo=ZoneInfo('America/New_York')))
    times = [f'{run.next().astimezone(timezone.utc):%d %H:%M}' for _ in range(12)]
    print(f"cron-converter, {text}: {' '.join(at[3:] for at in times if at < '01 08')}")
END
schedules=('30 2 * * *' '30 1 * * *' '*/30 * * * *')
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run -mod=mod . "${schedules[@]}"; node night.mjs "${schedules[@]}"; env/bin/python night.py "${schedules[@]}")
echo 'robfig/cron 3.0.1, cron-parser 5.10.6, cron-converter 2.0.2, 2026-11-01 in New York, 01:00 to 03:00, in UTC (summer time ends at 06:00):'
echo "$seen"
expected='robfig/cron, 30 2 * * *: 07:30
robfig/cron, 30 1 * * *: 05:30 06:30
robfig/cron, */30 * * * *: 05:00 05:30 06:00 06:30 07:00 07:30
cron-parser, 30 2 * * *: 07:30
cron-parser, 30 1 * * *: 05:30
cron-parser, */30 * * * *: 05:00 05:30 06:00 06:30 07:00 07:30
cron-converter, 30 2 * * *: 07:30
cron-converter, 30 1 * * *: 05:30
cron-converter, */30 * * * *: 05:00 05:30 07:00 07:30'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
