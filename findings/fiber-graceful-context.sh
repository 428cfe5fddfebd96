#!/usr/bin/env bash
# fiber 3.1.0 (Go): the field GracefulContext of ListenConfig is to "shutdown Fiber by given context gracefully", within a ShutdownTimeout of 10 s. A program whose
# context ends at SIGTERM, and which ends when Listen returns, cuts its requests: Listen returns as soon as the shutdown begins, not when it is done, and without an
# error. The program has to wait for the hook OnPostShutdown, which the documentation of the field does not say; then the request is answered. With EnablePrefork
# that does not help: SIGTERM reaches the first process alone, as it does in a container. The hook is called there without an error, but Listen does not return, the
# other processes go on serving, and the program runs until SIGKILL.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v3"
)

func main() {
	app := fiber.New()
	app.Get("/ready", func(c fiber.Ctx) error { return c.SendString("ready") })
	app.Get("/slow", func(c fiber.Ctx) error {
		time.Sleep(3 * time.Second)
		return c.SendString("done")
	})
	done := make(chan struct{}, 8)
	app.Hooks().OnPostShutdown(func(err error) error {
		fmt.Printf("hook (error %v)\n", err)
		done <- struct{}{}
		return nil
	})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := app.Listen("127.0.0.1:"+os.Args[1], fiber.ListenConfig{
		GracefulContext: ctx, DisableStartupMessage: true, EnablePrefork: slices.Contains(os.Args, "prefork"),
	})
	fmt.Printf("Listen has returned (error %v)\n", err)
	if slices.Contains(os.Args, "wait") {
		<-done
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/gofiber/fiber/v3@v3.1.0 >/dev/null 2>&1
go build -mod=mod -o web . 2>/dev/null

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
ask () { curl --silent --max-time 20 --write-out ' %{http_code}' "http://127.0.0.1:$port$1" || true; }
at_sigterm () { # arguments...
  ./web "$port" "$@" >log 2>&1 &
  server=$!
  local code=0 request late
  trap 'kill -KILL "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 100); do [ "$(ask /ready)" = 'ready 200' ] && break || sleep 0.2; done
  ask /slow >under-way &
  request=$!
  sleep 1
  kill -TERM "$server"
  wait "$request"
  sleep 3
  late=$(ask /ready)
  if kill -KILL "$server" 2>/dev/null; then code=killed; wait "$server" 2>/dev/null || true; else wait "$server" || code=$?; fi
  sleep 1 # The other processes of prefork end now.
  echo "the request under way: $(cat under-way); log: $(sort log | uniq | paste --serial --delimiters=,); 3 s later: $late; exit code $code"
}
seen=$(
  echo "Listen alone: $(at_sigterm)"
  echo "waits for the hook: $(at_sigterm wait)"
  echo "prefork, waits for the hook: $(at_sigterm wait prefork)"
)
echo 'fiber 3.1.0, a request of 3 s:'
echo "$seen"
expected='Listen alone: the request under way:  000; log: Listen has returned (error <nil>); 3 s later:  000; exit code 0
waits for the hook: the request under way: done 200; log: Listen has returned (error <nil>),hook (error <nil>); 3 s later:  000; exit code 0
prefork, waits for the hook: the request under way: done 200; log: hook (error <nil>); 3 s later: ready 200; exit code killed'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
