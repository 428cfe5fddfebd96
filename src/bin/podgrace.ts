#!/usr/bin/env node
/**
 * The program `podgrace`: looks at the version of Node.js before it loads anything that an old one cannot read.
 * npm only warns of `engines`; without this an old Node.js would answer with a stack trace.
 */
import { readFileSync } from 'node:fs';
import { nodeProblem } from './node-version.ts';

// eslint-disable-next-line no-restricted-properties -- a file of podgrace's own; nothing may be loaded before the version is known
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } };
const problem = nodeProblem(process.versions.node, manifest.engines.node);

if (problem === undefined) {
  await import('./command-line.ts');
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}
