#!/usr/bin/env bash
# yamlfix 1.19.1 (PyPI), a formatter of YAML "that keeps your comments", takes the lines of a block scalar for YAML of its own. In the ConfigMap below it writes
# a space into `#include`, `#menu` and `#fff`, so the style sheet has another color and no rule for the menu, and it makes `false` of `no` and `true` of `on` in the
# configuration of an application. In a flow list it takes the quotes off `"yes"`, and Kubernetes reads a boolean where an argument must be a string. It
# prints no warning, and exits with 0. prettier 3.10.1 (npm) formats the same file, and Kubernetes reads the same objects from it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile yamlfix==1.19.1 PyYAML==6.0.4
npm install --silent --no-audit --no-fund prettier@3.10.1 >/dev/null 2>&1
cat > web.yaml <<'END'
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  style.css: |
    #menu { color: #fff }
  main.h: |
    #include <stdio.h>
  app.conf: |
    answer: no
    retry: on
  level: info
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: web:1
      args: ["yes", "--verbose"]
END
# Kubernetes reads `yes` and `no` as booleans, as PyYAML does.
cat > show.py <<'PY'
import sys, yaml

config_map, pod = yaml.safe_load_all(open(sys.argv[1]))
for key in ("style.css", "main.h", "app.conf"):
    print(f"{key}: {config_map['data'][key]!r}")
print("args:", pod["spec"]["containers"][0]["args"])
PY
cp web.yaml yamlfix.yaml
cp web.yaml prettier.yaml
env/bin/yamlfix yamlfix.yaml >/dev/null 2>&1
node_modules/.bin/prettier --write prettier.yaml >/dev/null
seen=$(
  for file in web prettier yamlfix; do
    echo "$file:"
    env/bin/python show.py "$file.yaml"
  done
)
echo 'The file, and the same formatted by prettier 3.10.1 and by yamlfix 1.19.1:'
echo "$seen"
expected="web:
style.css: '#menu { color: #fff }\n'
main.h: '#include <stdio.h>\n'
app.conf: 'answer: no\nretry: on\n'
args: ['yes', '--verbose']
prettier:
style.css: '#menu { color: #fff }\n'
main.h: '#include <stdio.h>\n'
app.conf: 'answer: no\nretry: on\n'
args: ['yes', '--verbose']
yamlfix:
style.css: '#menu { color:  # fff }\n'
main.h: '# include <stdio.h>\n'
app.conf: 'answer: false\nretry: true\n'
args: [True, '--verbose']"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
