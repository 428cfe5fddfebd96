/** Where an image comes from that stands in another registry under a name which says so. */

/** Registries whose documentation says that they hold the images of another one, or that they are the same under an older name. */
const MIRRORS: readonly { readonly prefix: string; readonly upstream: string; readonly source: string }[] = [
  {
    prefix: 'public.ecr.aws/docker/library/',
    upstream: 'docker.io/library/',
    source: 'https://aws.amazon.com/blogs/containers/docker-official-images-now-available-on-amazon-elastic-container-registry-public/',
  },
  {
    prefix: 'mirror.gcr.io/',
    upstream: 'docker.io/',
    source: 'https://cloud.google.com/artifact-registry/docs/pull-cached-dockerhub-images',
  },
  { prefix: 'registry-1.docker.io/', upstream: 'docker.io/', source: 'https://distribution.github.io/distribution/recipes/mirror/' },
  {
    prefix: 'k8s.gcr.io/',
    upstream: 'registry.k8s.io/',
    source: 'https://kubernetes.io/blog/2023/03/10/image-registry-redirect/',
  },
  {
    prefix: 'gcr.io/google-containers/',
    upstream: 'registry.k8s.io/',
    source: 'https://kubernetes.io/blog/2022/11/28/registry-k8s-io-faster-cheaper-ga/',
  },
  {
    prefix: 'gcr.io/google_containers/',
    upstream: 'registry.k8s.io/',
    source: 'https://kubernetes.io/blog/2022/11/28/registry-k8s-io-faster-cheaper-ga/',
  },
];

/**
 * A registry in the path of another one, as proxies and copies write it: `registry.example/proxy/docker.io/library/nginx`. The flag `s` keeps
 * the work linear. Without it, a name that ends in a line break never matches, and the rest of the name is read again from each registry in it.
 */
const EMBEDDED = /^[^/]+\/(?:.*\/)?((?:docker\.io|registry\.k8s\.io|k8s\.gcr\.io|gcr\.io|quay\.io|ghcr\.io|public\.ecr\.aws)\/.+)$/s;

/**
 * @param repository with its registry, without tag and digest
 * @returns the repository itself where its name tells of no other
 */
export function upstreamOf(repository: string): string {
  const named = EMBEDDED.exec(repository)?.[1] ?? repository;
  const mirror = MIRRORS.find(({ prefix }) => named.startsWith(prefix));
  const upstream = mirror === undefined ? named : mirror.upstream + named.slice(mirror.prefix.length);
  return upstream.replace(/^docker\.io\/([^/]+)$/, 'docker.io/library/$1');
}
