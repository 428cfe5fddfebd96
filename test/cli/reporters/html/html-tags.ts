/** Pages, read as a strict parser would. */

/** The tags in their order; throws where one is not closed, or text holds what is not escaped. */
export function tagsOf(html: string): string[] {
  // Of HTML; SVG closes its own with a slash.
  const VOID = ['meta', 'input'];
  const open: string[] = [];
  const tags: string[] = [];
  const body = html.replace('<!doctype html>', '').replace(/<(style|script)>[^]*?<\/\1>/g, '');
  for (const [, tag = '', text = ''] of body.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/[<>]/.test(text) || /&(?!amp;|lt;|gt;|quot;)/.test(text + tag)) throw new Error(`not escaped: ${tag} ${text}`);
    const name = /^\/?([a-z][a-z0-9]*)/.exec(tag)?.[1] ?? '';
    if (name === '') throw new Error(`no tag: ${tag}`);
    if (tag.startsWith('/')) {
      if (open.pop() !== name) throw new Error(`</${name}> does not close what is open`);
    } else {
      tags.push(tag);
      if (!VOID.includes(name) && !tag.endsWith('/')) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  return tags;
}
