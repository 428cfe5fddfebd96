#!/usr/bin/env bash
# `stop(seconds)` of com.sun.net.httpserver.HttpServer, in OpenJDK 17 (Debian 12), "will block until all current exchange handlers have completed or else when
# approximately delay seconds have elapsed (whichever happens sooner)", by its documentation. When no request is under way, it sleeps for all of the delay. So a
# server whose shutdown hook calls stop(10) takes 10 s to end at SIGTERM, and the busy one 2 s: a rolling update is slow, and with a delay as long as
# terminationGracePeriodSeconds each quiet Pod ends with SIGKILL, and the steps after stop() are left out. (JDK-8304065.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > Server.java <<'END'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Server {
  public static void main(String[] arguments) throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
      try {
        Thread.sleep(exchange.getRequestURI().getPath().equals("/slow") ? 3000 : 0);
      } catch (InterruptedException exception) {
        throw new IllegalStateException(exception);
      }
      exchange.sendResponseHeaders(200, 2);
      exchange.getResponseBody().write("ok".getBytes());
      exchange.close();
    });
    server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.stop(15);
      System.out.println("stopped");
    }));
    server.start();
    System.out.println(server.getAddress().getPort());
  }
}
END
cat > stop.py <<'END'
import subprocess, threading, time, urllib.request

for under_way in [False, True]:
    process = subprocess.Popen(["java", "Server.java"], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    assert urllib.request.urlopen(f"{url}/now").read() == b"ok"
    got = []
    client = threading.Thread(target=lambda: got.append(urllib.request.urlopen(f"{url}/slow").read().decode()))
    if under_way:
        client.start()
        time.sleep(1)
    begin = time.monotonic()
    process.terminate()
    code = process.wait()
    seconds = time.monotonic() - begin
    if under_way:
        client.join()
    # The delay is 15 s, and the request under way needs 2 s more.
    print(f"{'a request' if under_way else 'no request'} under way: {got}, {process.stdout.read().strip()}, exit code {code}, {'the whole delay' if seconds > 14 else 'before the delay has passed'}")
END
version=$(java -version 2>&1 | sed -n 's/^openjdk version "\(17\)\..*/\1/p')
[ "$version" = 17 ] || { echo 'this needs OpenJDK 17' >&2; exit 2; }
seen=$(python3 stop.py)
echo "$(java -version 2>&1 | head -n 1), stop(15) in a shutdown hook, after SIGTERM:"
echo "$seen"
expected="no request under way: [], stopped, exit code 143, the whole delay
a request under way: ['ok'], stopped, exit code 143, before the delay has passed"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
