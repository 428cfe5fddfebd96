#!/usr/bin/env bash
# `isReady` and `waitUntilReady` of io.fabric8:kubernetes-client 8.0.0 (Maven) look neither at status.observedGeneration nor at updatedReplicas. A Deployment or StatefulSet
# that has just been changed is ready by the Pods of the version before, and a StatefulSet whose rollout stands at a partition or in its middle too. With
# `replicas: 0` both are ready while all their Pods still run. `kubectl rollout status` waits in each of these cases.
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
cat > Ready.java <<'END'
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;

public class Ready {
  public static void main(String[] arguments) {
    var readiness = Readiness.getInstance();
    // Replicas wanted, generation, generation seen by the controller, Pods, Pods of the new version.
    for (var row : new int[][] {{3, 1, 1, 3, 3}, {3, 2, 1, 3, 3}, {3, 2, 2, 3, 1}, {0, 2, 2, 3, 3}}) {
      var deployment = new DeploymentBuilder().withNewMetadata().withGeneration((long) row[1]).endMetadata().withNewSpec().withReplicas(row[0]).endSpec()
          .withNewStatus().withObservedGeneration((long) row[2]).withReplicas(row[3]).withReadyReplicas(row[3]).withAvailableReplicas(row[3])
          .withUpdatedReplicas(row[4]).endStatus().build();
      var set = new StatefulSetBuilder().withNewMetadata().withGeneration((long) row[1]).endMetadata().withNewSpec().withReplicas(row[0]).endSpec()
          .withNewStatus().withObservedGeneration((long) row[2]).withReplicas(row[3]).withReadyReplicas(row[3]).withAvailableReplicas(row[3])
          .withUpdatedReplicas(row[4]).withCurrentRevision("web-1").withUpdateRevision("web-2").endStatus().build();
      System.out.printf("replicas %d, generation %d, observed %d, %d Pods, %d updated: Deployment %b, StatefulSet %b%n", row[0], row[1], row[2], row[3], row[4],
          readiness.isReady(deployment), readiness.isReady(set));
    }
  }
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
seen=$(java -cp 'lib/*' Ready.java 2>/dev/null)
echo 'io.fabric8:kubernetes-client 8.0.0, is it ready:'
echo "$seen"
expected='replicas 3, generation 1, observed 1, 3 Pods, 3 updated: Deployment true, StatefulSet true
replicas 3, generation 2, observed 1, 3 Pods, 3 updated: Deployment true, StatefulSet true
replicas 3, generation 2, observed 2, 3 Pods, 1 updated: Deployment true, StatefulSet true
replicas 0, generation 2, observed 2, 3 Pods, 3 updated: Deployment true, StatefulSet true'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
