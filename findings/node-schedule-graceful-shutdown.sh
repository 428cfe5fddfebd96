#!/usr/bin/env bash
# `gracefulShutdown()` of node-schedule 2.1.1 (npm) waits "until all jobs are terminated", as its README says, which shows it with `process.exit(0)` after it. It does not wait for the run of a job with a
# date, or of a job that has cancelled itself: they have no next run, so the library has forgotten them (schedule.js). So SIGTERM cuts such a run, with exit code 0. It does wait for the
# run of a job with a cron rule, but then, without `process.exit`, the program runs on until SIGKILL, since a timer of the library is never cleared
# (pull request 752 of node-schedule is merged, but in no version yet). When no run is under way the program ends.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts node-schedule@2.1.1

cat > program.mjs <<'END'
import { setTimeout as wait } from 'node:timers/promises';
import schedule from 'node-schedule';

const [, , kind, exit] = process.argv;
let job;
const run = async () => {
  if (kind === 'cancelled') job.cancel();
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
  await wait(800);
  console.log('run ended');
};
const everySecond = '* * * * * *';
const begin = {
  rule: () => schedule.scheduleJob(everySecond, run),
  date: () => schedule.scheduleJob(new Date(Date.now() + 300), run),
  cancelled: () => schedule.scheduleJob(everySecond, run),
  none: () => process.nextTick(() => process.kill(process.pid, 'SIGTERM')),
};
process.on('SIGTERM', async () => {
  await schedule.gracefulShutdown();
  if (exit === 'exit') process.exit(0);
});
const idle = setTimeout(() => {}, 60_000);
process.on('SIGTERM', () => clearTimeout(idle));
job = begin[kind]();
END
run() {
  local code=0 output
  output=$(timeout --signal=KILL 10 node program.mjs "$@" 2>/dev/null) || code=$?
  echo "${output:-no run ended}, exit code $code"
}
seen=$(
  echo "cron rule, process.exit: $(run rule exit)"
  echo "date, process.exit: $(run date exit)"
  echo "cancels itself, process.exit: $(run cancelled exit)"
  echo "no run under way: $(run none)"
  echo "cron rule: $(run rule)"
)
echo 'node-schedule 2.1.1, SIGTERM during a run; 137 is SIGKILL after 10 s:'
echo "$seen"
expected='cron rule, process.exit: run ended, exit code 0
date, process.exit: no run ended, exit code 0
cancels itself, process.exit: no run ended, exit code 0
no run under way: no run ended, exit code 0
cron rule: run ended, exit code 137'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
