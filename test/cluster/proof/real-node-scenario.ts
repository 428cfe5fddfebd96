/** Scenarios on a node that really runs containers; skipped with the reason where there is none. */
import type { Test } from 'tap';
import { connect } from '../cluster.ts';
import { findRealNode, type RealNode } from './real-node.ts';
import { scenario, skipped } from './scenario.ts';

export function realNodeScenario(name: string, body: (t: Test, node: RealNode) => Promise<void>): void {
  scenario(name, async (t) => {
    const node = await findRealNode(connect());
    if (typeof node === 'string') skipped(t, node);
    else await body(t, node);
  });
}
