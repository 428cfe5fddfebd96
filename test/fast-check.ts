/**
 * fast-check with one seed, so that a test that fails fails again, and a red CI speaks of the change and not of the draw.
 * `PODGRACE_SEED=random` draws anew: to look for what no case has shown yet.
 */
import fc from 'fast-check';

const seed = process.env['PODGRACE_SEED'] ?? '20261128';
if (seed !== 'random') {
  if (!/^-?\d+$/.test(seed)) throw new Error(`PODGRACE_SEED=${seed}: expected a whole number, or 'random'`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}

export default fc;
