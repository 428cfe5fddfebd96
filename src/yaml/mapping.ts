/** What a mapping of YAML becomes: an object that is no list. This folder imports no JSON of `core`. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
