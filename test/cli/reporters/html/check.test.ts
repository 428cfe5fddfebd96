import { Script } from 'node:vm';
import t from 'tap';
import { catalogue } from '../../../../src/config/catalogue.ts';
import { podgrace } from '../../command-line.ts';
import { tagsOf } from './html-tags.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1
`;

async function page(stdin: string, ...args: string[]): Promise<string> {
  return (await podgrace(['check', '-o', 'html', ...args, '-'], { stdin })).stdout;
}

void t.test('a finding has its place, its line, the reason, what to do, and what the repair would set', async (t) => {
  const html = await page(POD, '--rule', 'memory-limit');
  tagsOf(html);
  t.match(
    html,
    '<article class="warn" data-mode="warn" data-rule="memory-limit" data-file="stdin" data-line="1" data-object="Pod default/web">',
  );
  t.match(html, 'Pod default/web, stdin:6:7, rule memory-limit');
  t.match(html, '<pre tabindex="0">6 |     - <mark>name</mark>: web</pre>');
  t.match(html, `<p>${catalogue.get('memory-limit')?.meta.docs.harm ?? 'no such rule'}</p>`);
  t.match(html, 'To fix it: set `resources.limits.memory`');
  t.match(html, 'What the repair would set in spec.containers[0]</summary>');
});

void t.test('the page needs nothing from elsewhere, and forbids it', async (t) => {
  const html = await page(POD);
  t.match(html, `http-equiv="Content-Security-Policy" content="default-src 'none';`);
  t.notMatch(tagsOf(html).join('\n'), /(?:src|href|action)=/);
  const [, script = ''] = /<script>([^]*?)<\/script>/.exec(html) ?? [];
  t.doesNotThrow(() => new Script(script), 'its script is JavaScript');
});

void t.test('what others wrote is text, wherever it stands', async (t) => {
  const name = `</title><script>alert(1)</script>"onload='x' &amp; \\u202e\\u0000`;
  const html = await page(POD.replace('{name: web}', `{name: "${name.replaceAll('"', '\\"')}"}`).replace('image: web:1', 'image: "<b>:1"'));
  tagsOf(html);
  t.equal(html.split('<script>').length, 2, 'one script, its own');
  t.notMatch(html, /[\0\u202e]/);
  t.match(html, '&lt;/title&gt;&lt;script&gt;alert(1)');
});

void t.test('bars count objects by QoS class and findings by rule; input that cannot be read is listed', async (t) => {
  const html = await page(`${POD}---\n${POD}---\nkind: [`, '--rule', 'minimum-qos-class');
  tagsOf(html);
  t.match(html, '<th scope="row">BestEffort</th><td class="bar"><span style="width: 100.0%"></span></td><td class="count">2</td>');
  t.match(html, /<th scope="row">minimum-qos-class<\/th>.*<td class="count">2<\/td>/);
  t.match(html, '<li>stdin:18: a value must stand here</li>');
  t.match(html, '2 objects: 0 allowed, 2 denied, 0 not judged; 1 error (policy production)');
});

void t.test('every field has a label, every table a caption, and there is one first heading', async (t) => {
  const html = await page(POD);
  t.equal(html.match(/<(?:input|select) /g)?.length, html.match(/<label>[^<]+ <(?:input|select) /g)?.length);
  t.equal(html.match(/<table>/g)?.length, html.match(/<table>\n<caption>/g)?.length);
  t.equal(html.match(/<h1>/g)?.length, 1);
  t.match(html, '<html lang="en">');
});
