/**
 * Anchors, aliases and tags: what stands before a node, or for one.
 *
 * Follows `yaml_parser_scan_anchor` and `yaml_parser_scan_tag` in `scannerc.go` of go.yaml.in/yaml/v2 v2.4.2,
 * a port of libyaml (MIT, licenses/go-yaml/LICENSE.libyaml).
 */
import { EXCLAMATION, GREATER_THAN, isBlankBreakOrEnd, isWord, LESS_THAN, PERCENT } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { YamlProblem } from './yaml-problem.ts';

/** Reads the name after `&` or `*`; unlike in YAML 1.2, `*name:` is the alias `name` and a colon. */
export function scanAnchorName(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at += 1;
  while (isWord(cursor.code)) cursor.at += 1;
  const name = cursor.text.slice(start + 1, cursor.at);
  if (name === '' || !(isBlankBreakOrEnd(cursor.code) || '?:,]}%@`'.includes(cursor.text.charAt(cursor.at))))
    throw new YamlProblem('& and * must be followed by a name of letters, digits, - or _', cursor.at);
  return name;
}

const LONG_PREFIX = 'tag:yaml.org,2002:';

/**
 * Reads a tag and gives its long form: `!!int` is `tag:yaml.org,2002:int`, `!custom` stays, `!` alone too.
 *
 * @throws {YamlProblem} for a handle (`!k!name`) as well: a %TAG directive would have to declare it
 */
export function scanTag(cursor: Cursor): string {
  const start = cursor.at;
  let tag: string;
  if (cursor.text.charCodeAt(start + 1) === LESS_THAN) {
    cursor.at += 2;
    tag = scanUri(cursor, '');
    if (cursor.code !== GREATER_THAN) throw new YamlProblem('the tag must end with >', cursor.at);
    cursor.at += 1;
  } else {
    cursor.at += 1;
    while (isWord(cursor.code)) cursor.at += 1;
    const word = cursor.text.slice(start + 1, cursor.at);
    if (cursor.code !== EXCLAMATION) {
      tag = `!${scanUri(cursor, word, true)}`;
    } else if (word === '') {
      cursor.at += 1;
      tag = LONG_PREFIX + scanUri(cursor, '');
    } else {
      throw new YamlProblem('the tag must not begin with a handle, as no %TAG directive can declare it', start);
    }
  }
  if (!isBlankBreakOrEnd(cursor.code)) throw new YamlProblem('a blank or a line break must follow the tag', cursor.at);
  return tag;
}

const URI_CHARACTER = /[-0-9A-Za-z_;/?:@&=+$,.!~*'()[\]]/;

function scanUri(cursor: Cursor, head: string, mayBeEmpty = false): string {
  let uri = head;
  for (;;) {
    if (cursor.code === PERCENT) {
      uri += scanEscapedCharacter(cursor);
    } else if (URI_CHARACTER.test(cursor.text.charAt(cursor.at))) {
      uri += cursor.text.charAt(cursor.at);
      cursor.at += 1;
    } else if (uri === '' && !mayBeEmpty) {
      throw new YamlProblem('the tag must have a name', cursor.at);
    } else {
      return uri;
    }
  }
}

/** One character in UTF-8, each byte as `%` and two digits. */
function scanEscapedCharacter(cursor: Cursor): string {
  const bytes: number[] = [];
  let length = 1;
  do {
    const match = /^%([0-9a-fA-F]{2})$/.exec(cursor.text.slice(cursor.at, cursor.at + 3));
    if (match === null) throw new YamlProblem('% in a tag must be followed by two hexadecimal digits', cursor.at);
    const byte = parseInt(match[1] ?? '', 16);
    if (bytes.length === 0) length = sequenceLength(byte);
    if (bytes.length === 0 ? length === 0 : (byte & 0xc0) !== 0x80)
      throw new YamlProblem('the bytes that a tag writes with % must be UTF-8', cursor.at);
    bytes.push(byte);
    cursor.at += 3;
  } while (bytes.length < length);
  return Buffer.from(bytes).toString('utf8');
}

/** How many bytes a character takes in UTF-8, by its first; 0 for what cannot be the first. */
function sequenceLength(byte: number): number {
  if ((byte & 0x80) === 0) return 1;
  if ((byte & 0xe0) === 0xc0) return 2;
  if ((byte & 0xf0) === 0xe0) return 3;
  return (byte & 0xf8) === 0xf0 ? 4 : 0;
}
