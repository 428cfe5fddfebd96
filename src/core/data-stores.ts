/** Which containers keep the data of others, by their image. */
import type { Container } from './pod.ts';
import { imageRepository } from './process/image-knowledge.ts';

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
    'zookeeper|cp-zookeeper|etcd|consul|minio',
  ].join('|')})$`,
);

/** Whether a container is a data store: what it has written is what its clients need to find again. */
export function isDataStore({ image }: Pick<Container, 'image'>): boolean {
  const repository = imageRepository(image);
  return DATA_STORE.test(repository.slice(repository.lastIndexOf('/') + 1));
}
