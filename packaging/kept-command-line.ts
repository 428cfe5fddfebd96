/**
 * The command line of the bundle, run from the file beside this one: in place of src/bin/command-line.ts (bundle.ts), so that its
 * compiled code can be kept.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { CompiledCode, keptCodeFolder, runKept } from '../src/bin/compiled-code.ts';

/** Of the text of command-line.js; the bundler puts it here. */
declare const COMMAND_LINE_DIGEST: string;

/** Commands that people and their tools run again and again. Each calls other functions, and so has code of its own. */
const KEPT = ['check', 'complete', 'explain', 'fix', 'replay'];

const file = path.join(import.meta.dirname, 'command-line.js');
const [, , command = ''] = process.argv;
const folder = KEPT.includes(command) ? keptCodeFolder(process.env, process.platform, os.homedir()) : undefined;
const kept = folder === undefined ? undefined : new CompiledCode(folder, command, COMMAND_LINE_DIGEST);
runKept({ file, text: fs.readFileSync(file, 'latin1') }, kept, createRequire(file));
