/**
 * Volumes for files of a few kB: sockets, locks, process ids, tokens, keys, certificates and configuration. The spec does not say what a program
 * writes; the name of the volume, or the places where it is mounted, do.
 */

/** What such files are called, as a word of a name. */
const SMALL = /(?:^|[._-])(?:socks?|sockets?|lock(?:file)?s?|pids?|tokens?|keys?|keyrings?|certs?|certificates?|tls)(?:$|[._-])/i;

/** What grows has these words as well, in its name or on the way to it: `token-cache`, `key-value-store`, `/etc/web/data`, `/run/log/journal`. */
const GROWING =
  /(?:^|[/._-])(?:data|db|database|caches?|logs?|stores?|storage|backups?|dumps?|uploads?|outputs?|results?|values?)(?:$|[/._-])/i;

/** In the name of a volume for small files; one that is mounted at `/run` may be called `tmp`. */
const TEMPORARY = /(?:^|[._-])(?:tmp|temp)(?:$|[._-])/i;

/**
 * Directories for what programs need while they run (Filesystem Hierarchy Standard 3.0, sections 3.15, 5.9 and 5.13), also those of one
 * program (`/opt/web/run`), for configuration (3.7), and of CSI drivers, whose containers share a socket.
 */
const RUNTIME = /^\/+etc(?:\/|$)|\/(?:run|csi|var\/+lock)(?:\/|$)/;

/** Directories of plugins of the kubelet, which are called as their authors like: `pd.csi.storage.gke.io`. */
const PLUGINS = /\/var\/+lib\/+kubelet\/+(?:plugins|plugins_registry|device-plugins|pod-resources)(?:\/|$)/;

/** Whether a volume holds such files where it is mounted at this place. */
export function isForSmallFiles(volume: string, mountPath: string): boolean {
  if (isNamedForSmallFiles(volume)) return true;
  if (GROWING.test(volume)) return false;
  return PLUGINS.test(mountPath) || (RUNTIME.test(mountPath) && !GROWING.test(mountPath)) || isNamedForSmallFiles(lastStepOf(mountPath));
}

function isNamedForSmallFiles(name: string): boolean {
  return SMALL.test(name) && !GROWING.test(name) && !TEMPORARY.test(name);
}

function lastStepOf(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}
