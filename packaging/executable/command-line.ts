/** In the executable, in place of src/bin/command-line.ts: the same, with the compiled code that the build left. */
import { getAsset, getRawAsset } from 'node:sea';
import path from 'node:path';
import { debuglog } from 'node:util';
import { runKept, RUNS_TOGETHER, type KeptCode } from '../../src/bin/compiled-code.ts';

/** It is read where it stands in the executable, and nothing may be written there. `NODE_DEBUG=podgrace` says where V8 did not take it. */
const inside: KeptCode = {
  read: () => ({ code: Buffer.from(getRawAsset('command-line.code')), runs: RUNS_TOGETHER }),
  write: () => {
    debuglog('podgrace')('the compiled code was made for another V8, or for other options of it');
  },
};

runKept(
  { file: path.join(path.dirname(process.execPath), 'command-line.js'), text: getAsset('command-line.js', 'latin1') },
  inside,
  require,
);
