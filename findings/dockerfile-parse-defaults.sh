#!/usr/bin/env bash
# dockerfile-parse 2.0.1 (PyPI) reads and changes a Dockerfile. It does not know the default of a variable, `${BASE:-nginx}`, and `${X:+word}`, which Docker documents for ARG, ENV, FROM and LABEL: it puts the
# variable before the `:-` and keeps the rest, so the base image is `:-nginx}:1.27` and a label gets such a text. No error tells of it. Setting `baseimage` or `parent_images` takes
# `--platform` away from the FROM, so an update of the image builds for another architecture. Expected are the words of Docker's builder
# (github.com/moby/buildkit 0.34.2, Go). Variables without a default are right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile dockerfile-parse==2.0.1

cat > words <<'END'
${BASE}:1.27
${UNSET:-nginx}:1.27
${BASE:-nginx}:1.27
${BASE:+registry.example/}web
END
cat > main.go <<'END'
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		word, _, err := shell.NewLex('\\').ProcessWord(lines.Text(), shell.EnvsFromSlice([]string{"BASE=alpine"}))
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: buildkit %s\n", lines.Text(), word)
	}
}
END
cat > words.py <<'END'
import io
import sys
from dockerfile_parse import DockerfileParser

def parser(text):
    dockerfile = DockerfileParser(fileobj=io.BytesIO())
    dockerfile.content = text
    return dockerfile

if sys.argv[1] == 'words':
    for word in open('words').read().splitlines():
        base = parser(f'ARG BASE=alpine\nARG UNSET\nFROM {word}\n').baseimage
        label = parser(f'FROM scratch\nENV BASE=alpine\nLABEL base={word}\n').labels['base']
        print(f'dockerfile-parse: base image {base}, label {label}')
else:
    for instruction in ('FROM alpine:3.22 AS build', 'FROM --platform=linux/arm64 alpine:3.22 AS build'):
        one, all_of_them = parser(instruction + '\n'), parser(instruction + '\n')
        one.baseimage = 'alpine:3.23'
        all_of_them.parent_images = ['alpine:3.23']
        print(f'{instruction}: baseimage gives {one.content.strip()}; parent_images gives {all_of_them.content.strip()}')
END
go mod init finding >/dev/null 2>&1
go get github.com/moby/buildkit/frontend/dockerfile/shell@v0.34.2 >/dev/null 2>&1
seen=$(paste --delimiters=';' <(go run -mod=mod . <words) <(env/bin/python words.py words) | sed 's/;/; /'; env/bin/python words.py images)
echo 'dockerfile-parse 2.0.1 and buildkit 0.34.2, with BASE=alpine:'
echo "$seen"
expected='${BASE}:1.27: buildkit alpine:1.27; dockerfile-parse: base image alpine:1.27, label alpine:1.27
${UNSET:-nginx}:1.27: buildkit nginx:1.27; dockerfile-parse: base image :-nginx}:1.27, label :-nginx}:1.27
${BASE:-nginx}:1.27: buildkit alpine:1.27; dockerfile-parse: base image alpine:-nginx}:1.27, label alpine:-nginx}:1.27
${BASE:+registry.example/}web: buildkit registry.example/web; dockerfile-parse: base image alpine:+registry.example/}web, label alpine:+registry.example/}web
FROM alpine:3.22 AS build: baseimage gives FROM alpine:3.23 AS build; parent_images gives FROM alpine:3.23 AS build
FROM --platform=linux/arm64 alpine:3.22 AS build: baseimage gives FROM alpine:3.23 AS build; parent_images gives FROM alpine:3.23 AS build'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
