#!/usr/bin/env bash
# github.com/hashicorp/cronexpr 1.1.3 (Go), which Nomad uses, takes `05` in the field of the weekday for Sunday: it knows numbers of two digits in the other
# fields alone, and has no error for this one. As a CronJob `00 03 * * 05` runs on Fridays (robfig/cron 3.0.1, Go), and so it does for croniter 7.0.0 and
# cronsim 2.8 (PyPI).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile croniter==7.0.0 cronsim==2.8

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/cronexpr"
	"github.com/robfig/cron/v3"
)

func main() {
	for _, text := range os.Args[1:] {
		ofCronJob, err := cron.ParseStandard(text)
		if err != nil {
			panic(err)
		}
		for _, of := range []struct {
			name string
			next func(time.Time) time.Time
		}{{"CronJob", ofCronJob.Next}, {"cronexpr", cronexpr.MustParse(text).Next}} {
			runs := []string{}
			at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) // a Sunday
			for range 3 {
				at = of.next(at)
				runs = append(runs, at.Format("Mon 2 15:04"))
			}
			fmt.Printf("%s, %s: %s\n", text, of.name, strings.Join(runs, ", "))
		}
	}
}
END
cat > others.py <<'END'
import sys
from datetime import datetime
from croniter import croniter
from cronsim import CronSim

begin = datetime(2026, 11, 1, 12)
for text in sys.argv[1:]:
    for name, runs in [("croniter", croniter(text, begin, ret_type=datetime)), ("cronsim", CronSim(text, begin))]:
        print(f"{text}, {name}: " + ", ".join(next(runs).strftime("%a %-d %H:%M") for _ in range(3)))
END
schedules=('00 03 * * 5' '00 03 * * 05' '00 03 * * 03-05' '00 03 * * 03,06')
go mod init finding >/dev/null 2>&1
go get github.com/hashicorp/cronexpr@v1.1.3 github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run -mod=mod . "${schedules[@]}"; env/bin/python others.py "${schedules[@]}")
echo 'hashicorp/cronexpr 1.1.3, robfig/cron 3.0.1, croniter 7.0.0, cronsim 2.8; the next runs:'
echo "$seen"
expected='00 03 * * 5, CronJob: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 5, cronexpr: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 05, CronJob: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 05, cronexpr: Sun 8 03:00, Sun 15 03:00, Sun 22 03:00
00 03 * * 03-05, CronJob: Wed 4 03:00, Thu 5 03:00, Fri 6 03:00
00 03 * * 03-05, cronexpr: Mon 2 03:00, Tue 3 03:00, Wed 4 03:00
00 03 * * 03,06, CronJob: Wed 4 03:00, Sat 7 03:00, Wed 11 03:00
00 03 * * 03,06, cronexpr: Sun 8 03:00, Sun 15 03:00, Sun 22 03:00
00 03 * * 5, croniter: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 5, cronsim: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 05, croniter: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 05, cronsim: Fri 6 03:00, Fri 13 03:00, Fri 20 03:00
00 03 * * 03-05, croniter: Wed 4 03:00, Thu 5 03:00, Fri 6 03:00
00 03 * * 03-05, cronsim: Wed 4 03:00, Thu 5 03:00, Fri 6 03:00
00 03 * * 03,06, croniter: Wed 4 03:00, Sat 7 03:00, Wed 11 03:00
00 03 * * 03,06, cronsim: Wed 4 03:00, Sat 7 03:00, Wed 11 03:00'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
