import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { ONLY_LONG } from '../long-tests.ts';
import { ROOT } from './command-line.ts';

interface Heap {
  /** Of the young generation, in MiB. */
  readonly young: number;
  /** How often V8 has collected old objects. */
  readonly majors: number;
  /** Whether V8 takes code that it has compiled before the steps. */
  readonly takesCode: boolean;
}

/** A process that makes objects without end, of which some live for a while. */
async function heapAfter(step: string, end: string): Promise<Heap> {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { PerformanceObserver, constants } from 'node:perf_hooks';
    import { Script } from 'node:vm';
    import { SteadyMemory } from './src/cli/steady-memory.ts';
    const cachedData = new Script('(function one() { return 1; })()').createCachedData();
    let majors = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) majors += 1;
    });
    observer.observe({ entryTypes: ['gc'] });
    const memory = new SteadyMemory();
    const kept = [];
    for (let file = 0; file < 3000; file++) {
      kept[file % 300] = Array.from({ length: 4000 }, (_, index) => ({ index }));
      ${step}
    }
    ${end}
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size / 2 ** 20;
    await new Promise((resolve) => setTimeout(resolve, 50));
    observer.disconnect();
    // V8 remembers the other text itself, and looks at nothing but the length of this one.
    const takesCode = new Script('(function two() { return 2; })()', { cachedData }).cachedDataRejected === false;
    console.log(JSON.stringify({ young, majors, takesCode }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT });
  return JSON.parse(stdout) as Heap;
}

const STEPS = 'memory.step();';
const END = 'memory.end();';

void t.test(
  'V8 makes its young generation no larger, collects old objects sooner, and takes compiled code after the end',
  { skip: ONLY_LONG },
  async (t) => {
    const [steady, growing] = [await heapAfter(STEPS, END), await heapAfter('', '')];
    t.ok(growing.young > 34, `${growing.young} MiB without steps`);
    t.ok(steady.young <= 34, `${steady.young} MiB`);
    t.ok(steady.majors > growing.majors, `${steady.majors} and ${growing.majors} collections`);
    t.equal(steady.takesCode, true);
  },
);

void t.test('V8 takes no compiled code before the end', { skip: ONLY_LONG }, async (t) => {
  t.equal((await heapAfter(STEPS, '')).takesCode, false, 'its options are others');
});
