#!/usr/bin/env bash
# iris 12.2.11 (Go) stops the server gracefully at SIGTERM, by default and on its own (Configuration.DisableInterruptHandler). But app.Listen returns as soon as
# this begins. A program whose last line is app.Listen, as in its getting started, then ends and cuts the requests under way, without an error and with exit code 0.
# If main waits after app.Listen, the same handler lets the request end. Nothing at app.Listen or at the setting says that main must wait.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"os"
	"time"

	"github.com/kataras/iris/v12"
)

func main() {
	app := iris.New()
	app.Get("/ready", func(c iris.Context) { _, _ = c.WriteString("ready") })
	app.Get("/slow", func(c iris.Context) {
		time.Sleep(3 * time.Second)
		_, _ = c.WriteString("done")
	})
	if err := app.Listen("127.0.0.1:" + os.Args[1]); err != nil {
		panic(err)
	}
	if len(os.Args) == 3 {
		time.Sleep(5 * time.Second)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/kataras/iris/v12@v12.2.11 >/dev/null 2>&1
go build -mod=mod -o web . 2>/dev/null

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
ask () { curl --silent --max-time 20 --write-out ' %{http_code}' "http://127.0.0.1:$port$1" || true; }
at_sigterm () { # arguments...
  ./web "$port" "$@" >log 2>&1 &
  server=$!
  local code=0 request
  trap 'kill -KILL "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 100); do [ "$(ask /ready)" = 'ready 200' ] && break || sleep 0.2; done
  ask /slow >under-way &
  request=$!
  sleep 1
  kill -TERM "$server"
  wait "$request"
  wait "$server" || code=$?
  echo "the request under way: $(cat under-way); exit code $code"
}
seen=$(
  echo "app.Listen is the last line: $(at_sigterm)"
  echo "main waits after app.Listen: $(at_sigterm wait)"
)
echo 'iris 12.2.11, a request of 3 s, SIGTERM after 1 s:'
echo "$seen"
expected='app.Listen is the last line: the request under way:  000; exit code 0
main waits after app.Listen: the request under way: done 200; exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
