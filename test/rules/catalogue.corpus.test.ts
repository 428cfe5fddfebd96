import assert from 'node:assert/strict';
import t from 'tap';
import { readSubject } from '../../src/core/subject.ts';
import { readManifests, skipWithoutCorpus } from '../core/corpus.ts';
import { readGolden, skipWithoutGolden } from '../core/golden.ts';
import { FROM_FILE, FROM_USER, READING } from '../core/subject-of.ts';
import { atLeast } from '../long-tests.ts';
import { findInvalid } from './api-validation.ts';
import { DRAWS_OF_AN_ORDER, LAWS, policyOf, repair, type Choice, type Repaired } from './catalogue-laws.ts';

const CHOICES: readonly { readonly minor: number; readonly choice: Choice }[] = [
  { minor: 35, choice: { carrier: 'init-container', class: 'Guaranteed' } },
  { minor: 36, choice: { carrier: 'auto', class: 'Burstable' } },
];

interface Document {
  readonly file: string;
  readonly doc: unknown;
  readonly admitted: boolean;
}

/** Every Pod of the documents that the API server accepts, repaired in the ways of `CHOICES`. */
function repairedPods(documents: readonly Document[]): { readonly file: string; readonly repaired: Repaired }[] {
  return CHOICES.flatMap(({ minor, choice }) =>
    documents.flatMap(({ file, doc, admitted }, index) => {
      const reading = readSubject(doc, { ...READING, kubernetesMinor: minor, trust: admitted ? FROM_USER : FROM_FILE });
      if (reading.outcome !== 'subject' || findInvalid(reading.subject.pod, `1.${minor}`).length > 0) return [];
      const draws = Array.from({ length: DRAWS_OF_AN_ORDER }, (_, place) => index * 31 + place * 17);
      return [{ file, repaired: repair(policyOf(minor, choice), reading.subject, draws) }];
    }),
  );
}

function breaks(law: (repaired: Repaired) => void, repaired: Repaired): boolean {
  try {
    law(repaired);
    return false;
  } catch (error) {
    if (error instanceof assert.AssertionError) return true;
    throw error;
  }
}

void t.test('files of the corpus keep the laws', { skip: skipWithoutCorpus() }, (t) => {
  const pods = repairedPods(readManifests().map(({ file, doc }) => ({ file, doc, admitted: false })));
  t.ok(pods.length > atLeast(8000), `${pods.length} Pods`);
  for (const [name, law] of Object.entries(LAWS)) {
    const broken = pods.filter(({ repaired }) => breaks(law, repaired));
    t.same(
      broken.map(({ file }) => file),
      [],
      name,
    );
  }
  t.end();
});

void t.test('Pods that a real API server stored keep the laws', { skip: skipWithoutGolden() }, (t) => {
  const stored = readGolden('pods').filter(({ code }) => code === 201);
  const pods = repairedPods(stored.map(({ file, stored }) => ({ file, doc: stored, admitted: true })));
  t.ok(pods.length > atLeast(8000), `${pods.length} Pods`);
  for (const [name, law] of Object.entries(LAWS)) {
    const broken = pods.filter(({ repaired }) => breaks(law, repaired));
    t.same(
      broken.map(({ file }) => file),
      [],
      name,
    );
  }
  t.end();
});
