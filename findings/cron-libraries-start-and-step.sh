#!/usr/bin/env bash
# `5/15 * * * *` as the schedule of a CronJob means minutes 5, 20, 35 and 50 (robfig/cron 3.0.1, which Kubernetes 1.37 uses: from 5 to the end of the
# range). cron-schedule 6.0.0 (npm) and cron-converter 2.0.2 (PyPI) accept it, drop the step, and give minute 5 alone; is_now of pycron 3.3.0 (PyPI)
# accepts it too and is true at no minute. A monitor built on them expects a fourth of the runs, or none. cron-parser 5.10.6 (npm) and croniter
# 7.0.0 (PyPI) read it as Kubernetes does, and `5-59/15` all of them do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cron-schedule@6.0.0 cron-parser@5.10.6
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile croniter==7.0.0 cron-converter==2.0.2 pycron==3.3.0
export TZ=UTC

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
		minutes := []int{}
		for at := schedule.Next(time.Date(2026, 11, 1, 2, 59, 0, 0, time.UTC)); at.Hour() == 3; at = schedule.Next(at) {
			minutes = append(minutes, at.Minute())
		}
		fmt.Printf("robfig/cron, %s: %v\n", text, minutes)
	}
}
END
cat > minutes.mjs <<'END'
import { CronExpressionParser } from 'cron-parser';
import { parseCronExpression } from 'cron-schedule';

const begin = new Date('2026-11-01T02:59:00Z');
const next = {
  'cron-parser': (text) => {
    const runs = CronExpressionParser.parse(text, { currentDate: begin, tz: 'UTC' });
    return Array.from({ length: 6 }, () => runs.next().toDate());
  },
  'cron-schedule': (text) => parseCronExpression(text).getNextDates(6, begin),
};
for (const [name, runs] of Object.entries(next)) {
  for (const text of process.argv.slice(2)) {
    console.log(`${name}, ${text}: [${runs(text).filter((at) => at.getUTCHours() === 3).map((at) => at.getUTCMinutes()).join(' ')}]`);
  }
}
END
cat > minutes.py <<'END'
import sys
from datetime import datetime
import pycron
from cron_converter import Cron
from croniter import croniter

begin = datetime(2026, 11, 1, 2, 59)

def of_croniter(text):
    runs = croniter(text, begin, ret_type=datetime)
    return [runs.get_next() for _ in range(6)]

def of_cron_converter(text):
    runs = Cron(text).schedule(begin)
    return [runs.next() for _ in range(6)]

def of_pycron(text):
    return [at for at in (datetime(2026, 11, 1, 3, minute) for minute in range(60)) if pycron.is_now(text, at)]

for name, of in (('croniter', of_croniter), ('cron-converter', of_cron_converter), ('pycron', of_pycron)):
    for text in sys.argv[1:]:
        print(f"{name}, {text}: [{' '.join(str(at.minute) for at in of(text) if at.hour == 3)}]")
END
schedules=('5-59/15 * * * *' '5/15 * * * *')
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run -mod=mod . "${schedules[@]}"; node minutes.mjs "${schedules[@]}"; env/bin/python minutes.py "${schedules[@]}")
echo 'robfig/cron 3.0.1, cron-parser 5.10.6, cron-schedule 6.0.0, croniter 7.0.0, cron-converter 2.0.2, pycron 3.3.0, minutes of an hour:'
echo "$seen"
expected='robfig/cron, 5-59/15 * * * *: [5 20 35 50]
robfig/cron, 5/15 * * * *: [5 20 35 50]
cron-parser, 5-59/15 * * * *: [5 20 35 50]
cron-parser, 5/15 * * * *: [5 20 35 50]
cron-schedule, 5-59/15 * * * *: [5 20 35 50]
cron-schedule, 5/15 * * * *: [5]
croniter, 5-59/15 * * * *: [5 20 35 50]
croniter, 5/15 * * * *: [5 20 35 50]
cron-converter, 5-59/15 * * * *: [5 20 35 50]
cron-converter, 5/15 * * * *: [5]
pycron, 5-59/15 * * * *: [5 20 35 50]
pycron, 5/15 * * * *: []'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
