import t from 'tap';
import { CARRIER_DEFAULTS, carrierOf, IMAGE_VOLUME_MINORS, problemsOfCarrier } from '../../../src/core/process/carrier-options.ts';

const { byDefault, final } = IMAGE_VOLUME_MINORS;

void t.test('auto takes an image volume only where every node can mount one, and a named carrier is taken everywhere', (t) => {
  t.equal(carrierOf(CARRIER_DEFAULTS, final), 'image-volume');
  t.equal(carrierOf(CARRIER_DEFAULTS, byDefault), 'init-container');
  t.equal(carrierOf({ ...CARRIER_DEFAULTS, carrier: 'image-volume' }, byDefault), 'image-volume');
  t.end();
});

void t.test('a policy whose repair has no image, or a carrier that the API server drops, is refused', (t) => {
  const options = { ...CARRIER_DEFAULTS, image: 'registry.example/tini:1', carrier: 'image-volume' } as const;
  const problemsIn = (...asked: Parameters<typeof problemsOfCarrier>): string[] => problemsOfCarrier(...asked).map(({ option }) => option);
  t.same(problemsIn(CARRIER_DEFAULTS, 'apply', final), ['image']);
  t.same(problemsIn(CARRIER_DEFAULTS, 'off', final), []);
  t.same(problemsIn({ ...CARRIER_DEFAULTS, carrier: 'share-process-namespace' }, 'apply', final), []);
  t.same(problemsIn(options, 'apply', 34), ['carrier']);
  t.same(problemsIn(options, 'apply', byDefault), []);
  t.end();
});
