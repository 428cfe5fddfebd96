/**
 * What is known about images by their names: which program `sh` is, what their entrypoint is as PID 1, which signal stops
 * them. Names are conventions and mirrors rename, so an entry stands only for the repository that it names, and for the mirrors
 * that say so (`image-mirrors.ts`); tags such as `-alpine` say the same everywhere.
 *
 * One list, with a source for each entry; a policy adds what it knows of images of its own (`spec.images`).
 */
import type { ShellFlavour } from './shells.ts';

export interface ImageFacts {
  /** What `sh` is; 'none' where the image has no shell. */
  readonly sh?: ShellFlavour | 'none';
  /**
   * What the image's own entrypoint does as PID 1 when it gets its stop signal, where the container has no command.
   * - `init`: an init; `execs`: it becomes the application, which handles the signal; `none`: there is none, and the args are the command.
   */
  readonly entrypoint?: 'init' | 'execs' | 'none';
  /** Whether its entrypoint has to be PID 1: it refuses to run in a shared process namespace. */
  readonly needsPidOne?: boolean;
  /** The image's STOPSIGNAL, where it is not SIGTERM: `SIGQUIT`. */
  readonly stopSignal?: string;
}

/** What `sh` is in an image; undefined where nobody knows, or where it has none. */
export function shellsIn({ sh }: ImageFacts): readonly ShellFlavour[] | undefined {
  return sh === undefined || sh === 'none' ? undefined : [sh];
}

/** What is known of the images with a name. */
export interface ImageEntry extends ImageFacts {
  /** `docker.io/library/alpine`, with `*` for any run of characters; undefined for any repository. */
  readonly repository?: string;
  /** The tag, with `*`; undefined for any tag. */
  readonly tag?: string;
}

/** An entry, and where it is written. */
interface SourcedEntry extends ImageEntry {
  readonly source: string;
}

const LIBRARY = 'https://github.com/docker-library/official-images';
const S6 = 'https://github.com/just-containers/s6-overlay#frequently-asked-questions';

export const IMAGES: readonly SourcedEntry[] = [
  // Images with an entrypoint of their own
  {
    repository: 'docker.io/library/nginx',
    entrypoint: 'execs',
    stopSignal: 'SIGQUIT',
    source: 'https://github.com/docker-library/nginx/pull/457',
  },
  {
    repository: 'docker.io/nginxinc/nginx-unprivileged',
    entrypoint: 'execs',
    stopSignal: 'SIGQUIT',
    source: 'https://github.com/nginxinc/docker-nginx-unprivileged',
  },
  {
    repository: 'docker.io/library/postgres',
    entrypoint: 'execs',
    stopSignal: 'SIGINT',
    source: 'https://github.com/docker-library/postgres/pull/763',
  },
  {
    repository: 'docker.io/library/httpd',
    entrypoint: 'execs',
    stopSignal: 'SIGWINCH',
    source: 'https://github.com/docker-library/httpd/issues/9',
  },
  {
    repository: 'docker.io/library/haproxy',
    entrypoint: 'execs',
    stopSignal: 'SIGUSR1',
    source: 'https://github.com/docker-library/haproxy/pull/81',
  },
  { repository: 'docker.io/library/php', tag: '*fpm*', stopSignal: 'SIGQUIT', source: 'https://github.com/docker-library/php/pull/814' },
  {
    repository: 'docker.io/library/php',
    tag: '*apache*',
    stopSignal: 'SIGWINCH',
    source: 'https://github.com/docker-library/php/pull/814',
  },
  {
    repository: 'docker.io/library/redis',
    entrypoint: 'execs',
    source: 'https://github.com/redis/docker-library-redis/blob/release/8.2/debian/docker-entrypoint.sh',
  },
  {
    repository: 'docker.io/library/mariadb',
    entrypoint: 'execs',
    source: 'https://github.com/MariaDB/mariadb-docker/blob/master/docker-entrypoint.sh',
  },
  {
    repository: 'docker.io/library/memcached',
    entrypoint: 'execs',
    source: 'https://github.com/docker-library/memcached/blob/master/docker-entrypoint.sh',
  },
  {
    repository: 'registry.k8s.io/pause',
    entrypoint: 'init',
    sh: 'none',
    source: 'https://github.com/kubernetes/kubernetes/tree/master/build/pause',
  },
  // s6-overlay: "s6-overlay-suexec: fatal: can only run as pid 1"
  { repository: 'docker.io/linuxserver/*', entrypoint: 'init', needsPidOne: true, source: S6 },
  { repository: 'lscr.io/linuxserver/*', entrypoint: 'init', needsPidOne: true, source: S6 },
  { repository: 'ghcr.io/linuxserver/*', entrypoint: 'init', needsPidOne: true, source: S6 },
  { repository: 'ghcr.io/home-assistant/home-assistant', entrypoint: 'init', needsPidOne: true, source: S6 },
  { repository: 'docker.io/phusion/baseimage', entrypoint: 'init', sh: 'dash', source: 'https://github.com/phusion/baseimage-docker' },
  // No shell at all
  {
    repository: 'gcr.io/distroless/*',
    tag: '*debug*',
    sh: 'ash',
    source: 'https://github.com/GoogleContainerTools/distroless#debug-images',
  },
  {
    repository: 'gcr.io/distroless/*',
    sh: 'none',
    source: 'https://github.com/GoogleContainerTools/distroless#why-should-i-use-distroless-images',
  },
  {
    tag: '*chiseled*',
    sh: 'none',
    source: 'https://github.com/dotnet/dotnet-docker/blob/main/documentation/ubuntu-chiseled.md',
  },
  {
    tag: '*-distroless-extra',
    sh: 'none',
    source: 'https://github.com/dotnet/dotnet-docker/blob/main/documentation/distroless.md',
  },
  { tag: '*-distroless', sh: 'none', source: 'https://istio.io/latest/docs/ops/configuration/security/harden-docker-images/' },
  { tag: 'distroless-v*', sh: 'none', source: 'https://www.envoyproxy.io/docs/envoy/latest/start/install#pre-built-envoy-docker-images' },
  ...[
    'csi-node-driver-registrar',
    'csi-provisioner',
    'csi-attacher',
    'csi-resizer',
    'csi-snapshotter',
    'snapshot-controller',
    'livenessprobe',
  ].flatMap((name): readonly SourcedEntry[] => [
    {
      repository: `registry.k8s.io/sig-storage/${name}`,
      sh: 'none',
      source: 'https://github.com/kubernetes-csi/csi-driver-host-path/issues/175',
    },
    // Where they were before; older ones had a shell.
    ...['v1.2.*', 'v1.3.*', 'v1.4.*', 'v1.5.*', 'v1.6.*', 'v2.*', 'v3.*', 'v4.*'].map((tag): SourcedEntry => ({
      repository: `quay.io/k8scsi/${name}`,
      tag,
      sh: 'none',
      source: 'https://github.com/kubernetes-csi/external-provisioner/pull/247',
    })),
  ]),
  {
    repository: 'cgr.dev/*',
    tag: '*-dev',
    sh: 'ash',
    source: 'https://edu.chainguard.dev/chainguard/containers/about/differences-development-production/',
  },
  // Not of all: that of Node.js has one, for npm (chainguard-images/images, issue 1969).
  ...['nginx', 'static', 'glibc-dynamic'].map((name): SourcedEntry => ({
    repository: `cgr.dev/chainguard/${name}`,
    sh: 'none',
    source: 'https://edu.chainguard.dev/chainguard/containers/migration/migration-tips/',
  })),
  {
    repository: 'registry.k8s.io/metrics-server/metrics-server',
    sh: 'none',
    source: 'https://github.com/kubernetes-sigs/metrics-server/blob/master/Dockerfile',
  },
  {
    repository: 'registry.k8s.io/kube-state-metrics/kube-state-metrics',
    sh: 'none',
    source: 'https://github.com/kubernetes/kube-state-metrics/blob/main/Dockerfile',
  },
  { repository: 'registry.k8s.io/coredns/coredns', sh: 'none', source: 'https://github.com/coredns/coredns/blob/master/Dockerfile' },
  ...['controller', 'webhook', 'cainjector'].map((name): SourcedEntry => ({
    repository: `quay.io/jetstack/cert-manager-${name}`,
    sh: 'none',
    source: 'https://github.com/cert-manager/cert-manager/blob/master/make/base_images.mk',
  })),
  // What `sh` is, by the distribution that the tag names
  { tag: '*alpine*', sh: 'ash', source: 'https://git.alpinelinux.org/aports/tree/main/busybox' },
  { tag: '*busybox*', sh: 'ash', source: 'https://busybox.net' },
  ...['bookworm', 'bullseye', 'buster', 'trixie', 'noble', 'jammy', 'focal', 'debian'].map((release): SourcedEntry => ({
    tag: `*${release}*`,
    sh: 'dash',
    source: 'https://wiki.debian.org/Shell',
  })),
  ...['ubi8', 'amazonlinux2', 'al2', 'centos7'].map((release): SourcedEntry => ({
    tag: `*-${release}`,
    sh: 'old bash',
    source: 'https://access.redhat.com/downloads/content/package-browser',
  })),
  ...['ubi9', 'ubi10', 'al2023', 'fedora*'].map((release): SourcedEntry => ({
    tag: `*-${release}`,
    sh: 'bash',
    source: 'https://access.redhat.com/downloads/content/package-browser',
  })),
  // By the repository of a distribution
  { repository: 'docker.io/library/alpine', sh: 'ash', source: LIBRARY },
  { repository: 'docker.io/library/busybox', sh: 'ash', source: LIBRARY },
  { repository: 'docker.io/library/debian', sh: 'dash', source: LIBRARY },
  { repository: 'docker.io/library/ubuntu', sh: 'dash', source: LIBRARY },
  { repository: 'docker.io/library/fedora', sh: 'bash', source: LIBRARY },
  {
    repository: 'docker.io/library/amazonlinux',
    tag: '2',
    sh: 'old bash',
    source: 'https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html',
  },
  { repository: 'docker.io/library/amazonlinux', sh: 'bash', source: LIBRARY },
  { repository: 'docker.io/library/centos', sh: 'old bash', source: LIBRARY },
  { repository: 'docker.io/library/rockylinux', tag: '8*', sh: 'old bash', source: LIBRARY },
  { repository: 'docker.io/library/almalinux', tag: '8*', sh: 'old bash', source: LIBRARY },
  { repository: 'docker.io/library/rockylinux', sh: 'bash', source: LIBRARY },
  { repository: 'docker.io/library/almalinux', sh: 'bash', source: LIBRARY },
  { repository: 'registry.access.redhat.com/ubi8*', sh: 'old bash', source: 'https://catalog.redhat.com/software/base-images' },
  { repository: 'registry.access.redhat.com/ubi9*', sh: 'bash', source: 'https://catalog.redhat.com/software/base-images' },
  { repository: 'registry.access.redhat.com/ubi10*', sh: 'bash', source: 'https://catalog.redhat.com/software/base-images' },
  // Official images with a CMD and no ENTRYPOINT
  ...[
    'alpine',
    'busybox',
    'debian',
    'ubuntu',
    'fedora',
    'amazonlinux',
    'centos',
    'rockylinux',
    'almalinux',
    'buildpack-deps',
    'python',
    'golang',
    'ruby',
    'perl',
    'rust',
    'gcc',
  ].map((name): SourcedEntry => ({
    repository: `docker.io/library/${name}`,
    entrypoint: 'none',
    source: `${LIBRARY}/blob/master/library/${name}`,
  })),
  // Official images that are built on Debian or Ubuntu unless their tag says otherwise
  ...[
    'node',
    'python',
    'ruby',
    'php',
    'perl',
    'golang',
    'rust',
    'nginx',
    'postgres',
    'redis',
    'httpd',
    'memcached',
    'rabbitmq',
    'mongo',
    'mariadb',
    'eclipse-temurin',
    'tomcat',
    'haproxy',
  ].map((name): SourcedEntry => ({
    repository: `docker.io/library/${name}`,
    sh: 'dash',
    source: `${LIBRARY}/blob/master/library/${name}`,
  })),
];
