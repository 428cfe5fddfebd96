#!/usr/bin/env bash
# `Kubectl.taint()` of io.kubernetes:client-java-extended 25.0.0 (Maven) keeps the taints to add and to remove in maps by key (KubectlTaint.java), but a taint is a key and an effect. Of
# two effects of one key it adds only the last one: a node under maintenance that is to get NoSchedule and NoExecute gets NoExecute alone. Of two to remove, one stays. No error
# tells of it. Two keys, or two calls, are right; `kubectl taint nodes a down:NoSchedule down:NoExecute` (kubectl 1.37) sets both. The script plays the API server.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.kubernetes</groupId><artifactId>client-java-extended</artifactId><version>25.0.0</version></dependency>
  </dependencies>
</project>
END
cat > Taint.java <<'END'
import com.sun.net.httpserver.HttpServer;
import io.kubernetes.client.extended.kubectl.Kubectl;
import io.kubernetes.client.extended.kubectl.KubectlTaint;
import io.kubernetes.client.openapi.ApiClient;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

public class Taint {
  static String node;
  static ApiClient api;

  public static void main(String[] arguments) throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/api/v1/nodes/a", exchange -> {
      if (exchange.getRequestMethod().equals("PUT")) node = new String(exchange.getRequestBody().readAllBytes());
      var answer = node.getBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
    server.start();
    api = new ApiClient().setBasePath("http://127.0.0.1:" + server.getAddress().getPort());
    taint("add down:NoSchedule gpu:NoExecute", "", taint -> taint.addTaint("down", "NoSchedule").addTaint("gpu", "NoExecute"));
    taint("add down:NoSchedule down:NoExecute", "", taint -> taint.addTaint("down", "NoSchedule").addTaint("down", "NoExecute"));
    taint("remove down:NoSchedule gpu:NoExecute", "down:NoSchedule gpu:NoExecute", taint -> taint.removeTaint("down", "NoSchedule").removeTaint("gpu", "NoExecute"));
    taint("remove down:NoSchedule down:NoExecute", "down:NoSchedule down:NoExecute", taint -> taint.removeTaint("down", "NoSchedule").removeTaint("down", "NoExecute"));
    System.exit(0);
  }

  static void taint(String what, String before, UnaryOperator<KubectlTaint> change) throws Exception {
    var taints = Stream.of(before.split(" ")).filter(text -> !text.isEmpty())
      .map(text -> "{\"key\":\"" + text.split(":")[0] + "\",\"effect\":\"" + text.split(":")[1] + "\"}").collect(Collectors.joining(","));
    node = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"taints\":[" + taints + "]}}";
    var after = change.apply(Kubectl.taint().apiClient(api).skipDiscovery().name("a")).execute().getSpec().getTaints();
    System.out.println(what + ": " + (after == null || after.isEmpty() ? "none" : after.stream().map(taint -> taint.getKey() + ":" + taint.getEffect()).sorted().collect(Collectors.joining(" "))));
  }
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
seen=$(java -cp 'lib/*' Taint.java 2>/dev/null)
echo 'client-java-extended 25.0.0, the taints of the node after:'
echo "$seen"
expected='add down:NoSchedule gpu:NoExecute: down:NoSchedule gpu:NoExecute
add down:NoSchedule down:NoExecute: down:NoExecute
remove down:NoSchedule gpu:NoExecute: none
remove down:NoSchedule down:NoExecute: down:NoSchedule'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
