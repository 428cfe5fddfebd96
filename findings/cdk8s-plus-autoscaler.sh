#!/usr/bin/env bash
# A HorizontalPodAutoscaler of cdk8s-plus-33 2.5.57 (npm) gets other policies than its documentation says. "Double the number of pods per 60 seconds"
# is written as 200 percent, which adds twice the Pods: it triples them. "Scale down to minReplica count" is written as a policy of so many Pods
# in 5 minutes, but the value of a policy is how many Pods may go (pkg/controller/podautoscaler of Kubernetes 1.37): with the default minReplicas
# of 1 one Pod goes every 5 minutes, and a workload of 20 idle Pods is down after an hour and a half. Kubernetes itself has 100 percent for both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cdk8s@2.70.106 cdk8s-plus-33@2.5.57 constructs@10.4.2

cat > autoscaler.mjs <<'END'
import { Testing } from 'cdk8s';
import { Cpu, Deployment, HorizontalPodAutoscaler } from 'cdk8s-plus-33';

// The Pods that a policy allows when its period began with `pods`, as the controller computes them.
const up = ({ type, value }, pods) => (type === 'Pods' ? pods + value : Math.ceil(pods * (1 + value / 100)));
const down = ({ type, value }, pods) => (type === 'Pods' ? pods - value : Math.floor(pods * (1 - value / 100)));

for (const minReplicas of [1, 2]) {
  const chart = Testing.chart();
  const target = new Deployment(chart, 'web', { containers: [{ image: 'app', resources: { cpu: { request: Cpu.millis(100) } } }] });
  new HorizontalPodAutoscaler(chart, 'autoscaler', { target, minReplicas, maxReplicas: 100 });
  const { scaleUp, scaleDown } = Testing.synth(chart).find(({ kind }) => kind === 'HorizontalPodAutoscaler').spec.behavior;
  const policies = (rules) => rules.policies.map(({ type, value, periodSeconds }) => `${value} ${type} in ${periodSeconds} s`).join(', ');
  console.log(`minReplicas ${minReplicas}: up ${policies(scaleUp)}, 20 Pods become ${Math.max(...scaleUp.policies.map((policy) => up(policy, 20)))}`);
  console.log(`minReplicas ${minReplicas}: down ${policies(scaleDown)}, 20 Pods become ${Math.min(...scaleDown.policies.map((policy) => down(policy, 20)))}`);
}
END
seen=$(node autoscaler.mjs)
echo 'cdk8s-plus-33 2.5.57:'
echo "$seen"
expected='minReplicas 1: up 4 Pods in 60 s, 200 Percent in 60 s, 20 Pods become 60
minReplicas 1: down 1 Pods in 300 s, 20 Pods become 19
minReplicas 2: up 4 Pods in 60 s, 200 Percent in 60 s, 20 Pods become 60
minReplicas 2: down 2 Pods in 300 s, 20 Pods become 18'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
