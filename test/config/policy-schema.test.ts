import { Ajv } from 'ajv';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { policySchema } from '../../src/config/policy-schema.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { PRESETS, type JsonSchema } from '../../src/core/rule.ts';

const SCHEMA = policySchema(catalogue);

interface Part {
  readonly path: string;
  readonly schema: JsonSchema;
}

/** The schema and everything inside it that says how a value must be. */
function partsOf(schema: JsonSchema, path = ''): Part[] {
  const { properties = {}, items } = schema as { properties?: Record<string, JsonSchema>; items?: JsonSchema };
  return [
    { path, schema },
    ...Object.entries(properties).flatMap(([name, property]) => partsOf(property, `${path}.${name}`)),
    ...(items === undefined ? [] : partsOf(items, `${path}[]`)),
  ];
}

function pathsWhere(isWrong: (part: Part) => boolean): string[] {
  return partsOf(SCHEMA)
    .filter(isWrong)
    .map(({ path }) => path);
}

void t.test('the schema is one, to the letter', (t) => {
  // `strictRequired` wants each branch of an anyOf to repeat the properties that it asks for.
  const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true });
  t.ok(ajv.validateSchema(SCHEMA));
  t.ok(ajv.compile(SCHEMA));
  t.end();
});

void t.test('each preset satisfies it', (t) => {
  const validate = new Ajv().compile(SCHEMA);
  for (const preset of PRESETS) t.ok(validate(presetDocument(preset)), preset);
  t.end();
});

void t.test('it names every rule of the catalogue wherever one can be named', (t) => {
  const ids = catalogue.rules.map(({ meta }) => meta.id).sort();
  const parts = new Map(partsOf(SCHEMA).map(({ path, schema }) => [path, schema]));
  for (const path of ['.spec.rules', '.spec.overrides[].rules']) t.same(Object.keys(parts.get(path)?.['properties'] ?? {}), ids, path);
  t.same(parts.get('.spec.exemptions[].rule')?.['enum'], ids);
  t.end();
});

void t.test('what is not known is refused everywhere but in metadata', (t) => {
  t.same(
    pathsWhere(({ schema }) => schema['type'] === 'object' && schema['additionalProperties'] !== false),
    ['.metadata'],
  );
  t.end();
});

void t.test('every part has one type, as a CRD’s structural schema demands', (t) => {
  const types = ['string', 'integer', 'number', 'boolean', 'array', 'object'];
  t.same(
    pathsWhere(({ schema }) => !types.includes(String(schema['type']))),
    [],
  );
  t.same(
    pathsWhere(({ schema }) => (schema['type'] === 'array') !== (schema['items'] !== undefined)),
    [],
  );
  t.end();
});

/** Kubernetes JSONSchemaProps (apiextensions v1), as far as it is used here; `additionalProperties: false` is what pruning does. */
const KEYWORDS = new Set([
  ...['$schema', '$id', 'title', 'description', 'type', 'default', 'enum', 'pattern', 'required', 'properties', 'additionalProperties'],
  ...['items', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'anyOf'],
]);

void t.test('it uses only what a CRD’s structural schema can hold', (t) => {
  t.same(
    pathsWhere(({ schema }) => Object.keys(schema).some((keyword) => !KEYWORDS.has(keyword))),
    [],
  );
  const branches = partsOf(SCHEMA).flatMap(({ schema }) => (schema['anyOf'] as object[] | undefined) ?? []);
  t.same(
    branches.filter((branch) => Object.keys(branch).join() !== 'required'),
    [],
    'anyOf only says which of several must be there',
  );
  t.end();
});

void t.test('every pattern is one of Go’s as well, and is explained', (t) => {
  t.same(
    pathsWhere(({ schema }) => typeof schema['pattern'] === 'string' && /\(\?|\\[1-9bBpP]/.test(schema['pattern'])),
    [],
    'no look-around, no back reference',
  );
  t.same(
    pathsWhere(({ schema }) => schema['pattern'] !== undefined && !schema['description']),
    [],
  );
  t.end();
});

void t.test('every option of every rule is described', (t) => {
  t.same(
    pathsWhere(({ path, schema }) => path.includes('.options.') && !path.endsWith('[]') && !schema['description']),
    [],
  );
  t.end();
});

void t.test('no number is without bounds, no option of a rule at least', (t) => {
  t.same(
    pathsWhere(
      ({ schema: { type, minimum, maximum } }) =>
        (type === 'integer' || type === 'number') && (minimum === undefined || maximum === undefined),
    ),
    [],
  );
  t.end();
});
