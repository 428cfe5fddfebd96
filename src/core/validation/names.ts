/**
 * What is wrong with names and labels. Mirrors k8s.io/apimachinery `pkg/util/validation/validation.go` and
 * `pkg/api/validate/content`, read at 1.36.3.
 */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const IS_LABEL = new RegExp(`^${LABEL}$`);
const IS_SUBDOMAIN = new RegExp(`^${SUBDOMAIN}$`);
const IS_KEY = new RegExp(`^${KEY}$`);

/** IsDNS1123Label: the name of a container or a volume. */
export function problemsOfLabel(name: string): string[] {
  const problems = name.length > 63 ? [tooLong(63)] : [];
  if (IS_LABEL.test(name)) return problems;
  const asks =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...problems, IS_SUBDOMAIN.test(name) ? 'must not contain dots' : asksForForm(asks, LABEL, ['my-name', '123-abc'])];
}

/** IsDNS1123Subdomain: the name of most objects. */
export function problemsOfSubdomain(name: string): string[] {
  const problems = name.length > 253 ? [tooLong(253)] : [];
  if (IS_SUBDOMAIN.test(name)) return problems;
  const asks =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...problems, asksForForm(asks, SUBDOMAIN, ['example.com'])];
}

/** IsValidPortName. */
export function problemsOfPortName(name: string): string[] {
  return [
    ...(name.length > 15 ? [tooLong(15)] : []),
    ...(/^[-a-z0-9]+$/.test(name) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(name) ? [] : ['must contain at least one letter (a-z)']),
    ...(name.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(/^-|-$/.test(name) ? ['must not begin or end with a hyphen'] : []),
  ];
}

/** IsValidPortNum. */
export function problemsOfPort(port: number): string[] {
  return port >= 1 && port <= 65_535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** IsQualifiedName: the key of a label or a toleration, and the name of a resource. */
export function problemsOfKey(key: string): string[] {
  const asks = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const form = (): string => asksForForm(asks, KEY, ['MyName', 'my.name', '123-abc']);
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) return [`a valid label key ${form()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const [prefix] = parts.length === 2 ? parts : [];
  const ofPrefix = prefix === undefined ? [] : prefix === '' ? ['must be non-empty'] : problemsOfSubdomain(prefix);
  return [
    ...ofPrefix.map((problem) => `prefix part ${problem}`),
    ...(name === '' ? ['name part must be non-empty'] : name.length > 63 ? ['name part must be no more than 63 bytes'] : []),
    ...(IS_KEY.test(name) ? [] : [`name part ${form()}`]),
  ];
}

/** IsValidLabelValue. */
export function problemsOfLabelValue(value: string): string[] {
  const asks =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [
    ...(value.length > 63 ? ['must be no more than 63 bytes'] : []),
    ...(value === '' || IS_KEY.test(value) ? [] : [asksForForm(asks, `(${KEY})?`, ['MyValue', 'my_value', '12345'])]),
  ];
}

/** IsRelaxedEnvVarName, which every version since 1.34 asks for. */
export function problemsOfVariable(name: string): string[] {
  return /^[ -<>-~]+$/.test(name)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

function tooLong(characters: number): string {
  return `must be no more than ${characters} characters`;
}

/** RegexError. */
function asksForForm(asks: string, form: string, examples: readonly string[]): string {
  return `${asks} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${form}')`;
}
