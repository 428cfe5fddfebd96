import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { NO_REVIEWS } from '../../admission/corpus-reviews.ts';
import { IS_LONG } from '../../long-tests.ts';
import { parsedReport, podgrace, ROOT } from '../command-line.ts';

const FOLDER = resolve(ROOT, process.env['PODGRACE_CORPUS'] ?? '../shared/corpus', 'reviews');

interface Report {
  readonly results: readonly { readonly source: string; readonly validate: { readonly allowed: boolean } }[];
  readonly errors: readonly { readonly source: string; readonly message: string }[];
  readonly summary: Readonly<Record<string, number>>;
}

void t.test('every recorded review of the corpus gets a decision, or a stated error', { skip: NO_REVIEWS }, async (t) => {
  for (const preset of IS_LONG ? ['baseline', 'production', 'strict'] : ['production']) {
    const { code, stdout, stderr } = await podgrace(['replay', '-o', 'json', '--preset', preset, FOLDER]);
    const { results, errors, summary } = parsedReport('replay', stdout) as Report;
    const files = readdirSync(FOLDER);
    const answered = [...results, ...errors].map(({ source }) => source.slice(FOLDER.length + 1).replace(/:\d+$/, ''));
    t.same(answered.sort(), files.sort(), 'each file once');
    t.same(
      [...new Set(errors.map(({ message }) => message))].sort(),
      [
        "apiVersion must be 'admission.k8s.io/v1', the only version that podgrace speaks",
        'request must be an object',
        'request.operation must be one of CREATE, UPDATE, DELETE, CONNECT',
        'request.uid must be a string that is not empty',
      ],
      'nothing else is wrong with them',
    );
    t.equal((summary['reviews'] ?? 0) + (summary['errors'] ?? 0), files.length);
    t.equal(results.filter(({ validate }) => !validate.allowed).length, summary['denied']);
    t.same([code, stderr], [2, '']);
    t.comment(`${preset}: ${JSON.stringify(summary)}`);
  }
});
