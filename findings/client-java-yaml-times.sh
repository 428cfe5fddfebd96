#!/usr/bin/env bash
# Yaml.dump of io.kubernetes:client-java 27.0.0 (Maven) writes a time of a full minute without its seconds, `2026-11-29T10:00Z`, which is not RFC 3339, and
# Kubernetes refuses the object (k8s.io/apimachinery 0.37.2, Go): "cannot parse". So of objects that are read from a cluster and written to a file one of sixty
# cannot be applied again, as its creationTimestamp was. Of a MicroTime, such as the renewTime of a Lease, it leaves out digits that are 0, and
# Kubernetes wants six of them. JSON of the same library has all seconds and digits.
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
cat > Times.java <<'END'
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.*;
import io.kubernetes.client.util.Yaml;
import java.time.OffsetDateTime;

public class Times {
  public static void main(String[] arguments) throws Exception {
    for (var text : new String[] {"2026-11-29T10:00:07.123456Z", "2026-11-29T10:00:07.000000Z", "2026-11-29T10:00:00.000000Z"}) {
      var time = OffsetDateTime.parse(text);
      var lease = new V1Lease().metadata(new V1ObjectMeta().creationTimestamp(time.withNano(0))).spec(new V1LeaseSpec().renewTime(time));
      for (var line : Yaml.dump(lease).split("\n")) {
        if (line.contains("Time")) System.out.println("YAML " + line.strip().replace("'", ""));
      }
      for (var part : JSON.serialize(lease).replaceAll("[{}\"]", "").split(",")) {
        if (part.contains("Time")) System.out.println("JSON " + part.replaceAll(".*(creationTimestamp|renewTime):", "$1: "));
      }
    }
    System.exit(0);
  }
}
END
cat > main.go <<'END'
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		field, time, _ := strings.Cut(lines.Text(), ": ")
		var err error
		if strings.HasSuffix(field, "renewTime") {
			err = new(metav1.MicroTime).UnmarshalJSON([]byte(`"` + time + `"`))
		} else {
			err = new(metav1.Time).UnmarshalJSON([]byte(`"` + time + `"`))
		}
		fmt.Printf("%s, taken: %t\n", lines.Text(), err == nil)
	}
}
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
java -cp 'lib/*' Times.java 2>/dev/null >times
seen=$(go run -mod=mod . <times 2>/dev/null)
echo 'client-java 27.0.0, and whether k8s.io/apimachinery 0.37.2 takes it:'
echo "$seen"
expected='YAML creationTimestamp: 2026-11-29T10:00:07Z, taken: true
YAML renewTime: 2026-11-29T10:00:07.123456Z, taken: true
JSON creationTimestamp: 2026-11-29T10:00:07.000000Z, taken: true
JSON renewTime: 2026-11-29T10:00:07.123456Z, taken: true
YAML creationTimestamp: 2026-11-29T10:00:07Z, taken: true
YAML renewTime: 2026-11-29T10:00:07Z, taken: false
JSON creationTimestamp: 2026-11-29T10:00:07.000000Z, taken: true
JSON renewTime: 2026-11-29T10:00:07.000000Z, taken: true
YAML creationTimestamp: 2026-11-29T10:00Z, taken: false
YAML renewTime: 2026-11-29T10:00Z, taken: false
JSON creationTimestamp: 2026-11-29T10:00:00.000000Z, taken: true
JSON renewTime: 2026-11-29T10:00:00.000000Z, taken: true'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
