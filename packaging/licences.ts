/** The licences of the packages whose code is in a bundle: who gets the bundle gets them with it. */
import type { Metafile } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(?:licen[cs]e|notice|copying)(?:[-.][\w.-]+)?$/i;
const README = /^readme(?:\.\w+)?$/i;
/** Those that ask nobody to pass them on. */
const PUBLIC_DOMAIN: readonly unknown[] = ['0BSD', 'CC0-1.0', 'Unlicense'];
const LINE = `${'-'.repeat(80)}\n`;

/**
 * @param metafiles what the bundler says of each bundle
 * @param root where node_modules is
 * @returns a text with the licence of each package, by name
 * @throws {Error} for a package that shows none: it must not be shipped unseen
 */
export function licencesOf(metafiles: readonly Metafile[], root: string): string {
  const files = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => licenceOf(folder, root));
  return ['Code of these npm packages is part of podgrace as it is shipped.\n', ...texts].join(LINE);
}

function licenceOf(folder: string, root: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const title = `${String(name)} ${String(version)} (${String(license)})`;
  const none = PUBLIC_DOMAIN.includes(license) ? [] : undefined;
  const texts = licenceFiles(join(root, folder)) ?? licenceInReadme(join(root, folder), license, root) ?? none;
  if (texts === undefined) throw new Error(`${title} has no licence file in ${folder}, and no section on it in its README`);
  return [title, ...texts].map((text) => `${text.trim()}\n`).join('\n');
}

function licenceFiles(folder: string): string[] | undefined {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  return files.length === 0 ? undefined : files.sort().map((file) => readFileSync(join(folder, file), 'utf8'));
}

/** Some packages name the holder of the copyright there, and the licence by its name alone: the text comes from licenses/MIT. */
function licenceInReadme(folder: string, license: unknown, root: string): string[] | undefined {
  const readme = readdirSync(folder).find((file) => README.test(file));
  if (readme === undefined || license !== 'MIT') return undefined;
  const section = /^#+ *licen[cs]e$(.*?)(?=^#|(?![^]))/ims.exec(readFileSync(join(folder, readme), 'utf8'))?.[1];
  return section === undefined ? undefined : [section, readFileSync(join(root, 'licenses/MIT/LICENSE'), 'utf8')];
}
