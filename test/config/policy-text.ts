/** Policies as text, and what is wrong with them. */
import { readPolicy } from '../../src/config/policy-file.ts';
import { PolicyError } from '../../src/config/policy-problem.ts';
import { Catalogue } from '../../src/core/catalogue.ts';
import type { Policy } from '../../src/core/policy.ts';
import initProcess from '../../src/rules/init-process.ts';
import memoryLimit from '../../src/rules/memory-limit.ts';
import minimumQosClass from '../../src/rules/minimum-qos-class.ts';
import preStopDelay from '../../src/rules/pre-stop-delay.ts';
import tolerationSeconds from '../../src/rules/toleration-seconds.ts';

const NOW_MS = Date.UTC(2026, 10, 22);

/** Few rules, so that a new one changes no message here. */
const FEW = new Catalogue([initProcess, memoryLimit, minimumQosClass, preStopDelay, tolerationSeconds]);

/** @param spec the lines below `spec:`, without their indentation */
export function policyText(...spec: string[]): string {
  const head = ['apiVersion: podgrace.dev/v1alpha1', 'kind: LifecyclePolicy', 'metadata: {name: test}', 'spec:', '  preset: strict'];
  return [...head, ...spec.map((line) => `  ${line}`), ''].join('\n');
}

export function read(text: string, rules = FEW): Policy {
  return readPolicy(text, 'policy.yaml', { catalogue: rules, nowMs: NOW_MS });
}

/** The lines of the error's message, empty where the policy is accepted. */
export function problemsOf(text: string, rules = FEW): string[] {
  try {
    read(text, rules);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.message.split('\n');
  }
}

/** The same, without file and line. */
export function messagesOf(...spec: string[]): string[] {
  return problemsOf(policyText(...spec)).map((line) => line.replace(/^policy\.yaml:\d+: /, ''));
}
