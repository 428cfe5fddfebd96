#!/usr/bin/env bash
# cel-python 0.5.0 (PyPI), "pure Python implementation" of the Common Expression Language, and cel-js 0.8.2 (npm), an evaluator of it, give other answers than
# the language and cel-go 0.26.1 (Go), with which Kubernetes evaluates a ValidatingAdmissionPolicy. In cel-python `string(true)` is "True", so a comparison
# with "true" is false, and `string` of a duration loses its fraction. In cel-js a division of whole numbers has a fraction, and whole numbers beyond 53 bits are
# equal that are not. So a test of a policy with them says another thing than the cluster. @bufbuild/cel 0.6.1 (npm) agrees with cel-go, but for `1.500s`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cel-js@0.8.2 @bufbuild/cel@0.6.1 @bufbuild/protobuf@2.17.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile cel-python==0.5.0

cat > expressions <<'END'
2 * 3 + 1 == 7
string(5) == "5"
string(true) == "true"
string(duration("1.5s")) == "1.5s"
string(duration("90s")) == "90s"
5 / 2 == 2
7 / 2 * 2 == 6
9007199254740993 == 9007199254740992
END
cat > main.go <<'END'
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/google/cel-go/cel"
)

func main() {
	env, err := cel.NewEnv()
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		ast, issues := env.Compile(lines.Text())
		if issues.Err() != nil {
			panic(issues.Err())
		}
		program, err := env.Program(ast)
		if err != nil {
			panic(err)
		}
		value, _, err := program.Eval(map[string]any{})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: cel-go %v\n", lines.Text(), value.Value())
	}
}
END
cat > answers.py <<'END'
import sys
import celpy
for line in sys.stdin:
    environment = celpy.Environment()
    print("cel-python", str(bool(environment.program(environment.compile(line)).evaluate({}))).lower())
END
cat > answers.mjs <<'END'
import { readFileSync } from 'node:fs';
import { celEnv, parse, plan } from '@bufbuild/cel';
import { evaluate } from 'cel-js';
const environment = celEnv();
const attempt = (answer) => {
  try {
    return answer();
  } catch {
    return 'has no such function';
  }
};
for (const line of readFileSync('expressions', 'utf8').trim().split('\n')) {
  console.log(`@bufbuild/cel ${plan(environment, parse(line))({})}, cel-js ${attempt(() => evaluate(line))}`);
}
END
go mod init finding >/dev/null 2>&1
go get github.com/google/cel-go@v0.26.1 >/dev/null 2>&1
seen=$(paste --delimiters=, <(go run -mod=mod . <expressions) <(node answers.mjs) <(env/bin/python answers.py <expressions) | sed 's/,\([@c]\)/, \1/g')
echo 'Answers of cel-go 0.26.1, @bufbuild/cel 0.6.1, cel-js 0.8.2, cel-python 0.5.0:'
echo "$seen"
expected='2 * 3 + 1 == 7: cel-go true, @bufbuild/cel true, cel-js true, cel-python true
string(5) == "5": cel-go true, @bufbuild/cel true, cel-js has no such function, cel-python true
string(true) == "true": cel-go true, @bufbuild/cel true, cel-js has no such function, cel-python false
string(duration("1.5s")) == "1.5s": cel-go true, @bufbuild/cel false, cel-js has no such function, cel-python false
string(duration("90s")) == "90s": cel-go true, @bufbuild/cel true, cel-js has no such function, cel-python true
5 / 2 == 2: cel-go true, @bufbuild/cel true, cel-js false, cel-python true
7 / 2 * 2 == 6: cel-go true, @bufbuild/cel true, cel-js false, cel-python true
9007199254740993 == 9007199254740992: cel-go false, @bufbuild/cel false, cel-js true, cel-python false'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
