#!/usr/bin/env bash
# A program with @gquittet/graceful-server 5.2.17 (npm) that answers its requests after SIGTERM and has run its closePromises ends with the exit code 15, the number of the
# signal; its README does not name an exit code. So the container has failed: a Job runs its Pod again, and a sidecar or a Pod that drained as it should counts as an
# error. 143 would be that of the signal, and 0 that of the other libraries of this kind: http-graceful-shutdown 4.0.0 and close-with-grace 2.5.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts @gquittet/graceful-server@5.2.17 http-graceful-shutdown@4.0.0 close-with-grace@2.5.0

cat > server.mjs <<'END'
import http from 'node:http';

const server = http.createServer((_, response) => setTimeout(() => response.end('answer', () => console.log('answered')), 500));
const close = async () => console.log('cleaned up');
const begin = {
  '@gquittet/graceful-server': ({ default: library }) => (library.default ?? library)(server, { closePromises: [close], timeout: 2000 }).setReady(),
  'http-graceful-shutdown': ({ default: library }) => library(server, { onShutdown: close }),
  'close-with-grace': ({ default: library }) => library(async () => {
    await new Promise((resolve) => server.close(resolve));
    await close();
  }),
};
begin[process.argv[2]](await import(process.argv[2]));
server.listen(0, '127.0.0.1', () => {
  server.once('request', () => process.kill(process.pid, 'SIGTERM'));
  void fetch(`http://127.0.0.1:${server.address().port}/`);
});
END
seen=$(
  for library in @gquittet/graceful-server http-graceful-shutdown close-with-grace; do
    code=0
    node server.mjs "$library" > log || code=$?
    echo "$library: $(paste --serial --delimiters=, log), exit code $code"
  done
)
echo 'after SIGTERM:'
echo "$seen"
expected='@gquittet/graceful-server: answered,cleaned up, exit code 15
http-graceful-shutdown: answered,cleaned up, exit code 0
close-with-grace: answered,cleaned up, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
