#!/usr/bin/env bash
# docker-parse-image 3.0.1 (npm) splits the name of an image into parts. An image with a digest, as a Pod that is pinned has it, gets the digest as its tag, and `name` and `fullname` put it
# behind a `:`, which names no image. A tag with a digest is one tag. `fullname` of an image at the root of another registry gets `library/`, which is of Docker Hub alone, so
# registry.k8s.io/pause:3.10 becomes another image. A name with three parts behind the registry is null, and `localhost/` is a namespace. The parser of
# the container runtimes (github.com/distribution/reference 0.6.0, Go) accepts all of them, and parse-docker-image-name 3.0.0 (npm) agrees with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts docker-parse-image@3.0.1 parse-docker-image-name@3.0.0

digest=sha256:$(printf '0%.0s' {1..64})
images=(nginx team/web:1.2 registry.example:5000/team/web:1.2 nginx@"$digest" nginx:1.27@"$digest" registry.k8s.io/pause:3.10 registry.example/team/shop/web:1.2 localhost/web:1.2)
cat > main.go <<'END'
package main

import (
	_ "crypto/sha256"
	"fmt"
	"os"

	"github.com/distribution/reference"
)

func main() {
	for _, image := range os.Args[1:] {
		named, err := reference.ParseNormalizedNamed(image)
		if err != nil {
			panic(err)
		}
		fmt.Println("distribution/reference:", reference.TagNameOnly(named))
	}
}
END
cat > parse.mjs <<'END'
import parse from 'docker-parse-image';
import other from 'parse-docker-image-name';

for (const image of process.argv.slice(2)) {
  const { registry, tag, fullname } = parse(image) ?? {};
  const { domain = null, path, tag: otherTag = null } = other(image);
  const parts = fullname ? `${fullname}, registry ${registry}, tag ${tag}` : 'null';
  console.log(`docker-parse-image: ${parts}; parse-docker-image-name: registry ${domain}, path ${path}, tag ${otherTag}`);
}
END
go mod init finding >/dev/null 2>&1
go get github.com/distribution/reference@v0.6.0 >/dev/null 2>&1
seen=$(paste --delimiters='\n' <(go run -mod=mod . "${images[@]}") <(node parse.mjs "${images[@]}") | sed 's/0\{64\}/00/g')
echo 'distribution/reference 0.6.0, docker-parse-image 3.0.1, parse-docker-image-name 3.0.0 (00 is for the 64 digits of a digest):'
echo "$seen"
expected='distribution/reference: docker.io/library/nginx:latest
docker-parse-image: library/nginx:latest, registry null, tag null; parse-docker-image-name: registry null, path nginx, tag null
distribution/reference: docker.io/team/web:1.2
docker-parse-image: team/web:1.2, registry null, tag 1.2; parse-docker-image-name: registry null, path team/web, tag 1.2
distribution/reference: registry.example:5000/team/web:1.2
docker-parse-image: registry.example:5000/team/web:1.2, registry registry.example:5000, tag 1.2; parse-docker-image-name: registry registry.example:5000, path team/web, tag 1.2
distribution/reference: docker.io/library/nginx@sha256:00
docker-parse-image: library/nginx:sha256:00, registry null, tag sha256:00; parse-docker-image-name: registry null, path nginx, tag null
distribution/reference: docker.io/library/nginx:1.27@sha256:00
docker-parse-image: library/nginx:1.27@sha256:00, registry null, tag 1.27@sha256:00; parse-docker-image-name: registry null, path nginx, tag 1.27
distribution/reference: registry.k8s.io/pause:3.10
docker-parse-image: registry.k8s.io/library/pause:3.10, registry registry.k8s.io, tag 3.10; parse-docker-image-name: registry registry.k8s.io, path pause, tag 3.10
distribution/reference: registry.example/team/shop/web:1.2
docker-parse-image: null; parse-docker-image-name: registry registry.example, path team/shop/web, tag 1.2
distribution/reference: localhost/web:1.2
docker-parse-image: localhost/web:1.2, registry null, tag 1.2; parse-docker-image-name: registry localhost, path web, tag 1.2'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
