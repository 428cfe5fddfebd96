#!/usr/bin/env bash
# @cloudnative/health 2.1.2 (npm) says that the promise of a StartupCheck is executed at startup, that getLivenessStatus and getReadinessStatus return
# STARTING while it runs, and that the promise of a ShutdownCheck is executed when SIGTERM comes. But each call of these methods starts the promises once
# more (HealthChecker.js, getPromiseStatus and getShutdownStatus). With a probe each second, a migration of the database that takes 3 s runs several times
# at the same time. No call returns STARTING: each waits for the migration that it has started, so a probe of Kubernetes, which waits 1 s by default, fails
# and begins the next one. After SIGTERM each probe runs the cleanup again, after it is done too. getStatus runs them again as well, but does not wait.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @cloudnative/health@2.1.2 >/dev/null 2>&1
cat > main.js <<'END'
const { HealthChecker, ShutdownCheck, StartupCheck } = require('@cloudnative/health');
const { setTimeout: sleep } = require('node:timers/promises');

/** A check of 3 s that counts how often it is started, and how many of it run at the same time at most. */
function counted() {
  const count = { started: 0, running: 0, most: 0 };
  const check = async () => {
    count.started += 1;
    count.running += 1;
    count.most = Math.max(count.most, count.running);
    await sleep(3000);
    count.running -= 1;
  };
  return { count, check };
}

/** Asks as a probe does that waits a second for the answer. */
async function probe(health, method) {
  const answer = await Promise.race([health[method]().then(({ status }) => status), sleep(1000, 'no answer in 1 s', { ref: false })]);
  await sleep(500);
  return answer;
}

async function main() {
  const keepAlive = setInterval(() => {}, 1000);
  for (const method of ['getStatus', 'getReadinessStatus', 'getLivenessStatus']) {
    const health = new HealthChecker();
    const startup = counted();
    health.registerStartupCheck(new StartupCheck('migration', startup.check));
    const answers = [await probe(health, method), await probe(health, method)];
    console.log(`${method} at startup: ${answers.join(', ')}; started ${startup.count.started} times, ${startup.count.most} at the same time`);
    await sleep(7000);
    const shutdown = counted();
    health.registerShutdownCheck(new ShutdownCheck('cleanup', shutdown.check));
    process.kill(process.pid, 'SIGTERM');
    await sleep(4000);
    const first = shutdown.count.started;
    const after = [await probe(health, method), await probe(health, method)];
    console.log(`${method} after SIGTERM: the cleanup is started ${first} time, and ends; two probes later (${after.join(', ')}) it is started ${shutdown.count.started} times`);
    process.removeAllListeners('SIGTERM');
  }
  clearInterval(keepAlive);
}

main();
END
seen=$(node main.js)
echo '@cloudnative/health 2.1.2, checks of 3 s:'
echo "$seen"
expected='getStatus at startup: STARTING, STARTING; started 3 times, 3 at the same time
getStatus after SIGTERM: the cleanup is started 1 time, and ends; two probes later (STOPPED, STOPPED) it is started 3 times
getReadinessStatus at startup: no answer in 1 s, no answer in 1 s; started 3 times, 3 at the same time
getReadinessStatus after SIGTERM: the cleanup is started 1 time, and ends; two probes later (STOPPED, STOPPED) it is started 3 times
getLivenessStatus at startup: no answer in 1 s, no answer in 1 s; started 3 times, 3 at the same time
getLivenessStatus after SIGTERM: the cleanup is started 1 time, and ends; two probes later (STOPPED, STOPPED) it is started 3 times'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
