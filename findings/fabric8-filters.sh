#!/usr/bin/env bash
# A filter of io.fabric8:kubernetes-client 8.0.0 (Maven) "applies in an additive way to the previous filter state", by the documentation of Filterable. After
# withLabelSelector with a text, it does not: withLabel and withoutLabel add nothing, in either order, and no error tells of it. So
# `pods().withLabelSelector("app=web").withLabel("track", "canary").delete()` deletes all Pods of web. A second withLabelNotIn or withLabelIn of one label
# takes the place of the first. withLabelSelector with an object, withLabel and a second withoutLabel add up.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.fabric8</groupId><artifactId>kubernetes-client</artifactId><version>8.0.0</version></dependency>
  </dependencies>
</project>
END
cat > Filters.java <<'END'
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

public class Filters {
  static String asked;

  public static void main(String[] arguments) throws Exception {
    // An API server without Pods.
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
      asked = URLDecoder.decode(String.valueOf(exchange.getRequestURI().getRawQuery()), StandardCharsets.UTF_8);
      var body = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[]}".getBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    var config = new ConfigBuilder().withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort()).withNamespace("default").build();
    var pods = new KubernetesClientBuilder().withConfig(config).build().pods();
    var web = new LabelSelectorBuilder().addToMatchLabels("app", "web").build();
    pods.withLabel("app", "web").withLabel("track", "canary").list();
    System.out.println("withLabel, withLabel: " + asked);
    pods.withLabelSelector(web).withLabel("track", "canary").list();
    System.out.println("withLabelSelector of an object, withLabel: " + asked);
    pods.withLabelSelector("app=web").withLabel("track", "canary").list();
    System.out.println("withLabelSelector of a text, withLabel: " + asked);
    pods.withLabel("track", "canary").withLabelSelector("app=web").list();
    System.out.println("withLabel, withLabelSelector of a text: " + asked);
    pods.withLabelSelector("app=web").withLabelSelector("track=canary").list();
    System.out.println("withLabelSelector of a text, twice: " + asked);
    pods.withLabelSelector("app=web").withoutLabel("track", "stable").list();
    System.out.println("withLabelSelector of a text, withoutLabel: " + asked);
    pods.withoutLabel("track", "stable").withoutLabel("track", "test").list();
    System.out.println("withoutLabel, twice: " + asked);
    pods.withLabelNotIn("track", "stable").withLabelNotIn("track", "test").list();
    System.out.println("withLabelNotIn, twice: " + asked);
    pods.withLabelIn("track", "a", "b").withLabelIn("track", "b", "c").list();
    System.out.println("withLabelIn, twice: " + asked);
    System.exit(0);
  }
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
seen=$(java -cp 'lib/*' Filters.java 2>/dev/null)
echo 'kubernetes-client 8.0.0, the Pods that are asked for:'
echo "$seen"
expected=$(cat <<'END'
withLabel, withLabel: labelSelector=app=web,track=canary
withLabelSelector of an object, withLabel: labelSelector=app=web,track=canary
withLabelSelector of a text, withLabel: labelSelector=app=web
withLabel, withLabelSelector of a text: labelSelector=app=web
withLabelSelector of a text, twice: labelSelector=track=canary
withLabelSelector of a text, withoutLabel: labelSelector=app=web
withoutLabel, twice: labelSelector=track!=stable,track!=test
withLabelNotIn, twice: labelSelector=track notin (test)
withLabelIn, twice: labelSelector=track in (b,c)
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
