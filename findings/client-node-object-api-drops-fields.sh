#!/usr/bin/env bash
# KubernetesObjectApi of @kubernetes/client-node 2.0.1 (npm), made for objects that a program has from YAML, sends only the fields that its models know. A
# misspelled `readinesProbe` is left out without a word, so the Pod has no readiness probe and counts as ready at once, and the API server has nothing to warn
# of. A field of a newer Kubernetes is lost too: `protocol` of a probe, `evictionResponders` (1.37). It is the same for create, replace and patch, and for
# loadYaml. A custom resource goes through as it is, and kr8s 0.20.15 (PyPI) sends all fields. Issue 2962 describes it for a CustomResourceDefinition.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kr8s==0.20.15

cat > pod.json <<'END'
{
  "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web", "namespace": "default" },
  "spec": {
    "evictionResponders": [{ "name": "example.com/drain" }],
    "containers": [{ "name": "app", "image": "app", "readinesProbe": { "tcpSocket": { "port": 80 } }, "livenessProbe": { "httpGet": { "port": 80, "protocol": "HTTP2" } } }]
  }
}
END
cat > send.mjs <<'END'
import { KubeConfig, KubernetesObjectApi, loadYaml } from '@kubernetes/client-node';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

// An API server that answers with what it gets.
let sent;
const server = createServer(async (request, response) => {
  sent = '';
  for await (const part of request) sent += part;
  const resource = (name, kind) => ({ name, kind, namespaced: true, verbs: [] });
  response.setHeader('Content-Type', 'application/json');
  response.end(sent || JSON.stringify({ kind: 'APIResourceList', resources: [resource('pods', 'Pod'), resource('things', 'Thing')] }));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const config = new KubeConfig();
config.loadFromClusterAndUser({ name: 'test', server: `http://127.0.0.1:${server.address().port}`, skipTLSVerify: true }, { name: 'test' });
const api = KubernetesObjectApi.makeApiClient(config);
const pod = JSON.parse(readFileSync('pod.json', 'utf8'));
for (const call of ['create', 'replace', 'patch']) {
  await api[call](pod);
  console.log(`${call}: ${JSON.stringify(JSON.parse(sent).spec)}`);
}
console.log(`loadYaml: ${JSON.stringify(loadYaml(readFileSync('pod.json', 'utf8')).spec)}`);
await api.create({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: pod.metadata, spec: { readinesProbe: 1 } });
console.log(`create a custom resource: ${JSON.stringify(JSON.parse(sent).spec)}`);
server.close();
END
cat > send.py <<'END'
import json
from kr8s.asyncio.objects import Pod
print("kr8s:", json.dumps(Pod(json.load(open("pod.json")), api=object()).raw["spec"], separators=(",", ":")))
END
seen=$(node send.mjs; env/bin/python -W ignore send.py)
echo '@kubernetes/client-node 2.0.1 and kr8s 0.20.15, the spec that is sent:'
echo "$seen"
expected=$(cat <<'END'
create: {"containers":[{"image":"app","livenessProbe":{"httpGet":{"port":80}},"name":"app"}]}
replace: {"containers":[{"image":"app","livenessProbe":{"httpGet":{"port":80}},"name":"app"}]}
patch: {"containers":[{"image":"app","livenessProbe":{"httpGet":{"port":80}},"name":"app"}]}
loadYaml: {"containers":[{"image":"app","livenessProbe":{"httpGet":{"port":80}},"name":"app"}]}
create a custom resource: {"readinesProbe":1}
kr8s: {"evictionResponders":[{"name":"example.com/drain"}],"containers":[{"name":"app","image":"app","readinesProbe":{"tcpSocket":{"port":80}},"livenessProbe":{"httpGet":{"port":80,"protocol":"HTTP2"}}}]}
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
