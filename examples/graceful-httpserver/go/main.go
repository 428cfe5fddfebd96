// A small HTTP server that starts and stops without losing a request. It needs Go's standard library alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

type config struct {
	Port             int    `json:"port"`
	Greeting         string `json:"greeting"`
	WorkMilliseconds int    `json:"workMilliseconds"`
	DrainSeconds     int    `json:"drainSeconds"`
}

func main() {
	if err := run(); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run() error {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	// From here on SIGTERM does not end the process, but this context.
	stopping, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var isReady atomic.Bool

	mux := http.NewServeMux()
	// Alive: the process answers. It asks no database and no other service, so their failures restart nothing.
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	// Ready: it is started, and does not stop.
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !isReady.Load() || stopping.Err() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	// Some work, so that a request is under way when the Pod stops.
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		slog.Debug("request", "method", r.Method, "url", r.URL.Path)
		time.Sleep(time.Duration(cfg.WorkMilliseconds) * time.Millisecond)
		fmt.Fprintln(w, cfg.Greeting)
	})
	// Longer than proxies and load balancers keep a connection: the server is not the one that closes it under a request.
	server := &http.Server{Handler: mux, IdleTimeout: 75 * time.Second, ReadHeaderTimeout: 10 * time.Second}

	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", cfg.Port))
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	isReady.Store(true)
	slog.Info("serving", "address", listener.Addr().String())

	select {
	case err := <-failed:
		return err
	case <-stopping.Done():
	}
	slog.Info("stopping: finishing what is under way")
	// Less than the grace period has left after the preStop hook: the end is ours, not SIGKILL's.
	deadline, cancel := context.WithTimeout(context.Background(), time.Duration(cfg.DrainSeconds)*time.Second)
	defer cancel()
	// Accepts nothing new, closes idle connections, and returns when the last answer is sent.
	if err := server.Shutdown(deadline); errors.Is(err, context.DeadlineExceeded) {
		return errors.New("requests are still under way, stopping all the same")
	} else if err != nil {
		return err
	}
	slog.Info("stopped")
	return nil
}

// The ConfigMap is mounted as a folder: one file for each key.
func readConfig() (config, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(valueOf("LOG_LEVEL", "info"))); err != nil {
		return config{}, err
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level})))
	text, err := os.ReadFile(valueOf("CONFIG_FILE", "/etc/app/config.json"))
	if err != nil {
		return config{}, err
	}
	var cfg config
	return cfg, json.Unmarshal(text, &cfg)
}

func valueOf(variable, fallback string) string {
	if value, isSet := os.LookupEnv(variable); isSet {
		return value
	}
	return fallback
}
