import t from 'tap';
import { isDataStore } from '../../src/core/data-stores.ts';

void t.test('a data store is known by the last part of its image, whatever its registry, tag and digest', (t) => {
  for (const image of [
    'postgres',
    'postgres:17-alpine',
    'bitnami/postgresql:17.2.0',
    'registry.example:5000/mirror/mysql@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'docker.elastic.co/elasticsearch/elasticsearch:9.2.0',
    'quay.io/coreos/etcd:v3.6.0',
    'ghcr.io/cloudnative-pg/postgresql:17',
    'percona/percona-server-mongodb:8',
    'bitnami/mongodb-sharded:8',
    'registry.example/spilo-17:4',
    'quay.io/pires/docker-elasticsearch-kubernetes:5.6.2',
    'docker.elastic.co/elasticsearch/elasticsearch-oss:7.10.2',
    'gcr.io/google_samples/k8skafka:v1',
    'registry.k8s.io/kubernetes-zookeeper:1.0-3.4.10',
    'gcr.io/google_samples/k8szk:v3',
  ])
    t.ok(isDataStore({ image }), image);
  t.end();
});

void t.test('what stands beside a data store is none', (t) => {
  for (const image of [
    undefined,
    '',
    'memcached',
    'registry.example/web:1',
    'prometheuscommunity/postgres-exporter',
    'oliver006/redis_exporter',
    'bitnami/postgresql-repmgr-backup',
    'ghcr.io/example/postgres-operator',
    'registry.example/postgres/client',
    'cvallance/mongo-k8s-sidecar',
    'registry.example/docker-postgres-backup-kubernetes',
    'registry.example/k8s',
    'registry.example/docker-kubernetes',
  ])
    t.notOk(isDataStore({ image }), String(image));
  t.end();
});
