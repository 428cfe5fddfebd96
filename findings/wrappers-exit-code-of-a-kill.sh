#!/usr/bin/env bash
# cross-env 10.1.0 and @dotenvx/dotenvx 2.38.2 (npm) end with exit code 1 when the program that they started was killed by SIGKILL, as the kernel
# does when memory runs out, and `start` of honcho 2.0.0 (PyPI) with 247. A shell, dotenv-cli 11.0.0 and `run` of honcho give 137: 128 plus the
# number of the signal. As the entrypoint of a container the former hide the kill: a podFailurePolicy that names exit code 137 does not match,
# and an alert on it stays silent. An exit code of the program itself all of them pass on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cross-env@10.1.0 @dotenvx/dotenvx@2.38.2 dotenv-cli@11.0.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile honcho==2.0.0

export PATH="$folder/node_modules/.bin:$PATH"
# shellcheck disable=SC2016 # the shell of the program reads $$
echo 'kill -KILL $$' > killed.sh
echo 'exit 42' > ends.sh
exit_code () { # command
  local code=0
  { "$@"; } >/dev/null 2>&1 || code=$?
  echo "$code"
}
seen=$(
  for program in ends killed; do
    echo "web: exec sh $program.sh" > Procfile
    echo "$program: a shell: $(exit_code sh -c "sh $program.sh")"
    echo "$program: dotenv-cli: $(exit_code dotenv -- sh $program.sh)"
    echo "$program: honcho run: $(exit_code env/bin/honcho run sh $program.sh)"
    echo "$program: cross-env: $(exit_code cross-env A=b sh $program.sh)"
    echo "$program: dotenvx run: $(exit_code dotenvx run --quiet -- sh $program.sh)"
    echo "$program: honcho start: $(exit_code env/bin/honcho start)"
  done 2>/dev/null
)
echo 'exit codes for a program that ends with 42, and for one that is killed:'
echo "$seen"
expected='ends: a shell: 42
ends: dotenv-cli: 42
ends: honcho run: 42
ends: cross-env: 42
ends: dotenvx run: 42
ends: honcho start: 42
killed: a shell: 137
killed: dotenv-cli: 137
killed: honcho run: 137
killed: cross-env: 1
killed: dotenvx run: 1
killed: honcho start: 247'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
