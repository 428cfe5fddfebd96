/**
 * Volumes for files of a few kB: sockets, locks, process ids, tokens, keys, certificates and configuration. The spec does not say what a program
 * writes; the name of the volume, or the places where it is mounted, do.
 */
import { TextMemo } from './text-memo.ts';

/** What such files are called, as a word of a name. */
const SMALL = /(?:^|[._-])(?:socks?|sockets?|lock(?:file)?s?|pids?|keyrings?|certs?|certificates?|tls)(?:$|[._-])/i;

/** What grows has these words as well, in its name or on the way to it: `token-cache`, `key-value-store`, `/etc/web/data`, `/run/log/journal`. */
const GROWING =
  /(?:^|[/._-])(?:data|datasets?|db|database|caches?|logs?|stores?|storage|backups?|dumps?|uploads?|outputs?|results?|values?|spool|queues?|models?|snapshots?|archives?)(?:$|[/._-])/i;

/** So are these, but not where data lie: `/data/tokens` are those of texts, `/data/keys` those of a store. */
const SMALL_OUTSIDE_OF_DATA = /(?:^|[._-])(?:tokens?|keys?)(?:$|[._-])/i;

/** Programs that keep a database which grows in their directory for configuration: Pi-hole (docs.pi-hole.net, `ftldns/database`), 3x-ui. */
const DATA_BELOW_ETC = /^\/+etc\/+(?:pihole|x-ui)(?:\/|$)/;

/** In the name of a volume for small files; one that is mounted at `/run` may be called `tmp`. */
const TEMPORARY = /(?:^|[._-])(?:tmp|temp)(?:$|[._-])/i;

/**
 * Directories for what programs need while they run (Filesystem Hierarchy Standard 3.0, sections 3.15, 5.9 and 5.13), also those of one
 * program (`/opt/web/run`), for configuration (3.7), and of CSI drivers, whose containers share a socket.
 */
const RUNTIME = /^\/+etc(?:\/|$)|\/(?:run|csi|var\/+lock)(?:\/|$)/;

/** Directories of plugins of the kubelet, which are called as their authors like: `pd.csi.storage.gke.io`. */
const PLUGINS = /\/var\/+lib\/+kubelet\/+(?:plugins|plugins_registry|device-plugins|pod-resources)(?:\/|$)/;

/** Where the Cloud SQL Auth Proxy keeps a directory of sockets for each database (its README, `--unix-socket`). */
const DATABASE_SOCKETS = /^\/+cloudsql(?:\/|$)/;

/** Whether a volume holds such files where it is mounted at this place. Most do not: what speaks against it is looked for last. */
export function isForSmallFiles(volume: string, mountPath: string): boolean {
  if (volume.length + mountPath.length > LONGEST_REMEMBERED) return answerFor(volume, mountPath);
  // The length tells where the one ends and the other begins.
  const texts = `${volume.length} ${volume}${mountPath}`;
  let answer = ANSWERS.get(texts);
  if (answer === undefined) ANSWERS.set(texts, (answer = answerFor(volume, mountPath)));
  return answer;
}

/** Most volumes are mounted at a shorter place. */
const LONGEST_REMEMBERED = 128;
/** All Pods of a workload have the same volumes at the same places. The text has the length of the volume's name before it. */
const ANSWERS = new TextMemo<boolean>(1024, LONGEST_REMEMBERED + 8);

function answerFor(volume: string, mountPath: string): boolean {
  if (isNamedForSmallFiles(volume, mountPath)) return true;
  return isPlaceOfSmallFiles(mountPath) && !GROWING.test(volume) && !DATA_BELOW_ETC.test(mountPath);
}

function isPlaceOfSmallFiles(mountPath: string): boolean {
  if (PLUGINS.test(mountPath) || DATABASE_SOCKETS.test(mountPath) || (RUNTIME.test(mountPath) && !GROWING.test(mountPath))) return true;
  return isNamedForSmallFiles(lastStepOf(mountPath), mountPath);
}

/** @param name of the volume, or of the directory where it is mounted */
function isNamedForSmallFiles(name: string, mountPath: string): boolean {
  if (!SMALL.test(name) && (!SMALL_OUTSIDE_OF_DATA.test(name) || GROWING.test(mountPath))) return false;
  return !GROWING.test(name) && !TEMPORARY.test(name);
}

function lastStepOf(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}
