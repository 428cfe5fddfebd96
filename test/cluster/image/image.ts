/** The image under test: one that the cluster can get at, or the one that is built here and loaded into the node. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { VERSION } from '../../../src/config/version.ts';
import { noCluster } from '../cluster.ts';

const { PODGRACE_TEST_IMAGE, KUBECONFIG = '', KUBEBUILDER_ASSETS = '' } = process.env;

/** Where the containerd of the node listens, beside the kubeconfig of a cluster that runs on this machine. */
const SOCKET = join(dirname(KUBECONFIG), 'containerd.sock');

/** Why no image can be had; undefined where there is one. */
const noImage: string | undefined =
  noCluster ??
  (PODGRACE_TEST_IMAGE !== undefined || (existsSync(SOCKET) && existsSync(join(KUBEBUILDER_ASSETS, 'ctr')))
    ? undefined
    : 'no image: set PODGRACE_TEST_IMAGE to one that the cluster can pull, or that was loaded with `kind load docker-image`');

/** A test that needs podgrace's image in the cluster. */
export function imageTest(name: string, body: (t: Test) => Promise<void>): void {
  if (noImage === undefined) void t.test(name, body);
  else void t.test(name, { skip: noImage }, () => undefined);
}

let image: string | undefined;

/**
 * The image's name, once every node can start it. Builds and loads it where PODGRACE_TEST_IMAGE names none: about a minute,
 * nothing where nothing has changed.
 *
 * @throws where it does not build; what failed has been printed
 */
export function testImage(): string {
  image ??= PODGRACE_TEST_IMAGE ?? buildAndLoad();
  return image;
}

function buildAndLoad(): string {
  const script = fileURLToPath(new URL('build', import.meta.url));
  const { status } = spawnSync(script, ['--load', SOCKET], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`test/cluster/image/build failed with ${String(status)}`);
  return `podgrace/podgrace:${VERSION}`;
}
