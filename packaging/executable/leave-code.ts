/**
 * Runs the command line and leaves its compiled code: `node leave-code.ts command-line.js command-line.code check FILE…`. With the same options of V8 as
 * the executable, or V8 does not take the code there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runKept, type KeptCode } from '../../src/bin/compiled-code.ts';

const [node = '', , file = '', codeFile = '', ...words] = process.argv;
const left: KeptCode = {
  read: () => undefined,
  write: ({ code }) => {
    writeFileSync(codeFile, code);
  },
};
process.argv = [node, file, ...words];
runKept({ file, text: readFileSync(file, 'latin1') }, left, createRequire(file), { leastMs: Infinity, startMs: 0 });
