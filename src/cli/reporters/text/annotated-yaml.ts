/** A JSON value as YAML, with a remark at the end of some lines. */
import { printFlowYaml } from '../../../yaml/print-yaml.ts';
import type { JsonObject } from '../../../core/json.ts';
import { pointerOf, type Step } from '../../../core/path.ts';
import { styled, text, type Text } from '../../output/text.ts';

/**
 * @param remarkOf what to say of the scalar, or the empty list or object, at a JSON Pointer
 * @returns lines that `parseDocument` reads back as the value
 */
export function annotatedYaml(value: unknown, remarkOf: (pointer: string) => string | undefined): Text[] {
  return linesOf(value, [], { first: '', rest: '' }, remarkOf);
}

/** What stands before lines. */
interface Indents {
  readonly first: string;
  readonly rest: string;
}

function linesOf(
  value: unknown,
  steps: readonly Step[],
  { first, rest }: Indents,
  remarkOf: (pointer: string) => string | undefined,
): Text[] {
  const members = Array.isArray(value)
    ? value.map((element: unknown, index) => [index, element] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value as JsonObject)
      : [];
  if (members.length === 0) {
    const remark = remarkOf(pointerOf(steps));
    const line = `${first}${printFlowYaml(value)}`;
    return [remark === undefined ? text`${line}` : text`${line}${styled('dim', `  # ${remark}`)}`];
  }
  return members.flatMap(([step, member], index) => {
    const before = index === 0 ? first : rest;
    const at = [...steps, step];
    if (typeof step === 'number') return linesOf(member, at, { first: `${before}- `, rest: `${rest}  ` }, remarkOf);
    const key = `${printFlowYaml(step)}:`;
    const isBlock = typeof member === 'object' && member !== null && Object.keys(member).length > 0;
    if (!isBlock) return linesOf(member, at, { first: `${before}${key} `, rest }, remarkOf);
    return [text`${before}${key}`, ...linesOf(member, at, { first: `${rest}  `, rest: `${rest}  ` }, remarkOf)];
  });
}
