#!/usr/bin/env bash
# prexit 2.3.0 (npm) runs cleanups before a program ends, also at an uncaught exception and at a rejection that nobody handles. Then it ends the program with exit code 0, where Node.js alone has 1,
# so a Job whose program has failed is Complete, and a Pod with `restartPolicy: OnFailure` does not start it again. `prexit.code = 1`, which its README gives for this, changes nothing;
# `process.exitCode = 1` does. And a second SIGTERM (a preStop hook that sends one, then the kubelet's) or a rejection during the cleanup ends
# the program at once: the cleanup that it has begun is not waited for, and the exit code is 0 as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts prexit@2.3.0

cat > program.mjs <<'END'
import { setTimeout as wait } from 'node:timers/promises';

const [, , cleanup, event, during] = process.argv;
const events = {
  exception: () => setImmediate(() => { throw new Error('failed'); }),
  rejection: () => { Promise.reject(new Error('failed')); },
  SIGTERM: () => process.kill(process.pid, 'SIGTERM'),
};
if (cleanup !== 'none') {
  const { default: prexit } = await import('prexit');
  prexit(async () => {
    if (cleanup === 'prexit.code') prexit.code = 1;
    if (cleanup === 'process.exitCode') process.exitCode = 1;
    if (during) events[during]();
    await wait(1000);
    console.log('cleaned up');
  });
}
setTimeout(() => {}, 60_000);
events[event]();
END
run() {
  local code=0 output
  output=$(node program.mjs "$@" 2>/dev/null) || code=$?
  echo "${output:-not cleaned up}, exit code $code"
}
seen=$(
  echo "exception, without prexit: $(run none exception)"
  echo "exception: $(run plain exception)"
  echo "rejection: $(run plain rejection)"
  echo "exception, prexit.code = 1: $(run prexit.code exception)"
  echo "exception, process.exitCode = 1: $(run process.exitCode exception)"
  echo "SIGTERM: $(run plain SIGTERM)"
  echo "SIGTERM, and a second one during the cleanup: $(run plain SIGTERM SIGTERM)"
  echo "SIGTERM, and a rejection during the cleanup: $(run plain SIGTERM rejection)"
)
echo 'prexit 2.3.0:'
echo "$seen"
expected='exception, without prexit: not cleaned up, exit code 1
exception: cleaned up, exit code 0
rejection: cleaned up, exit code 0
exception, prexit.code = 1: cleaned up, exit code 0
exception, process.exitCode = 1: cleaned up, exit code 1
SIGTERM: cleaned up, exit code 0
SIGTERM, and a second one during the cleanup: not cleaned up, exit code 0
SIGTERM, and a rejection during the cleanup: not cleaned up, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
