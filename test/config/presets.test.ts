import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import type { Policy } from '../../src/core/policy.ts';
import { PRESETS } from '../../src/core/rule.ts';
import { WORKLOAD_CLASSES } from '../../src/core/workload.ts';

const POLICIES = new URL('../../deploy/policies/', import.meta.url);

/** All that a policy answers, in words. */
function answersOf(policy: Policy): unknown {
  const settings = WORKLOAD_CLASSES.map((workloadClass) => {
    const { validating, applying, suggesting } = policy.settingsFor('shop', workloadClass);
    return [validating, applying, suggesting].map((part) =>
      part.map(({ rule, mode, mutation, options }) => [rule.meta.id, mode, mutation, options]),
    );
  });
  const { name, kubernetesMinor, owned, errored, exemptions } = policy;
  const excluded = ['kube-system', 'kube-public', 'podgrace-system', 'default'].map((namespace) => policy.isExcludedNamespace(namespace));
  return { name, kubernetesMinor, owned, errored, exemptions, excluded, settings };
}

void t.test('each preset has a file to start from', (t) => {
  t.same(readdirSync(POLICIES).sort(), PRESETS.map((preset) => `${preset}.yaml`).sort());
  t.end();
});

for (const preset of PRESETS) {
  void t.test(`the file of preset ${preset} means what the preset means`, (t) => {
    const text = readFileSync(new URL(`${preset}.yaml`, POLICIES), 'utf8');
    t.same(answersOf(readPolicy(text, `${preset}.yaml`, { catalogue, nowMs: Date.now() })), answersOf(presetPolicy(preset)));
    t.equal(presetPolicy(preset).name, preset);
    t.end();
  });
}

const SEVERITY = ['off', 'audit', 'warn', 'enforce'];

void t.test('no rule is asked less of by a stricter preset', (t) => {
  for (const { meta } of catalogue.rules) {
    const { baseline, production, strict } = meta.presets;
    const severities = [baseline, production, strict].map(({ mode }) => SEVERITY.indexOf(mode));
    t.same(severities, severities.toSorted(), meta.id);
  }
  t.end();
});

void t.test('baseline denies nothing and applies only repairs that change no behaviour', (t) => {
  for (const { meta } of catalogue.rules) {
    const { mode, mutation } = meta.presets.baseline;
    t.not(mode, 'enforce', meta.id);
    if (mutation === 'apply') t.equal(meta.mutation, 'safe', meta.id);
  }
  t.end();
});
