/** JSON values as YAML that people paste: block style, and what is short on one line. */
import { isMapping } from './mapping.ts';
import { scalarText } from './scalar-text.ts';

/**
 * A value on one line, in flow style: `{sleep: {seconds: 5}}`.
 *
 * @param value a JSON value
 */
export function printFlowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printFlowYaml).join(', ')}]`;
  if (!isMapping(value)) return scalarText(value, { quote: '"', isFlow: true });
  return `{${Object.entries(value)
    .map(([key, member]) => `${scalarText(key, { quote: '"', isFlow: true })}: ${printFlowYaml(member)}`)
    .join(', ')}}`;
}

/**
 * A value as lines without line ends. Lists stand two columns further right than their key; a list of scalars that fits stays on
 * one line.
 *
 * @param value a JSON value; what it is read back as (`parseDocument`)
 */
export function printYaml(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((element) => withPrefix('- ', printYaml(element)));
  if (!isMapping(value) || Object.keys(value).length === 0) return [printFlowYaml(value)];
  return Object.entries(value).flatMap(([key, member]) => {
    const name = scalarText(key, { quote: '"' });
    if (!isBlock(member)) return [`${name}: ${printFlowYaml(member)}`];
    return [`${name}:`, ...printYaml(member).map((line) => `  ${line}`)];
  });
}

/** Lists of scalars are read at a glance up to here. */
const FLOW_LENGTH = 80;

function isBlock(value: unknown): boolean {
  if (isMapping(value)) return Object.keys(value).length > 0;
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.some((element) => typeof element === 'object' && element !== null) || printFlowYaml(value).length > FLOW_LENGTH;
}

function withPrefix(prefix: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${index === 0 ? prefix : ' '.repeat(prefix.length)}${line}`);
}
