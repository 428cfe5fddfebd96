#!/usr/bin/env bash
# health-go 5.5.4 (github.com/hellofresh/health-go/v5) ends a check with "Timeout during health check" after the Timeout of its Config. The goroutine of that check
# stays until the program ends, also after the check itself has returned: nobody receives its result (health.go, Measure). So as long as a database is slow,
# each probe of the kubelet leaves one more goroutine, with all that it holds, until the container has no memory left. Such a check also makes the next probe
# wait, of liveness as well as of readiness, since one lock guards all checks: two probes at once take the time of two. With health 0.8.0
# (github.com/alexliesenfeld/health) no goroutine stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"time"

	"github.com/alexliesenfeld/health"
	healthgo "github.com/hellofresh/health-go/v5"
)

const timeout = 300 * time.Millisecond

// slow is a check that takes longer than its timeout, and then succeeds.
func slow(context.Context) error {
	time.Sleep(2 * timeout)
	return nil
}

func probe(handler http.Handler) int {
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	return answer.Code
}

func goroutines() int {
	time.Sleep(4 * timeout) // The checks that are under way end.
	return runtime.NumGoroutine()
}

func measure(name string, handler http.Handler) {
	before := goroutines()
	code := 0
	for range 20 {
		code = probe(handler)
	}
	fmt.Printf("%s: status %d; %d goroutines stay after 20 probes\n", name, code, goroutines()-before)
}

func main() {
	checker := health.NewHandler(health.NewChecker(health.WithDisabledCache(), health.WithDisabledAutostart(),
		health.WithCheck(health.Check{Name: "database", Timeout: timeout, Check: slow})))
	measure("health", checker)
	checks, err := healthgo.New(healthgo.WithChecks(healthgo.Config{Name: "database", Timeout: timeout, Check: slow}))
	if err != nil {
		panic(err)
	}
	measure("health-go", checks.Handler())

	var both sync.WaitGroup
	begin := time.Now()
	for range 2 {
		both.Go(func() { probe(checks.Handler()) })
	}
	both.Wait()
	fmt.Printf("health-go: two probes at once take the time of %d\n", time.Since(begin)/timeout)
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/hellofresh/health-go/v5@v5.5.4 github.com/alexliesenfeld/health@v0.8.0 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'health-go 5.5.4 and health 0.8.0, a check that takes twice its timeout:'
echo "$seen"
expected='health: status 503; 0 goroutines stay after 20 probes
health-go: status 503; 20 goroutines stay after 20 probes
health-go: two probes at once take the time of 2'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
