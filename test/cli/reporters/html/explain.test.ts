import t from 'tap';
import { drawTimeline } from '../../../../src/cli/reporters/html/timeline.ts';
import { podgrace } from '../../command-line.ts';
import { tagsOf } from './html-tags.ts';

const probe = { tcpSocket: { port: 80 } };

const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 5,
    template: {
      spec: {
        initContainers: [{ name: 'proxy', image: 'envoy:1', restartPolicy: 'Always', startupProbe: { ...probe, initialDelaySeconds: 2 } }],
        containers: [
          {
            name: 'web',
            image: 'web:1',
            command: ['sh', '-c', 'server; true'],
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            readinessProbe: { ...probe, initialDelaySeconds: 5 },
            livenessProbe: { ...probe, initialDelaySeconds: 10 },
          },
        ],
      },
    },
  },
};

async function page(...objects: readonly object[]): Promise<string> {
  const stdin = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  return (await podgrace(['explain', '-o', 'html', '-f', '-'], { stdin })).stdout;
}

/** What is drawn of one section: text by lane. */
function lanesOf(html: string, title: string): string[] {
  const section = html.slice(html.indexOf(`<h3>${title}`)).split('</table>', 1)[0] ?? '';
  return [...section.matchAll(/<tr><th scope="row"[^>]*>([^<]*)<\/th>(.*)<\/td><\/tr>/g)].map(
    ([, name = '', drawn = '']) => `${name}: ${[...drawn.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = '']) => text).join(', ')}`,
  );
}

void t.test('start, stop, node lost and rollout are drawn, with the numbers of the text', async (t) => {
  const html = await page(WEB);
  tagsOf(html);
  t.same(lanesOf(html, 'Start').slice(0, 2), ['sidecar proxy: 2 s, 22 s, 33 s', 'web: 7 s, 32 s, 43 s']);
  t.match(
    html,
    'web begins after 2 s and is ready after 7 s, its livenessProbe is asked from 12 s on; its livenessProbe stops it after 32 to 43 s',
  );
  t.same(lanesOf(html, 'Stop').slice(0, 2), ['sidecar proxy: 30 s', 'web: 5 s, 30 s']);
  t.same(lanesOf(html, 'Node lost').slice(0, 1), ['Pod: 350 s, 50 s']);
  t.same(lanesOf(html, 'Rollout').slice(0, 2), ['step 1: 7, 4', 'step 2: 6, 4']);
  const { stdout } = await podgrace(['explain', '-f', '-'], { stdin: JSON.stringify(WEB) });
  for (const line of stdout.trimEnd().split('\n').slice(1)) {
    // A page says in words what text says with marks; both are tested below.
    const plain = line.trim().replace(/^[✗!~·] /, '');
    if (plain.includes(': repaired at admission')) continue;
    t.ok(html.includes(plain.replaceAll('"', '&quot;')), plain);
  }
});

void t.test('findings stand at the end of their object, each with what becomes of it', async (t) => {
  const ports = [{ containerPort: 8080 }];
  const [container] = WEB.spec.template.spec.containers;
  const serving = { ...container, readinessProbe: undefined, lifecycle: undefined, ports };
  const html = await page({ ...WEB, spec: { replicas: 5, template: { spec: { containers: [serving] } } } }, WEB);
  tagsOf(html);
  const [first = '', second = ''] = html.split('<h3>Findings (policy production)</h3>').slice(1);
  const modes = [...first.matchAll(/<article class="([a-z]+)">/g)].map(([, mode]) => mode);
  t.same([...new Set(modes)], ['enforce', 'warn', 'repair'], 'what denies comes first');
  t.match(first, '<span class="mode">denied</span> spec.template.spec.containers[0].readinessProbe (container web): must be set');
  t.match(first, /<p class="soft">fix: add a `readinessProbe`/);
  t.match(first, '<span class="mode">repaired at admission</span> spec.template.spec.containers[0].lifecycle.preStop');
  t.match(second, '<span class="mode">warning</span> spec.template.spec.containers[0].command (container web)');
});

void t.test('the page needs no script and nothing from elsewhere, and forbids both', async (t) => {
  const html = await page(WEB);
  t.match(html, `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`);
  t.notMatch(html, /<script|(?:src|href|action|onload)=|url\(|@import/);
  t.match(html, '@media (prefers-color-scheme: dark)');
});

void t.test('twenty containers with long names have a lane each', async (t) => {
  const containers = Array.from({ length: 20 }, (_, index) => ({ name: `${'n'.repeat(60)}-${index}`, image: 'web:1' }));
  const html = await page({ ...WEB, spec: { template: { spec: { containers } } } });
  tagsOf(html);
  t.equal(lanesOf(html, 'Start').length, 20 + 1, 'and one for the numbers');
});

void t.test('what is not known and what never happens is drawn without a number', async (t) => {
  const lifecycle = { postStart: { exec: { command: ['sleep', 'infinity'] } }, preStop: { httpGet: { port: 80 } } };
  const containers = [
    { name: 'a', image: 'web:1', lifecycle },
    { name: 'b', image: 'web:1' },
  ];
  const html = await page({ ...WEB, spec: { template: { spec: { containers, tolerations: [{ operator: 'Exists' }] } } } });
  tagsOf(html);
  t.notMatch(html, /NaN|Infinity|undefined/);
  t.same(lanesOf(html, 'Start').slice(0, 2), ['a: ', 'b: ']);
  t.match(html, 'b never begins');
  t.match(html, 'the Pod waits for its node</li>');
});

void t.test('what others wrote is text, and input that cannot be read is listed', async (t) => {
  const name = `</h2><script>alert(1)</script>"onload='x' &amp; \u202e`;
  const { stdout, code } = await podgrace(['explain', '-o', 'html', '-f', '-'], {
    stdin: `${JSON.stringify({ ...WEB, metadata: { name } })}\n---\nkind: [`,
  });
  tagsOf(stdout);
  t.notMatch(stdout, /<script|\u202e/);
  t.match(stdout, /<section id="errors">[^]*<li>stdin:\d: a value must stand here/);
  t.equal(code, 2);
});

void t.test('each table has a caption, each heading its rank, and drawings are hidden from screen readers', async (t) => {
  const html = await page(WEB);
  t.equal(html.match(/<table/g)?.length, html.match(/<table class="lanes">\n<caption>/g)?.length);
  t.equal(html.match(/<h1>/g)?.length, 1);
  t.notMatch(html, /<svg width="100%"(?![^>]*aria-hidden="true")/);
});

void t.test('rules, fields and single objects have no page', async (t) => {
  t.match(await podgrace(['explain', '-o', 'html', 'pre-stop-delay']), { code: 2, stderr: /has no format html: choose text or json/ });
  t.match(await podgrace(['explain', '-o', 'html', '--parsed', '-f', '-']), { code: 2, stderr: /--parsed has no format html/ });
});

void t.test('the numbers of an axis are round, and few', (t) => {
  const numbersUpTo = (end: number): number[] => {
    const axis = drawTimeline({ caption: '', lanes: [], end, axis: '', unit: ' s', legend: {} });
    return Array.from(axis.matchAll(/>(\d+) s<\/text>/g), ([, number]) => Number(number));
  };
  t.same(numbersUpTo(11), [0, 2, 4, 6, 8, 10]);
  t.same(numbersUpTo(385), [0, 100, 200, 300]);
  for (const end of [1, 7, 60, 3_700, 1e6]) t.ok(numbersUpTo(end).length >= 2 && numbersUpTo(end).length <= 7, String(end));
  t.end();
});

void t.test('an object without Pods of its own says what it does with those of others', async (t) => {
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'a<b' }, spec: { hard: { pods: '5' } } };
  const html = await page(WEB, quota);
  tagsOf(html);
  t.match(
    html,
    '<h2>ResourceQuota default/a&lt;b</h2>\n<p class="soft">stdin:3</p>\n<ul>\n<li>pods: 5 at most in the namespace</li>\n<li>it counts all Pods',
  );
  t.match(html, '<h2>Deployment default/web</h2>');
  t.notMatch(await page(quota), 'No object has a Pod template');
  t.match(await page({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' } }), 'No object has a Pod template');
});
