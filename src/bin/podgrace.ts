#!/usr/bin/env node
/**
 * The program `podgrace`: looks at the version of Node.js before it loads anything that an old one cannot read.
 * npm only warns of `engines`; without this an old Node.js would answer with a stack trace.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { nodeProblem } from './node-version.ts';

const manifest = createRequire(import.meta.url)('../../package.json') as { version: string; engines: { node: string } };
const problem = nodeProblem(process.versions.node, manifest.engines.node);

if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
} else if (!isVersionTold(process.argv.slice(2))) {
  void import('./command-line.ts');
}

/** Answers `--version`, if this is all that is asked for, without the command line. False also where it cannot be written: the command line says why. */
function isVersionTold([option, ...others]: readonly string[]): boolean {
  if ((option !== '--version' && option !== '-V') || others.length > 0) return false;
  try {
    writeSync(1, `${manifest.version}\n`);
    return true;
  } catch {
    return false;
  }
}
