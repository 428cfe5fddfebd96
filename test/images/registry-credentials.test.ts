import t from 'tap';
import { RegistryCredentials } from '../../src/images/registry-credentials.ts';

function parsed(auths: object): RegistryCredentials {
  return RegistryCredentials.parse(JSON.stringify({ auths, credsStore: 'desktop' }));
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

void t.test('Docker Hub, and registries with a scheme and a version', (t) => {
  const credentials = parsed({
    'https://index.docker.io/v1/': { auth: base64('hub:1') },
    'https://registry.example/v2/': { auth: base64('example:2') },
    'localhost:5000': { username: 'local', password: '3' },
  });
  t.match(credentials.for('docker.io', 'library/nginx'), { username: 'hub', password: '1' });
  t.match(credentials.for('registry.example', 'web'), { username: 'example', password: '2' });
  t.match(credentials.for('localhost:5000', 'web'), { username: 'local', password: '3' });
  t.equal(credentials.for('localhost', 'web'), undefined);
  t.end();
});

void t.test('the longest place counts, and places end at a slash', (t) => {
  const credentials = parsed({
    'registry.example': { auth: base64('all:1') },
    'registry.example/team/': { auth: base64('team:2') },
    'registry.example/team/v2': { auth: base64('one:3') },
  });
  const nameFor = (path: string): string | undefined => credentials.for('registry.example', path)?.username;
  t.equal(nameFor('team/web'), 'team');
  t.equal(nameFor('team/v2'), 'one');
  t.equal(nameFor('teams/web'), 'all');
  t.end();
});

void t.test('a password may have colons, and a registry no credentials', (t) => {
  const credentials = parsed({ a: { auth: base64('me:1:2') }, b: {}, c: { identitytoken: 'x' }, d: null });
  t.same(credentials.for('a', 'web'), { username: 'me', password: '1:2', identityToken: undefined });
  t.equal(credentials.for('b', 'web'), undefined);
  t.match(credentials.for('c', 'web'), { identityToken: 'x' });
  t.equal(credentials.for('d', 'web'), undefined);
  t.end();
});

void t.test('what is no config.json is refused, and not repeated', (t) => {
  const refusal = (text: string): string => {
    try {
      RegistryCredentials.parse(text);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  t.equal(refusal('secret'), "must be JSON, as docker's config.json is");
  t.equal(refusal('{"auth": "secret"}'), "must have an object 'auths', as docker's config.json has");
  t.equal(refusal('{"auths": {"a": {"auth": ["secret"]}}}'), "must have a text in 'auth' of the registry a");
  t.end();
});
