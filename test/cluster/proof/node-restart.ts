/** A restart of the node that ../shared/kube runs on this machine: every container and the kubelet die, then it comes up. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { eventually, run } from '../cluster.ts';

const { KUBECONFIG = '', KUBEBUILDER_ASSETS = '' } = process.env;

/** @returns why the node of this cluster cannot be restarted, where it cannot */
export async function restartNode(api: KubeApi): Promise<string | undefined> {
  const folder = dirname(KUBECONFIG);
  const pidFile = join(folder, 'kubelet.pid');
  const ctr = join(KUBEBUILDER_ASSETS, 'ctr');
  if (!existsSync(pidFile) || !existsSync(ctr)) return 'the kubelet does not run on this machine';
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  const environment = Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  process.kill(pid, 'SIGKILL');
  await eventually('the kubelet is dead', () => !existsSync(`/proc/${pid}`));
  const containerd = ['-a', join(folder, 'containerd.sock'), '-n', 'k8s.io'];
  const { stdout } = await run(ctr, [...containerd, 'tasks', 'ls', '-q']);
  for (const task of stdout.split('\n').filter((id) => id !== '')) await run(ctr, [...containerd, 'tasks', 'kill', '-s', 'KILL', task]);

  const log = openSync(join(folder, 'kubelet.log'), 'a');
  const kubelet = spawn(program, args, { cwd: folder, env: environment, detached: true, stdio: ['ignore', log, log] });
  kubelet.unref();
  // Whoever stops the cluster reads it.
  writeFileSync(pidFile, `${kubelet.pid ?? 0}\n`);
  const startedMs = Date.now();
  await eventually('the node is ready again', async () => {
    const { body } = await api.request({ method: 'GET', path: '/api/v1/nodes' });
    const nodes = body['items'] as NodeObject[];
    return nodes.some(({ status }) =>
      status.conditions.some(
        (each) => each.type === 'Ready' && each.status === 'True' && Date.parse(each.lastHeartbeatTime) >= startedMs - 1000,
      ),
    );
  });
  return undefined;
}

interface NodeObject {
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string; readonly lastHeartbeatTime: string }[];
  };
}
