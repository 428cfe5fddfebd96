#!/usr/bin/env bash
# kratos 2.8.3 (github.com/go-kratos/kratos/v2) stops its servers at SIGTERM and gives each the StopTimeout of the app, 10 s by default. Its HTTP server keeps to it. Its gRPC
# server does not look at it (transport/grpc/server.go, Stop): it waits for all streams without a limit. A client with an open stream, such as
# the Watch of the health service that kratos registers itself, so holds the Pod until SIGKILL, and what is after Run in main never runs. Without a stream the
# gRPC server ends at once.
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
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/go-kratos/kratos/v2"
	kgrpc "github.com/go-kratos/kratos/v2/transport/grpc"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

const (
	stopTimeout = time.Second
	longest     = 8 * time.Second
)

func serve(address string) {
	web := khttp.NewServer(khttp.Address(address + "0"))
	web.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { time.Sleep(2 * longest) })
	calls := kgrpc.NewServer(kgrpc.Address(address + "1"))
	app := kratos.New(kratos.StopTimeout(stopTimeout))
	switch os.Args[2] {
	case "HTTP":
		app = kratos.New(kratos.StopTimeout(stopTimeout), kratos.Server(web))
	case "gRPC":
		app = kratos.New(kratos.StopTimeout(stopTimeout), kratos.Server(calls))
	}
	_ = app.Run()
	os.Exit(3)
}

// request begins a request that the server does not end.
func request(address, kind string) {
	if kind == "HTTP" {
		go func() { _, _ = http.Get("http://" + address + "0/slow") }()
		return
	}
	connection, err := grpc.Dial(address+"1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	stream, err := grpc_health_v1.NewHealthClient(connection).Watch(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		panic(err)
	}
	if _, err := stream.Recv(); err != nil {
		panic(err)
	}
}

func measure(address, kind string, under bool) {
	server := exec.Command(os.Args[0], address, kind)
	if err := server.Start(); err != nil {
		panic(err)
	}
	time.Sleep(1500 * time.Millisecond)
	if under {
		request(address, kind)
	}
	time.Sleep(500 * time.Millisecond)
	begin := time.Now()
	_ = server.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(longest, func() { _ = server.Process.Kill() })
	_ = server.Wait()
	kill.Stop()
	end := fmt.Sprintf("ends after %d s", time.Since(begin).Round(time.Second)/time.Second)
	if server.ProcessState.ExitCode() != 3 {
		end = fmt.Sprintf("runs on for %d s", longest/time.Second)
	}
	fmt.Printf("%s, a request under way %v: %s\n", kind, under, end)
}

func main() {
	if len(os.Args) == 3 {
		serve(os.Args[1])
	}
	for _, kind := range []string{"HTTP", "gRPC"} {
		for _, under := range []bool{false, true} {
			measure(os.Args[1], kind, under)
		}
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/go-kratos/kratos/v2@v2.8.3 >/dev/null 2>&1
go build -mod=mod -o finding . 2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1] // 10)')
seen=$(./finding "127.0.0.1:$port")
echo 'kratos 2.8.3, StopTimeout 1 s, SIGTERM:'
echo "$seen"
expected='HTTP, a request under way false: ends after 0 s
HTTP, a request under way true: ends after 1 s
gRPC, a request under way false: ends after 0 s
gRPC, a request under way true: runs on for 8 s'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
