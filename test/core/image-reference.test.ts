import t from 'tap';
import { parseImageReference } from '../../src/core/image-reference.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

void t.test('tag and digest are read, and a registry’s port is no tag', (t) => {
  t.same(parseImageReference('web'), { tag: undefined, digest: undefined });
  t.same(parseImageReference('registry.example:5000/team/web'), { tag: undefined, digest: undefined });
  t.same(parseImageReference('registry.example:5000/team/web:1.2'), { tag: '1.2', digest: undefined });
  t.same(parseImageReference(`web:1@${DIGEST}`), { tag: '1', digest: DIGEST });
  t.end();
});

void t.test('what does not parse is told each time it is asked', (t) => {
  for (const image of [
    '',
    'Web',
    'web:',
    'web: 1',
    'web@sha256:1',
    '{{ image }}',
    'https://registry.example/web',
    '../web',
    '-a.example/web',
  ]) {
    t.equal(parseImageReference(image), undefined, image);
    t.equal(parseImageReference(image), undefined, image);
  }
  t.end();
});
