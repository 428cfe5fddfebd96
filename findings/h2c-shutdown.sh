#!/usr/bin/env bash
# `UseH2C` of gin 1.12.0 and StartH2CServer of echo 4.16.4 (Go) serve HTTP/2 without TLS, as a proxy or a mesh speaks it to a Pod, by golang.org/x/net/http2/h2c
# 0.62.0. Such a connection is hijacked from net/http, so Shutdown of the server does not know of its requests and returns at once, without an error, also after
# http2.ConfigureServer. A program that ends after Shutdown, as at SIGTERM, cuts them (issue 26682 of golang/go). Requests with HTTP/1.1 to the same server are
# waited for, and so is HTTP/2 with the field Protocols of net/http, for which h2c is deprecated. Neither gin nor echo says so at its option.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'GO'
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

func slow(answer http.ResponseWriter, _ *http.Request) {
	time.Sleep(2 * time.Second)
	answer.WriteHeader(http.StatusOK)
}

// clients asks a server with HTTP/1.1 and with HTTP/2 without TLS.
var clients = map[string]*http.Client{
	"HTTP/1.1": {},
	"HTTP/2": {Transport: &http2.Transport{AllowHTTP: true, DialTLSContext: func(_ context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
		return net.Dial(network, address)
	}}},
}

func shutDown(name, protocol string, listener net.Listener, serve func(), shutdown func(context.Context) error) {
	go serve()
	answered := make(chan struct{})
	go func() {
		response, err := clients[protocol].Get("http://" + listener.Addr().String() + "/slow")
		if err != nil || response.Proto[:6] != protocol[:6] {
			panic(fmt.Sprint(response, err))
		}
		close(answered)
	}()
	time.Sleep(time.Second)
	err := shutdown(context.Background())
	state := "answered"
	select {
	case <-answered:
	case <-time.After(300 * time.Millisecond):
		state = "still under way"
	}
	fmt.Printf("%s, %s: after Shutdown (error %v) the request is %s\n", name, protocol, err, state)
	<-answered
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2"} {
		both := new(http.Protocols)
		both.SetHTTP1(true)
		both.SetUnencryptedHTTP2(true)
		ofGin := gin.New()
		ofGin.UseH2C = true
		ofGin.GET("/slow", func(c *gin.Context) { slow(c.Writer, c.Request) })
		configured := &http.Server{Handler: h2c.NewHandler(http.HandlerFunc(slow), &http2.Server{})}
		if err := http2.ConfigureServer(configured, &http2.Server{}); err != nil {
			panic(err)
		}
		for _, of := range []struct {
			name   string
			server *http.Server
		}{
			{"net/http", &http.Server{Handler: http.HandlerFunc(slow), Protocols: both}},
			{"h2c, configured", configured},
			{"gin", &http.Server{Handler: ofGin.Handler()}},
		} {
			listener := listen()
			shutDown(of.name, protocol, listener, func() { _ = of.server.Serve(listener) }, of.server.Shutdown)
		}
		ofEcho := echo.New()
		ofEcho.HideBanner, ofEcho.HidePort, ofEcho.Listener = true, true, listen()
		ofEcho.GET("/slow", func(c echo.Context) error { slow(c.Response(), c.Request()); return nil })
		shutDown("echo", protocol, ofEcho.Listener, func() { _ = ofEcho.StartH2CServer("", &http2.Server{}) }, ofEcho.Shutdown)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/gin-gonic/gin@v1.12.0 github.com/labstack/echo/v4@v4.16.4 golang.org/x/net@v0.62.0 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'gin 1.12.0, echo 4.16.4, golang.org/x/net 0.62.0, a request of 2 s:'
echo "$seen"
expected='net/http, HTTP/1.1: after Shutdown (error <nil>) the request is answered
h2c, configured, HTTP/1.1: after Shutdown (error <nil>) the request is answered
gin, HTTP/1.1: after Shutdown (error <nil>) the request is answered
echo, HTTP/1.1: after Shutdown (error <nil>) the request is answered
net/http, HTTP/2: after Shutdown (error <nil>) the request is answered
h2c, configured, HTTP/2: after Shutdown (error <nil>) the request is still under way
gin, HTTP/2: after Shutdown (error <nil>) the request is still under way
echo, HTTP/2: after Shutdown (error <nil>) the request is still under way'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
