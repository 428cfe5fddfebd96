/** The JSON Schema of a finding, alone and with its place in a file. */
import { REPORTED_MODES } from '../../offline/finding.ts';
import { count, exact, nullable, string, withOptional } from './json-schema.ts';

const FINDING = {
  rule: {
    ...string,
    description: 'A rule id; well-formed for an object that cannot be judged, and valid-object for what the API server itself refuses.',
  },
  mode: {
    ...string,
    enum: [...REPORTED_MODES],
    description:
      'What becomes of it: enforce denies, warn warns, audit records; repair: podgrace repairs it at admission; would: it would, if the policy let it.',
  },
  message: {
    ...string,
    description:
      'Of a rule, starts with "must", and says the value and the required value. Of valid-object, has the words of the API server.',
  },
  field: { ...string, description: 'The field path as the API server prints it.' },
  container: { ...nullable('string'), description: 'Null where the finding is about no single container.' },
  fix: { ...string, description: 'What the author of the manifest can do.' },
};
export const finding = exact(FINDING);
export const locatedFinding = withOptional(
  exact({
    ...FINDING,
    line: { ...count, description: 'In the file, from 1: of the field, or of the nearest field or element around it that the file has.' },
    column: { ...count, description: 'From 1, in UTF-16 code units.' },
    endLine: { ...count, description: 'The last line of the field; of what is not set, the line itself.' },
  }),
  {
    renderedLine: {
      ...count,
      description:
        'In what helm or kustomize wrote, where the place of the field in the file is not sure: then line is that of a field around it, or 1.',
    },
  },
);
