/**
 * A Secret volume, written as the kubelet writes it (kubernetes pkg/volume/util/atomic_writer.go, steps 5 to 12):
 * `tls.crt` → `..data/tls.crt`, `..data` → a directory of its own for each version.
 */
import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export async function writeSecretVolume(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const data = join(directory, '..data');
  const old = await readlink(data).catch(() => undefined);
  const version = await mkdtemp(join(directory, '..2026_01_02_03_04_05.'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(version, name), text);
  await symlink(basename(version), `${data}_tmp`);
  await rename(`${data}_tmp`, data);
  if (old === undefined) for (const name of Object.keys(files)) await symlink(join('..data', name), join(directory, name));
  else await rm(join(directory, old), { recursive: true });
}
