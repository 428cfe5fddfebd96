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

void t.test('lengths are those of the grammar: of a name without its registry, of a digest by its algorithm', (t) => {
  const isRead = (image: string): boolean => parseImageReference(image) !== undefined;
  t.same(
    [255, 256].map((length) => isRead(`registry.example/${'a'.repeat(length)}:1`)),
    [true, false],
  );
  t.same(
    [255, 256].map((length) => isRead(`Team/${'a'.repeat(length)}`)),
    [true, false],
    'upper case is no repository',
  );
  // The images of the hub itself are in `library/`.
  for (const registry of ['', 'docker.io/', 'index.docker.io/'])
    t.same(
      [247, 248].map((length) => isRead(`${registry}${'a'.repeat(length)}`)),
      [true, false],
      registry,
    );
  t.same(
    [253, 254].map((length) => isRead(`a/${'a'.repeat(length)}`)),
    [true, false],
  );
  t.same(
    [128, 129].map((length) => isRead(`web:${'a'.repeat(length)}`)),
    [true, false],
  );
  t.same(
    [63, 64, 65].map((length) => isRead('a'.repeat(length))),
    [true, false, true],
    'the number of an image is no name',
  );
  for (const [algorithm, length] of [
    ['sha256', 64],
    ['sha384', 96],
    ['sha512', 128],
  ] as const)
    t.same(
      [length - 1, length, length + 1].map((each) => isRead(`web@${algorithm}:${'a'.repeat(each)}`)),
      [false, true, false],
      algorithm,
    );
  t.equal(isRead(`web@sha256:${'A'.repeat(64)}`), false);
  t.equal(isRead(`web@md5:${'a'.repeat(32)}`), false);
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
