#!/usr/bin/env bash
# Kubectl.drain() of io.kubernetes:client-java-extended 25.0.0 (Maven) empties a node in another way than `kubectl drain` (kubectl 1.37, pkg/drain).
# It deletes the Pods in place of evicting them, so no PodDisruptionBudget is asked. It sends a grace period with each of them, 30 seconds unless told,
# so a Pod that asks for 300 seconds to end its work is killed after 30; kubectl leaves each Pod its own unless told. And it asks for static Pods to
# be deleted, which kubectl leaves out. The Pods of DaemonSets are left alone by both.
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
cat > Drain.java <<'END'
import com.sun.net.httpserver.HttpServer;
import io.kubernetes.client.extended.kubectl.Kubectl;
import io.kubernetes.client.openapi.ApiClient;
import java.net.InetSocketAddress;
import java.util.*;

public class Drain {
  static String pod(String name, String owner) {
    return "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"default\",\"uid\":\"" + name + "\",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"" + owner
      + "\",\"name\":\"owner\",\"uid\":\"owner\",\"controller\":true}]" + (owner.equals("Node") ? ",\"annotations\":{\"kubernetes.io/config.mirror\":\"a\"}" : "")
      + "},\"spec\":{\"nodeName\":\"a\",\"terminationGracePeriodSeconds\":300,\"containers\":[{\"name\":\"app\",\"image\":\"app\"}]},\"status\":{\"phase\":\"Running\"}}";
  }

  public static void main(String[] arguments) throws Exception {
    // A node with three Pods, as an API server answers.
    var pods = new TreeMap<>(Map.of("web", pod("web", "ReplicaSet"), "agent", pod("agent", "DaemonSet"), "static", pod("static", "Node")));
    var node = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"}}";
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
      var uri = exchange.getRequestURI();
      var path = uri.getPath();
      var name = path.substring(path.lastIndexOf('/') + 1);
      var method = exchange.getRequestMethod();
      String body = null;
      if (path.equals("/api")) body = "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\"serverAddressByClientCIDRs\":[]}";
      else if (path.equals("/apis")) body = "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[]}";
      else if (path.equals("/api/v1")) body = "{\"kind\":\"APIResourceList\",\"groupVersion\":\"v1\",\"resources\":[{\"name\":\"nodes\",\"singularName\":\"node\",\"namespaced\":false,\"kind\":\"Node\",\"verbs\":[\"get\",\"list\",\"patch\"]}]}";
      else if (path.equals("/api/v1/nodes")) body = "{\"apiVersion\":\"v1\",\"kind\":\"NodeList\",\"metadata\":{},\"items\":[" + node + "]}";
      else if (path.equals("/api/v1/nodes/a")) body = node;
      else if (path.equals("/api/v1/pods")) body = "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"metadata\":{},\"items\":[" + String.join(",", pods.values()) + "]}";
      else if (method.equals("DELETE") || path.endsWith("/eviction")) {
        var seconds = (uri.getQuery() + new String(exchange.getRequestBody().readAllBytes())).replaceAll(".*gracePeriodSeconds\"?[=:](\\d+).*", "$1");
        System.out.println(method + " " + path.replace("/api/v1/namespaces/default/", "") + ", grace period " + (seconds.matches("\\d+") ? seconds : "of the Pod"));
        name = path.replace("/eviction", "").replaceAll(".*/", "");
        body = pods.remove(name);
      } else body = pods.get(name);
      var answer = (body == null ? "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}" : body).getBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(body == null ? 404 : 200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
    server.start();
    var drain = Kubectl.drain().ignoreDaemonSets();
    drain.apiClient(new ApiClient().setBasePath("http://127.0.0.1:" + server.getAddress().getPort()));
    drain.name("a");
    drain.execute();
    System.exit(0);
  }
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
seen=$(java -cp 'lib/*' Drain.java 2>/dev/null)
echo 'client-java-extended 25.0.0, a node with the Pods web (300 s), agent (of a DaemonSet) and static:'
echo "$seen"
expected='DELETE pods/static, grace period 30
DELETE pods/web, grace period 30'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
