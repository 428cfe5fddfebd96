#!/usr/bin/env bash
# Yaml.dump of io.kubernetes:client-java 27.0.0 (Maven) writes the strings `y` and `N` without quotes: SnakeYAML 2.6 takes `yes` and `no` for booleans, not the
# letters, which are booleans of YAML 1.1 too. sigs.k8s.io/yaml 1.6.0 (Go), with which kubectl and Helm read, takes them for booleans, so a Pod with a
# variable `y` or a label `n` that is written to a file is refused. `0o14`, `0B1` and `0XAB` become numbers. Yaml.load reads its own file right.
# kubernetes-client 8.0.0 of fabric8 (Maven) writes all of them so that they stay strings.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.kubernetes</groupId><artifactId>client-java</artifactId><version>27.0.0</version></dependency>
    <dependency><groupId>io.fabric8</groupId><artifactId>kubernetes-client</artifactId><version>8.0.0</version></dependency>
  </dependencies>
</project>
END
cat > Write.java <<'END'
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.util.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

public class Write {
  public static void main(String[] texts) throws Exception {
    var data = new TreeMap<String, String>();
    for (var text : texts) data.put("for " + text, text);
    var written = Yaml.dump(new V1ConfigMap().apiVersion("v1").kind("ConfigMap").data(data));
    if (!((V1ConfigMap) Yaml.load(written)).getData().equals(data)) throw new IllegalStateException("Yaml.load reads another map");
    Files.writeString(Path.of("client-java"), written);
    Files.writeString(Path.of("fabric8"), Serialization.asYaml(new ConfigMapBuilder().withData(data).build()));
    System.exit(0);
  }
}
END
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, name := range []string{"client-java", "fabric8"} {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var read struct{ Data map[string]any }
		if err := yaml.Unmarshal(text, &read); err != nil {
			panic(err)
		}
		for _, want := range os.Args[1:] {
			fmt.Printf("%s, %s: %v (%T)\n", name, want, read.Data["for "+want], read.Data["for "+want])
		}
	}
}
END
texts=(y N yes on 0o14 0XAB 0400 1e3)
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
java -cp 'lib/*' Write.java "${texts[@]}" >/dev/null 2>&1
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(go run -mod=mod . "${texts[@]}")
echo 'client-java 27.0.0 and kubernetes-client 8.0.0, as sigs.k8s.io/yaml 1.6.0 reads what they write:'
echo "$seen"
expected='client-java, y: true (bool)
client-java, N: false (bool)
client-java, yes: yes (string)
client-java, on: on (string)
client-java, 0o14: 12 (float64)
client-java, 0XAB: 171 (float64)
client-java, 0400: 0400 (string)
client-java, 1e3: 1e3 (string)
fabric8, y: y (string)
fabric8, N: N (string)
fabric8, yes: yes (string)
fabric8, on: on (string)
fabric8, 0o14: 0o14 (string)
fabric8, 0XAB: 0XAB (string)
fabric8, 0400: 0400 (string)
fabric8, 1e3: 1e3 (string)'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
