import t from 'tap';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../../src/yaml/kubernetes-yaml.ts';
import { manifestOf, readWithKubectl, skipWithoutKubectl, type Answer } from './kubectl.ts';
import { SCALAR_ANSWERS } from './scalar-answers.ts';
import { SYNTAX_ANSWERS } from './syntax-answers.ts';

const ANSWERS = Object.entries({ ...SCALAR_ANSWERS, ...SYNTAX_ANSWERS });

for (const [subject, answers] of ANSWERS) {
  void t.test(`${subject} are read as kubectl reads them`, (t) => {
    for (const [text, ...expected] of answers) t.strictSame(readSpec(text), expected, JSON.stringify(text));
    t.end();
  });
}

void t.test('kubectl still answers as recorded', { skip: skipWithoutKubectl() }, (t) => {
  for (const [, answers] of ANSWERS)
    for (const [text, ...expected] of answers) t.strictSame(askKubectl(text), expected, JSON.stringify(text));
  t.end();
});

/** In a list, which is empty where the manifest is refused. */
function readSpec(text: string): unknown[] {
  const [document, ...others] = splitDocuments(manifestOf(text));
  if (document === undefined || others.length > 0) return [];
  try {
    return [specOf(parseDocument(document))];
  } catch (error) {
    if (error instanceof UnreadableDocumentError) return [];
    throw error;
  }
}

function askKubectl(text: Answer[0]): unknown[] {
  const read = readWithKubectl(manifestOf(text));
  return read === undefined ? [] : [specOf(read)];
}

function specOf(value: unknown): unknown {
  return (value as { spec: unknown }).spec;
}
