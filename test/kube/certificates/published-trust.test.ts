import t from 'tap';
import { ApiClock } from '../../../src/kube/client/api-clock.ts';
import { PublishedTrust } from '../../../src/kube/certificates/published-trust.ts';
import type { PublishedBundle } from '../../../src/kube/client/webhook-configurations.ts';
import { createAuthority, issueServingPair } from '../../../src/pki/authority.ts';
import { parseServingPair, type ServingPair } from '../../../src/pki/serving-pair.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2030-01-01T00:00:00Z');

const [one, other] = await Promise.all(
  ['one', 'other'].map((commonName, index) => createAuthority({ commonName, validDays: 100 + index, now: NOW })),
);
if (one === undefined || other === undefined) throw new Error('there are two');

async function leafOf(authority: typeof one): Promise<ServingPair> {
  if (authority === undefined) throw new Error('there is one');
  const { certPem, keyPem } = await issueServingPair(authority, { dnsNames: ['a'], validDays: 10, now: NOW });
  return parseServingPair(certPem, keyPem);
}
const [leaf, sibling, stranger] = [await leafOf(one), await leafOf(one), await leafOf(other)];

function setUp(...pems: readonly string[]): {
  trust: PublishedTrust;
  observe: (...pems: readonly string[]) => void;
  pass: (ms: number) => void;
} {
  let elapsedMs = 0;
  const trust = new PublishedTrust(new ApiClock({ wallMs: () => NOW.getTime() + elapsedMs, monotonicMs: () => elapsedMs }));
  const observe = (...bundles: readonly string[]): void => {
    trust.observe(
      bundles.map((bundlePem, index): PublishedBundle => ({
        kind: 'ValidatingWebhookConfiguration',
        webhook: `w${index}`,
        bundlePem,
        resourceVersion: '1',
      })),
    );
  };
  if (pems.length > 0) observe(...pems);
  return { trust, observe, pass: (ms) => (elapsedMs += ms) };
}

void t.test('nothing is known before the first look; then what was seen last stays', (t) => {
  const { trust, observe } = setUp();
  t.same(trust.judge(leaf), { problem: 'the caBundle of the webhook configurations has not been read yet' });
  observe();
  t.same(trust.judge(leaf), {}, 'there are no configurations, and so no calls');
  t.end();
});

void t.test('ready is who is believed by all, and stays so while one believes', (t) => {
  const { trust, observe } = setUp(one.certPem, '');
  t.match(trust.judge(leaf).problem, 'ValidatingWebhookConfiguration w1: the CA bundle must hold a PEM certificate');
  observe(one.certPem, one.certPem);
  t.same(trust.judge(leaf), {});
  observe(one.certPem, '');
  t.match(trust.judge(leaf).note, 'ValidatingWebhookConfiguration w1');
  t.equal(trust.judge(leaf).problem, undefined);
  observe(other.certPem, '');
  t.match(trust.judge(leaf).problem, "w0: the CA bundle must hold the issuer 'CN=one', but holds 'CN=other'");
  t.end();
});

void t.test('a pair that does not bear the name of the Service is believed by nobody, whoever signed it', (t) => {
  const { trust } = setUp();
  const called = (webhook: string, serverName: string): PublishedBundle => ({
    kind: 'ValidatingWebhookConfiguration',
    webhook,
    bundlePem: one.certPem,
    resourceVersion: '1',
    serverName,
  });
  trust.observe([called('w', 'a')]);
  t.same(trust.judge(leaf), {});
  t.ok(trust.losesNobody(leaf, sibling, 60_000));
  trust.observe([called('w', 'podgrace.other.svc')]);
  t.notOk(trust.isBelieved(leaf));
  t.equal(trust.authorityNotAfter(leaf), undefined);
  t.equal(
    trust.judge(leaf).problem,
    "ValidatingWebhookConfiguration w: the certificate must be good for 'podgrace.other.svc', the name of the Service",
  );
  t.end();
});

void t.test('a pair that has expired is no good, whatever is published', (t) => {
  const { trust, pass } = setUp(one.certPem);
  t.same(trust.judge(leaf), {});
  pass(11 * DAY_MS);
  t.match(trust.judge(leaf).problem, 'must be valid, but expired on 2030-01-11');
  t.notOk(trust.isBelieved(leaf));
  t.end();
});

void t.test('bundles settle while they stay as they are, by what was seen of them', (t) => {
  const { trust, observe, pass } = setUp(one.certPem);
  pass(60_000);
  t.notOk(trust.hasSettled(60_000), 'time that nobody looked in does not count');
  observe(one.certPem);
  t.ok(trust.hasSettled(60_000));
  observe(one.certPem, one.certPem);
  t.notOk(trust.hasSettled(60_000), 'a webhook more is a change');
  t.ok(trust.hasSettled(0));
  t.end();
});

void t.test('a pair of the same authority loses nobody; one of another once its bundles have settled', (t) => {
  const { trust, observe, pass } = setUp(one.certPem + other.certPem);
  t.ok(trust.losesNobody(leaf, sibling, 60_000));
  t.notOk(trust.losesNobody(leaf, stranger, 60_000));
  pass(60_000);
  observe(one.certPem + other.certPem);
  t.ok(trust.losesNobody(leaf, stranger, 60_000));
  observe(one.certPem + other.certPem, one.certPem);
  pass(60_000);
  observe(one.certPem + other.certPem, one.certPem);
  t.notOk(trust.losesNobody(leaf, stranger, 60_000), 'the second bundle would be lost');
  t.end();
});

void t.test('the authority that vouches is the one whose end is told', (t) => {
  const { trust, observe } = setUp(one.certPem + other.certPem);
  t.equal(trust.authorityNotAfter(stranger)?.getTime(), NOW.getTime() + 101 * DAY_MS);
  t.equal(trust.authorityNotAfter(leaf)?.getTime(), NOW.getTime() + 100 * DAY_MS);
  observe('');
  t.equal(trust.authorityNotAfter(leaf), undefined);
  t.end();
});
