#!/usr/bin/env bash
# The models of io.kubernetes:client-java 27.0.0 (Maven) begin with empty maps and lists, and write them: each Pod that is built with them, or read
# and sent again, has `overhead: {}`. The admission plugin RuntimeClass of Kubernetes 1.37 (plugin/pkg/admission/runtimeclass, on by default)
# refuses a Pod whose overhead is there, empty or not, unless its RuntimeClass has one: "Pod Overhead set without corresponding RuntimeClass
# defined Overhead". In a Deployment it passes, and then no Pod of it can be made. Issue 3076 of kubernetes-client/java describes it.
# `overhead(null)` leaves the field out. Kubernetes' own types (k8s.io/api 0.37.2) never write it, but tell an empty overhead from none when they read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.kubernetes</groupId><artifactId>client-java</artifactId><version>27.0.0</version></dependency>
  </dependencies>
</project>
END
cat > Pods.java <<'END'
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.*;

public class Pods {
  public static void main(String[] arguments) {
    new JSON();
    var container = new V1Container().name("app").image("app");
    System.out.println("built " + JSON.serialize(new V1PodSpec().addContainersItem(container)));
    System.out.println("built-with-null " + JSON.serialize(new V1PodSpec().addContainersItem(container).overhead(null)));
    System.out.println("read " + JSON.serialize(JSON.deserialize("{\"containers\":[{\"name\":\"app\",\"image\":\"app\"}]}", V1PodSpec.class)));
  }
}
END
cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

func main() {
	text, _ := os.ReadFile("pods")
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, written, _ := strings.Cut(line, " ")
		var spec corev1.PodSpec
		if err := json.Unmarshal([]byte(written), &spec); err != nil {
			panic(err)
		}
		answer := "taken"
		if spec.Overhead != nil { // as validateOverhead of the plugin asks
			answer = "refused"
		}
		again, _ := json.Marshal(spec)
		fmt.Printf("%s: overhead {} written by Java: %t, %s by Kubernetes, written by Go: %t\n", name, strings.Contains(written, `"overhead":{}`), answer, strings.Contains(string(again), "overhead"))
	}
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
java -cp 'lib/*' Pods.java > pods 2>/dev/null
go mod init finding >/dev/null 2>&1
go get k8s.io/api@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'client-java 27.0.0, k8s.io/api 0.37.2:'
echo "$seen"
expected='built: overhead {} written by Java: true, refused by Kubernetes, written by Go: false
built-with-null: overhead {} written by Java: false, taken by Kubernetes, written by Go: false
read: overhead {} written by Java: true, refused by Kubernetes, written by Go: false'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
