#!/usr/bin/env bash
# github.com/robfig/cron/v3 3.0.1 (Go), which reads the schedules of CronJobs (pkg/controller/cronjob of Kubernetes 1.37), leaves out a whole
# day where a time zone has no midnight because the clocks go forward at 00:00, as in Egypt and Lebanon. A schedule that names that day of
# the week or of the month does not run at 05:00 either, although 05:00 exists. Its documentation says so only of a time within the skipped
# hour. The search steps from midnight to midnight; the missing one puts it on the evening before, and the next step is past the day.
# The same schedule runs where the clocks go forward at another hour (Europe/Athens), and so does a daily one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	for _, at := range []struct{ zone, schedule, day string }{
		{"Africa/Cairo", "0 5 * * *", "2025-04-25"},
		{"Africa/Cairo", "0 5 * * 5", "2025-04-25"},
		{"Africa/Cairo", "0 5 25 * *", "2025-04-25"},
		{"Asia/Beirut", "0 5 * * 0", "2025-03-30"},
		{"Europe/Athens", "0 5 * * 0", "2025-03-30"},
	} {
		// As the controller writes a schedule with spec.timeZone.
		schedule, err := cron.ParseStandard("TZ=" + at.zone + " " + at.schedule)
		if err != nil {
			panic(err)
		}
		zone, _ := time.LoadLocation(at.zone)
		day, _ := time.ParseInLocation("2006-01-02 15:04", at.day+" 05:00", zone)
		next := schedule.Next(day.Add(-20 * time.Hour))
		fmt.Printf("%s, %s: due %s, next run %s\n", at.zone, at.schedule, day.Format("Mon 2006-01-02 15:04"), next.Format("Mon 2006-01-02 15:04"))
	}
}
END
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(go run .)
echo 'robfig/cron 3.0.1:'
echo "$seen"
expected='Africa/Cairo, 0 5 * * *: due Fri 2025-04-25 05:00, next run Fri 2025-04-25 05:00
Africa/Cairo, 0 5 * * 5: due Fri 2025-04-25 05:00, next run Fri 2025-05-02 05:00
Africa/Cairo, 0 5 25 * *: due Fri 2025-04-25 05:00, next run Sun 2025-05-25 05:00
Asia/Beirut, 0 5 * * 0: due Sun 2025-03-30 05:00, next run Sun 2025-04-06 05:00
Europe/Athens, 0 5 * * 0: due Sun 2025-03-30 05:00, next run Sun 2025-03-30 05:00'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
