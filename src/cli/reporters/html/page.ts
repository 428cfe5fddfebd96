/** The fixed parts of the page of `podgrace check`. */
import { documentEnd, documentHead } from './document.ts';

/** Filters and groups what stands in the page; without it, everything is there, by object. */
const SCRIPT = `
const byId = (id) => document.getElementById(id);
const findings = [...document.querySelectorAll('article')];
const list = byId('findings');
byId('findings').before(byId('summary'));
byId('summary').after(byId('filter'));
byId('filter').hidden = false;
const rules = [...new Set(findings.map((finding) => finding.dataset.rule))].sort();
for (const rule of rules) byId('rule').append(new Option(rule, rule));
function show() {
  const words = byId('words').value.toLowerCase().split(/\\s+/).filter(Boolean);
  const mode = byId('mode').value, rule = byId('rule').value;
  let shown = 0;
  for (const finding of findings) {
    const text = (finding.dataset.object + ' ' + finding.dataset.file + ' ' + finding.textContent).toLowerCase();
    finding.hidden = (mode !== '' && finding.dataset.mode !== mode) || (rule !== '' && finding.dataset.rule !== rule) || !words.every((word) => text.includes(word));
    if (!finding.hidden) shown += 1;
  }
  for (const group of list.querySelectorAll('.group')) group.hidden = group.querySelector('article:not([hidden])') === null;
  byId('shown').textContent = shown + ' of ' + findings.length + ' findings';
}
function group() {
  const by = byId('group').value, groups = new Map();
  for (const finding of findings) {
    const key = by === 'object' ? finding.dataset.file + ' ' + finding.dataset.line + ' ' + finding.dataset.object : finding.dataset[by];
    if (!groups.has(key)) {
      const section = document.createElement('section'), heading = document.createElement('h2');
      section.className = 'group';
      heading.textContent = by === 'object' ? finding.dataset.object : key;
      section.append(heading);
      groups.set(key, section);
    }
    groups.get(key).append(finding);
  }
  list.replaceChildren(list.querySelector('h2.title'), ...groups.values());
  show();
}
for (const id of ['words', 'mode', 'rule']) byId(id).addEventListener('input', show);
byId('group').addEventListener('input', group);
byId('filter').addEventListener('submit', (event) => event.preventDefault());
show();
`;

/** From the beginning to the first finding. */
export function pageHead(title: string, subtitle: string): string {
  return `${documentHead({ title, subtitle, hasScript: true })}<form id="filter" hidden>
<label>Search <input id="words" type="search"></label>
<label>What becomes of it <select id="mode"><option value="">anything</option><option value="enforce">denied</option><option value="warn">warning</option><option value="repair">repaired at admission</option><option value="audit">recorded only</option></select></label>
<label>Rule <select id="rule"><option value="">any</option></select></label>
<label>Group by <select id="group"><option value="object">object</option><option value="file">file</option><option value="rule">rule</option></select></label>
<p id="shown" role="status"></p>
</form>
<section id="findings">
<h2 class="title">Findings</h2>
`;
}

/** From behind the last finding to the end. */
export function pageEnd(errors: string, summary: string): string {
  return `</section>
${errors}<section id="summary">
${summary}</section>
${documentEnd(SCRIPT)}`;
}
