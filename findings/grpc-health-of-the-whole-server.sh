#!/usr/bin/env bash
# grpc-health-check 2.1.0 (npm) knows only the services that a program names. It answers NOT_FOUND where a client asks for the empty name, which
# stands for the server as a whole. A `grpc` probe without `service` asks for the empty name, so such a container fails its readiness and
# liveness probes although each of its services is SERVING. grpcio-health-checking 1.80.0 (PyPI) and google.golang.org/grpc/health 1.80.0 (Go) name the
# server themselves: the same program in Python or Go answers SERVING. With npm's package, add `'': 'SERVING'` to the statuses.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @grpc/grpc-js@1.14.7 @grpc/proto-loader@0.8.1 grpc-health-check@2.1.0
cat > health.cjs <<'END'
const grpc = require('@grpc/grpc-js');
const { HealthImplementation, service } = require('grpc-health-check');
const server = new grpc.Server();
new HealthImplementation({ 'shop.Orders': 'SERVING' }).addToServer(server);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), async (_error, port) => {
  const Client = grpc.makeGenericClientConstructor(service, 'Health');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  for (const name of ['shop.Orders', '']) {
    await new Promise((resolve) => {
      client.check({ service: name }, (error, answer) => {
        console.log(`npm "${name}": ${error ? grpc.status[error.code] : answer.status}`);
        resolve();
      });
    });
  }
  process.exit();
});
END

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check grpcio==1.80.0 grpcio-health-checking==1.80.0
cat > health.py <<'END'
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

server = grpc.server(ThreadPoolExecutor(2))
servicer = health.HealthServicer()
servicer.set('shop.Orders', health_pb2.HealthCheckResponse.SERVING)
health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
port = server.add_insecure_port('127.0.0.1:0')
server.start()
client = health_pb2_grpc.HealthStub(grpc.insecure_channel(f'127.0.0.1:{port}'))
for name in ['shop.Orders', '']:
    status = client.Check(health_pb2.HealthCheckRequest(service=name)).status
    print(f'PyPI "{name}": {health_pb2.HealthCheckResponse.ServingStatus.Name(status)}')
server.stop(None)
END

export GOFLAGS=-mod=mod GOPATH="$folder/go"
cat > go.mod <<'END'
module health

go 1.25

require google.golang.org/grpc v1.80.0
END
cat > health.go <<'END'
package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc/health"
	pb "google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
	server := health.NewServer()
	server.SetServingStatus("shop.Orders", pb.HealthCheckResponse_SERVING)
	for _, name := range []string{"shop.Orders", ""} {
		answer, err := server.Check(context.Background(), &pb.HealthCheckRequest{Service: name})
		fmt.Printf("Go %q: %v%v\n", name, answer.GetStatus(), map[bool]string{true: "", false: " error"}[err == nil])
	}
}
END
seen=$(
  node health.cjs
  python/bin/python health.py
  go run health.go 2>/dev/null
)
echo 'two health checks of one server, by the library that answers them:'
echo "$seen"
expected='npm "shop.Orders": SERVING
npm "": NOT_FOUND
PyPI "shop.Orders": SERVING
PyPI "": SERVING
Go "shop.Orders": SERVING
Go "": SERVING'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
