import t from 'tap';
import { challengeIn, type Challenge } from '../../src/images/challenge.ts';

function read(header: string | null): [Challenge['scheme'], Record<string, string>] | undefined {
  const challenge = challengeIn(header);
  return challenge && [challenge.scheme, Object.fromEntries(challenge.parameters)];
}

void t.test('what registries say', (t) => {
  t.same(read('Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"'), [
    'bearer',
    { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/nginx:pull' },
  ]);
  t.same(read('Basic realm="Registry Realm"'), ['basic', { realm: 'Registry Realm' }]);
  t.same(read('basic'), ['basic', {}]);
  t.same(read('BEARER Realm=https://a/ , service = "b"'), ['bearer', { realm: 'https://a/' }], 'what is written otherwise ends it');
  t.same(read('Negotiate, Basic realm="a\\"b, c"'), ['basic', { realm: 'a"b, c' }], 'one that can be answered, after another');
  t.same(read('Digest realm="Basic"'), undefined);
  t.same(read('Bearerless realm="a"'), undefined);
  t.same(read(''), undefined);
  t.same(read(null), undefined);
  t.end();
});

void t.test('a header that is longer than any is not read', (t) => {
  t.same(read(`Bearer ${'a="b",'.repeat(600)}realm="c"`), ['bearer', { a: 'b', realm: 'c' }]);
  t.same(read(`Bearer ${'a="b",'.repeat(1000)}realm="c"`), undefined);
  t.same(read(`Bearer realm="${'\\'.repeat(4000)}`), ['bearer', { realm: '' }], 'a text without an end');
  t.end();
});
