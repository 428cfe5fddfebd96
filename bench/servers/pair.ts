/** The serving pair of every server here, from the environment, so that all have the same. */
import { readFileSync } from 'node:fs';

function fromEnvironment(name: string): Buffer {
  const file = process.env[name];
  if (file === undefined) throw new Error(`${name} must name a PEM file`);
  return readFileSync(file);
}

export const pair = { cert: fromEnvironment('BENCH_CERT'), key: fromEnvironment('BENCH_KEY') };
