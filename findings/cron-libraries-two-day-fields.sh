#!/usr/bin/env bash
# A CronJob with `0 5 1 * 1` runs on the first of the month and on each Monday: when both day fields are restricted, a day that fits one of them is enough
# (crontab(5), and robfig/cron 3.0.1, which Kubernetes 1.37 uses). @breejs/later 4.2.0 (npm) and cron-converter 2.0.2 (PyPI) ask for both, so they
# give the next run as a first that is a Monday, here three months later than the real one, and neither documentation says so. With one
# restricted day field they agree with Kubernetes. cron-parser 5.10.6 (npm) and croniter 7.0.0 (PyPI) agree in all cases.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @breejs/later@4.2.0 cron-parser@5.10.6
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile croniter==7.0.0 cron-converter==2.0.2
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
		first := schedule.Next(time.Date(2026, 11, 1, 23, 59, 0, 0, time.UTC))
		fmt.Printf("robfig/cron, %s: %s %s\n", text, first.Format(time.DateOnly), schedule.Next(first).Format(time.DateOnly))
	}
}
END
cat > days.mjs <<'END'
import later from '@breejs/later';
import { CronExpressionParser } from 'cron-parser';

const begin = new Date('2026-11-01T23:59:00Z');
const next = {
  'cron-parser': (text) => {
    const runs = CronExpressionParser.parse(text, { currentDate: begin, tz: 'UTC' });
    return [runs.next().toDate(), runs.next().toDate()];
  },
  later: (text) => later.schedule(later.parse.cron(text)).next(2, begin),
};
for (const [name, runs] of Object.entries(next)) {
  for (const text of process.argv.slice(2)) console.log(`${name}, ${text}: ${runs(text).map((at) => at.toISOString().slice(0, 10)).join(' ')}`);
}
END
cat > days.py <<'END'
import sys
from datetime import datetime
from cron_converter import Cron
from croniter import croniter

begin = datetime(2026, 11, 1, 23, 59)
for name, of in (('croniter', lambda text: croniter(text, begin, ret_type=datetime).get_next), ('cron-converter', lambda text: Cron(text).schedule(begin).next)):
    for text in sys.argv[1:]:
        run = of(text)
        print(f'{name}, {text}: {run():%Y-%m-%d} {run():%Y-%m-%d}')
END
schedules=('0 5 1 * *' '0 5 * * 1' '0 5 1 * 1')
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run -mod=mod . "${schedules[@]}"; node days.mjs "${schedules[@]}"; env/bin/python days.py "${schedules[@]}")
echo 'robfig/cron 3.0.1, cron-parser 5.10.6, @breejs/later 4.2.0, croniter 7.0.0, cron-converter 2.0.2, the next two days after 2026-11-01:'
echo "$seen"
expected='robfig/cron, 0 5 1 * *: 2026-12-01 2027-01-01
robfig/cron, 0 5 * * 1: 2026-11-02 2026-11-09
robfig/cron, 0 5 1 * 1: 2026-11-02 2026-11-09
cron-parser, 0 5 1 * *: 2026-12-01 2027-01-01
cron-parser, 0 5 * * 1: 2026-11-02 2026-11-09
cron-parser, 0 5 1 * 1: 2026-11-02 2026-11-09
later, 0 5 1 * *: 2026-12-01 2027-01-01
later, 0 5 * * 1: 2026-11-02 2026-11-09
later, 0 5 1 * 1: 2027-02-01 2027-03-01
croniter, 0 5 1 * *: 2026-12-01 2027-01-01
croniter, 0 5 * * 1: 2026-11-02 2026-11-09
croniter, 0 5 1 * 1: 2026-11-02 2026-11-09
cron-converter, 0 5 1 * *: 2026-12-01 2027-01-01
cron-converter, 0 5 * * 1: 2026-11-02 2026-11-09
cron-converter, 0 5 1 * 1: 2027-02-01 2027-03-01'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
