#!/usr/bin/env bash
# container-info 1.1.0 (npm) reads the ids of the container and the Pod from /proc/self/cgroup. With the systemd cgroup driver, which kubeadm sets, the kubelet writes the UID of a Pod with `_` in
# place of `-`, and `podId` keeps it so: it is the UID of no Pod, and a lookup by it finds nothing. The kubelet gives a static Pod, such as the API server of kubeadm, a UID of 32 digits
# without a dash (a hash of its manifest), and its `podId` is undefined, with both drivers. The README shows a path of the systemd driver and
# says nothing of it. With the cgroupfs driver the UID is right; so is `containerId` in all cases.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts container-info@1.1.0

cat > ids.cjs <<'END'
const { parse } = require('container-info');

const container = '0123456789abcdef'.repeat(4);
const cgroupfs = (uid) => `/kubepods/burstable/pod${uid}/${container}`;
const systemd = (uid) => `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${container}.scope`;
for (const [pod, uid] of [['Pod', '90d81341-92de-41e7-8cf2-507b9d4141fa'], ['static Pod', '90d8134192de41e78cf2507b9d4141fa']]) {
  for (const [driver, path] of Object.entries({ cgroupfs: cgroupfs(uid), systemd: systemd(uid) })) {
    const { containerId, podId } = parse(`0::${path}\n`);
    console.log(`${driver}, ${pod} ${uid}: podId ${podId}; containerId is ${containerId === container ? 'right' : containerId}`);
  }
}
END
seen=$(node ids.cjs)
echo 'container-info 1.1.0:'
echo "$seen"
expected='cgroupfs, Pod 90d81341-92de-41e7-8cf2-507b9d4141fa: podId 90d81341-92de-41e7-8cf2-507b9d4141fa; containerId is right
systemd, Pod 90d81341-92de-41e7-8cf2-507b9d4141fa: podId 90d81341_92de_41e7_8cf2_507b9d4141fa; containerId is right
cgroupfs, static Pod 90d8134192de41e78cf2507b9d4141fa: podId undefined; containerId is right
systemd, static Pod 90d8134192de41e78cf2507b9d4141fa: podId undefined; containerId is right'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
