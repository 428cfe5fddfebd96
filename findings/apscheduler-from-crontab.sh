#!/usr/bin/env bash
# `CronTrigger.from_crontab` of APScheduler 3.11.3 (PyPI) takes "a standard crontab expression", as its documentation says, and counts the days of the week from Monday as 0. So a
# schedule that moves from a CronJob into the program, or back, runs a day later: `0 5 * * 1-5` from Tuesday to Saturday, `0 5 * * 0` on Monday. Names of days come
# out right; `7` is an error. Of two day fields it wants both: `0 5 1 * mon` is a first that is a Monday. A CronJob runs on each Monday and on each first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile apscheduler==3.11.3

cat > runs.py <<'END'
from datetime import datetime, timezone
from apscheduler.triggers.cron import CronTrigger

for schedule in ["0 5 * * 1", "0 5 * * mon", "0 5 * * 0", "0 5 * * 1-5", "0 5 1 * mon"]:
    trigger = CronTrigger.from_crontab(schedule, timezone=timezone.utc)
    run, runs = None, []
    now = datetime(2026, 11, 1, tzinfo=timezone.utc)
    for _ in range(6 if "-" in schedule else 2):
        run = trigger.get_next_fire_time(run, now)
        now = run
        runs.append(f"{run:%a %F}")
    print(f"{schedule}: {', '.join(runs)}")
END
seen=$(env/bin/python runs.py)
echo 'APScheduler 3.11.3, the next runs after 2026-11-01:'
echo "$seen"
expected='0 5 * * 1: Tue 2026-11-03, Tue 2026-11-10
0 5 * * mon: Mon 2026-11-02, Mon 2026-11-09
0 5 * * 0: Mon 2026-11-02, Mon 2026-11-09
0 5 * * 1-5: Tue 2026-11-03, Wed 2026-11-04, Thu 2026-11-05, Fri 2026-11-06, Sat 2026-11-07, Tue 2026-11-10
0 5 1 * mon: Mon 2027-02-01, Mon 2027-03-01'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
