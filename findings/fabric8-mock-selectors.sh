#!/usr/bin/env bash
# The mock server of io.fabric8:kubernetes-server-mock 8.0.0 (Maven) in CRUD mode, against which operators are tested, leaves out each requirement of a label selector that has `in`,
# `notin` or a space before it, and so selects more objects than Kubernetes: `withLabelIn("track", "canary").delete()` deletes all Pods, and a test of a selector passes whatever its
# values are. A field selector that it does not know, such as status.phase, selects nothing. No error tells of either (its issues 4113 and 3819). `=`, `!=` and
# metadata.name are right. Expected are the answers of an API server.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.fabric8</groupId><artifactId>kubernetes-client</artifactId><version>8.0.0</version></dependency>
    <dependency><groupId>io.fabric8</groupId><artifactId>kubernetes-server-mock</artifactId><version>8.0.0</version></dependency>
  </dependencies>
</project>
END
cat > Selectors.java <<'END'
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.util.HashMap;

public class Selectors {
  public static void main(String[] arguments) {
    var server = new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    server.init();
    var client = server.createClient().inNamespace("default");
    for (var track : new String[] {"canary", "stable", "test"}) {
      client.resource(new PodBuilder().withNewMetadata().withName(track).addToLabels("app", "web").addToLabels("track", track).endMetadata()
        .withNewSpec().addNewContainer().withName("app").withImage("app").endContainer().endSpec()
        .withNewStatus().withPhase("Running").endStatus().build()).create();
    }
    var selectors = new String[][] {
      {"track=canary", "canary"}, {"track!=canary", "stable test"}, {"app=web,track=canary", "canary"},
      {"app=web, track=canary", "canary"}, {"track in (canary)", "canary"}, {"track notin (canary,test)", "stable"},
    };
    for (var selector : selectors) {
      System.out.println(selector[0] + ": " + names(client.pods().withLabelSelector(selector[0]).list()) + " (expected " + selector[1] + ")");
    }
    System.out.println("field metadata.name=test: " + names(client.pods().withField("metadata.name", "test").list()) + " (expected test)");
    System.out.println("field status.phase=Running: " + names(client.pods().withField("status.phase", "Running").list()) + " (expected canary stable test)");
    client.pods().withLabelIn("track", "canary").delete();
    System.out.println("after withLabelIn(track, canary).delete(): " + names(client.pods().list()) + " (expected stable test)");
    System.exit(0);
  }

  static String names(PodList pods) {
    var names = pods.getItems().stream().map(pod -> pod.getMetadata().getName()).sorted().toList();
    return names.isEmpty() ? "none" : String.join(" ", names);
  }
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
seen=$(java -cp 'lib/*' Selectors.java 2>/dev/null)
echo 'kubernetes-server-mock 8.0.0, the Pods that are selected:'
echo "$seen"
expected='track=canary: canary (expected canary)
track!=canary: stable test (expected stable test)
app=web,track=canary: canary (expected canary)
app=web, track=canary: canary stable test (expected canary)
track in (canary): canary stable test (expected canary)
track notin (canary,test): canary stable test (expected stable)
field metadata.name=test: test (expected test)
field status.phase=Running: none (expected canary stable test)
after withLabelIn(track, canary).delete(): none (expected stable test)'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
