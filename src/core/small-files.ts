/**
 * Volumes for files of a few kB: sockets, locks, process ids, tokens, keys, certificates and configuration. The spec does not say what a program
 * writes; the name of the volume, or the places where it is mounted, do.
 */

/** What such files are called, as a word of a name. */
const SMALL = /(?:^|[._-])(?:socks?|sockets?|lock(?:file)?s?|pids?|tokens?|keys?|keyrings?|certs?|certificates?|tls)(?:$|[._-])/i;

/** What grows has these words as well: `token-cache`, `key-value-store`. */
const GROWING = /(?:^|[._-])(?:data|db|database|caches?|logs?|stores?|storage|backups?|dumps?|tmp|temp|uploads?|values?)(?:$|[._-])/i;

/**
 * Directories for what programs need while they run (Filesystem Hierarchy Standard 3.0, sections 3.15, 5.9 and 5.13), also those of one
 * program (`/opt/web/run`), for configuration (3.7), of plugins of the kubelet, and of CSI drivers, whose containers share a socket.
 */
const RUNTIME =
  /^\/+etc(?:\/|$)|\/(?:run|csi|var\/+lock|var\/+lib\/+kubelet\/+(?:plugins|plugins_registry|device-plugins|pod-resources))(?:\/|$)/;

export function isNamedForSmallFiles(volume: string): boolean {
  return SMALL.test(volume) && !GROWING.test(volume);
}

export function isMountedForSmallFiles(mountPath: string): boolean {
  return RUNTIME.test(mountPath) || isNamedForSmallFiles(lastStepOf(mountPath));
}

function lastStepOf(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}
