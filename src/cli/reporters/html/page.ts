/** The fixed parts of the page: it needs nothing from anywhere, and says so to the browser. */

/** What a browser refuses: everything but what stands in the page itself. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --box: #f6f8fa;
  --enforce: #b3261e; --warn: #8a5300; --repair: #0b6b74; --audit: #57606a; --would: #7b3fa0; --bar: #3b6fb6; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --text: #e6edf3; --soft: #a5b0bd; --line: #30363d; --box: #161b22;
  --enforce: #ff8f86; --warn: #f0b35b; --repair: #6cd0d8; --audit: #a5b0bd; --would: #d3a4ee; --bar: #79aef5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.25; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 0; font-size: 1.15rem; overflow-wrap: anywhere; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
pre { margin: .5rem 0; padding: .6rem .8rem; overflow-x: auto; background: var(--box); border: 1px solid var(--line); border-radius: .4rem; font-size: .875rem; }
mark { background: none; color: inherit; text-decoration: underline wavy 1px; text-underline-offset: .25em; }
form { display: flex; flex-wrap: wrap; gap: .8rem 1rem; align-items: end; margin: 1.2rem 0; padding: .9rem; background: var(--box); border: 1px solid var(--line); border-radius: .5rem; }
label { display: grid; gap: .2rem; font-size: .875rem; }
input, select { min-width: 10rem; height: 2.3rem; padding: 0 .5rem; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: .3rem; }
:focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
.group { margin: 1.5rem 0; padding-top: 1rem; border-top: 1px solid var(--line); }
article { margin: .9rem 0; padding: .2rem 0 .2rem .9rem; border-left: .3rem solid var(--audit); }
.mode { font-weight: 700; }
.enforce { border-color: var(--enforce); } .enforce .mode { color: var(--enforce); }
.warn { border-color: var(--warn); } .warn .mode { color: var(--warn); }
.repair { border-color: var(--repair); } .repair .mode { color: var(--repair); }
.would { border-color: var(--would); } .would .mode { color: var(--would); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); align-items: start; gap: 1.5rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { padding-bottom: .4rem; text-align: left; font-weight: 700; }
th { padding: .15rem .6rem .15rem 0; text-align: left; font-weight: 400; white-space: nowrap; }
td { padding: .15rem 0; } td.bar { width: 55%; } td.count { padding-left: .6rem; text-align: right; font-variant-numeric: tabular-nums; }
.bar span { display: block; height: .8rem; min-width: 2px; background: var(--bar); border-radius: .2rem; }
[hidden] { display: none; }
@media print { form { display: none; } }
`;

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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="soft">${subtitle}</p>
</header>
<main>
<form id="filter" hidden>
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
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
