import t from 'tap';
import { NEWEST_MINOR, OLDEST_MINOR, parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';

void t.test('a version is read with and without v, patch and what vendors append', (t) => {
  for (const text of ['1.36', 'v1.36', '1.36.3', 'v1.36.3', 'v1.36.3-gke.1200', 'v1.36.1+k3s1', 'v1.36.0-rc.0+build.7']) {
    t.equal(parseKubernetesVersion(text), 36, text);
  }
  t.end();
});

void t.test('only versions whose behaviour is known are versions', (t) => {
  t.equal(parseKubernetesVersion(`1.${OLDEST_MINOR}`), OLDEST_MINOR);
  t.equal(parseKubernetesVersion(`1.${NEWEST_MINOR}`), NEWEST_MINOR);
  t.equal(parseKubernetesVersion(`1.${OLDEST_MINOR - 1}`), undefined);
  t.equal(parseKubernetesVersion(`1.${NEWEST_MINOR + 1}`), undefined);
  t.equal(parseKubernetesVersion('2.36'), undefined);
  t.end();
});

void t.test('what is no version is none', (t) => {
  for (const text of [
    '',
    '1',
    '36',
    '1.',
    '1.36.',
    '1.36.x',
    ' 1.36',
    '1.36 ',
    '1.36\n',
    '1.36garbage',
    'latest',
    '1.3.6',
    '1,36',
    '1.036',
    '01.36',
  ]) {
    t.equal(parseKubernetesVersion(text), undefined, JSON.stringify(text));
  }
  t.end();
});
