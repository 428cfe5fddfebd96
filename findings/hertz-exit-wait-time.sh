#!/usr/bin/env bash
# hertz 0.10.4 (github.com/cloudwego/hertz): WithExitWaitTime "sets timeout for graceful shutdown". The network library netpoll, its default on Linux, keeps to it. The
# standard one, which hertz takes by itself as soon as the server has TLS, has a limit of its own of 30 s (pkg/network/standard/transport.go, shutdownTimeout), which no option
# changes. A server that is given 60 s, in a Pod with a grace period of 70 s, says "wait at most 1m0s" and cuts a request of 40 s after 30 s, with exit code 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"context"
	"crypto/tls"
	"os"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
)

func main() {
	options := []config.Option{server.WithHostPorts("127.0.0.1:" + os.Args[1]), server.WithExitWaitTime(time.Minute)}
	if os.Args[2] == "https" {
		certificate, err := tls.LoadX509KeyPair("certificate.pem", "key.pem")
		if err != nil {
			panic(err)
		}
		options = append(options, server.WithTLS(&tls.Config{Certificates: []tls.Certificate{certificate}}))
	}
	web := server.New(options...)
	web.GET("/ready", func(_ context.Context, c *app.RequestContext) { c.String(200, "ready") })
	web.GET("/slow", func(_ context.Context, c *app.RequestContext) {
		time.Sleep(40 * time.Second)
		c.String(200, "done")
	})
	web.Spin()
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/cloudwego/hertz@v0.10.4 >/dev/null 2>&1
go build -mod=mod -o web . 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 1 -subj /CN=localhost 2>/dev/null

ask () { curl --silent --insecure --max-time 60 --write-out ' %{http_code}' "$1" || true; }
at_sigterm () { # scheme
  local port server request begin code=0
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  ./web "$port" "$1" >"log-$1" 2>&1 &
  server=$!
  # shellcheck disable=SC2064 # the server of this call
  trap "kill -KILL $server 2>/dev/null || true" EXIT
  for _ in $(seq 100); do [ "$(ask "$1://127.0.0.1:$port/ready")" = 'ready 200' ] && break || sleep 0.2; done
  ask "$1://127.0.0.1:$port/slow" >"under-way-$1" &
  request=$!
  sleep 1
  begin=$SECONDS
  kill -TERM "$server"
  wait "$request"
  wait "$server" || code=$?
  local waits='less than 35 s'
  [ $((SECONDS - begin)) -lt 35 ] || waits='until the request ends'
  echo "$1: waits $waits; the request under way: $(cat "under-way-$1"); exit code $code"
}
at_sigterm http >seen-http &
at_sigterm https >seen-https &
wait
seen=$(cat seen-http seen-https)
echo 'hertz 0.10.4, WithExitWaitTime(60 s), a request of 40 s, SIGTERM after 1 s:'
echo "$seen"
expected='http: waits until the request ends; the request under way: done 200; exit code 0
https: waits less than 35 s; the request under way:  000; exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
