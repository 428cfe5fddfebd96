/** What every page has: it needs nothing from anywhere, and says so to the browser. */
import { visibleLine } from '../../../core/visible-text.ts';

/** What a browser refuses: everything but what stands in the page itself. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const WITH_SCRIPT = `${POLICY}; script-src 'unsafe-inline'`;

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
li, summary { overflow-wrap: anywhere; }
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

export interface DocumentHead {
  /** HTML, as the subtitle. */
  readonly title: string;
  readonly subtitle: string;
  readonly hasScript: boolean;
  /** Besides the one that all pages have. */
  readonly style?: string;
}

/** From the beginning into the main part. */
export function documentHead({ title, subtitle, hasScript, style = '' }: DocumentHead): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${hasScript ? WITH_SCRIPT : POLICY}">
<title>${title}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="soft">${subtitle}</p>
</header>
<main>
`;
}

/**
 * The end of a page that `documentHead` begins.
 *
 * @param script is run once the page is there
 */
export function documentEnd(script?: string): string {
  return `</main>
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}

/** Input that cannot be read; nothing where all of it can be. @param lines text */
export function errorSection(lines: readonly string[]): string {
  return listSection('errors', 'Input that cannot be read', lines);
}

/** Nothing where there are no lines. */
export function listSection(id: string, heading: string, lines: readonly string[]): string {
  const list = lines.map((line) => `<li>${escape(line)}</li>\n`).join('');
  return list === '' ? '' : `<section id="${id}">\n<h2>${heading}</h2>\n<ul>\n${list}</ul>\n</section>\n`;
}

/** As text or as the value of an attribute in quotes; what would steer a terminal or turn the direction of text is spelled out. */
export function escape(text: string): string {
  return visibleLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
