/** Which containers keep the data of others, by their image. */
import type { Container } from './pod.ts';
import { imageRepository } from './process/image-knowledge.ts';
import { rememberedByText } from './text-memo.ts';

/**
 * The last part of the image's name: databases, searches, queues, and what clusters agree in. Exporters, operators, proxies, clients
 * and backups of a store have longer names. Memcached is no data store: it is a cache by its own documentation.
 */
const DATA_STORE = new RegExp(
  `^(?:${[
    '(?:percona-server-|percona-)?(?:mongo|mongodb|mongodb-(?:sharded|(?:community|enterprise)-server))',
    'postgres|postgresql(?:-\\d+|-ha)?|percona-postgresql|postgis|timescaledb(?:-ha)?|pgvector|spilo(?:-\\d+)?',
    'mysql|mysql-server|mariadb(?:-galera)?|percona|percona-(?:server|xtradb-cluster)|cockroach|tidb|tikv|yugabyte',
    'redis|redis-(?:cluster|stack|stack-server)|valkey|keydb|dragonfly|aerospike-server',
    'cassandra|scylla|couchdb|couchbase|couchbase-server|neo4j|arangodb|rethinkdb|dgraph|janusgraph',
    'elasticsearch|opensearch|solr|meilisearch|qdrant|weaviate|milvus',
    'clickhouse|clickhouse-server|influxdb|questdb|victoria-metrics|vmstorage|prometheus',
    'kafka|cp-kafka|cp-server|redpanda|rabbitmq|nats|nats-server|pulsar|activemq|activemq-artemis',
    'zookeeper|cp-zookeeper|zk|etcd|consul|minio',
  ].join('|')})$`,
);

/** Words before and after the name that say how the store is packaged: `docker-elasticsearch-kubernetes`, `k8skafka`, `elasticsearch-oss`. */
const PACKAGING_BEFORE = /^(?:(?:docker|kubernetes|kube|custom)[-_]|k8s[-_]?)/;
const PACKAGING_AFTER = /[-_](?:docker|kubernetes|k8s|image|container|oss|alpine|debian|ubi\d*)$/;

/** Of such words on each side; a name of thousands of them would take the square of its length. */
const MOST_WORDS = 3;

/** Whether a container is a data store: what it has written is what its clients need to find again. */
export function isDataStore({ image }: Pick<Container, 'image'>): boolean {
  return isRepositoryOfDataStore(imageRepository(image));
}

/** Several rules ask about each container, and the next Pod has the same images. */
const isRepositoryOfDataStore = rememberedByText(1024, 256, (repository) => {
  let name = repository.slice(repository.lastIndexOf('/') + 1);
  for (let words = 0; words <= MOST_WORDS; words++) {
    if (DATA_STORE.test(name)) return true;
    const bare = name.replace(PACKAGING_BEFORE, '').replace(PACKAGING_AFTER, '');
    if (bare === name) return false;
    name = bare;
  }
  return false;
});
