/** What is said of texts that kubectl refuses too; that it does is in syntax-answers.ts and scalar-answers.ts. */
import t from 'tap';
import { constructDocument } from '../../src/yaml/construct.ts';

const PROBLEMS: readonly (readonly [text: string, message: string])[] = [
  ['a: [}', 'a value must stand here'],
  ['a: [1 2', 'a comma or ] must stand here'],
  ['a: {b: 1 c [', 'a comma or } must stand here'],
  ['- 1\nb: 2', 'a list entry (-) must stand here: check the indentation'],
  ['a: 1\n- 2', 'a key must stand here: check the indentation'],
  ['a: - 1', 'a list entry (-) cannot stand here: check the indentation'],
  ['a: ? b', 'a key (?) cannot stand here: check the indentation'],
  ['a: b: c', 'a key cannot stand here: check the indentation, and put text that holds ": " in quotes'],
  ['a: 1\nb', 'a ":" must follow the key on its line'],
  ['a: @b', 'a value must not begin with @: put it in quotes'],
  ['a: `b`', 'a value must not begin with `: put it in quotes'],
  ['\ta: 1', 'the indentation must be of spaces, but here is a tab'],
  ['a: b\n\tc', 'the indentation must be of spaces, but here is a tab'],
  ['a: |\n\tb', 'the indentation must be of spaces, but here is a tab'],
  ['%YAML 1.1', 'must not hold a directive (%): kubectl splits a file at its --- lines, and then refuses the part with the directive'],
  ['a: &', '& and * must be followed by a name of letters, digits, - or _'],
  ['a: !<x', 'the tag must end with >'],
  ['a: !k!x 1', 'the tag must not begin with a handle, as no %TAG directive can declare it'],
  ['a: !!int{', 'a blank or a line break must follow the tag'],
  ['a: !! 1', 'the tag must have a name'],
  ['a: !%zz 1', '% in a tag must be followed by two hexadecimal digits'],
  ['a: !%ff 1', 'the bytes that a tag writes with % must be UTF-8'],
  ['a: "b', 'the text in quotes must end with its closing quote'],
  ['a: "b\n...\n"', 'the text in quotes must end before a line that begins with --- or ...'],
  ['a: "\\/"', '\\/ must not be used: YAML 1.1 has no such escape'],
  ['a: "\\xg0"', '\\x must be followed by 2 hexadecimal digits'],
  ['a: "\\ud800"', '\\ud800 must be a Unicode character, and not half of a surrogate pair'],
  ['a: |0\n b', 'the indentation of a block must be from 1 to 9, but is 0'],
  ['a: | b', 'a line break or a comment must follow | or >'],
  ['a: *x', '*x must come after its anchor &x, but there is none before it'],
  ['a: &x [*x]', '*x must not stand within &x, its own anchor'],
  ['<<: 1', '<< must have an object or a list of objects as its value'],
  ['? [a]\n: 1', 'a key must not be an object or a list'],
  ['a: !!int b', 'must be of type int, as its tag says, but is `b`'],
  ['a: !!binary b', 'the value of !!binary must be base64'],
  ['a: !!binary /w==', 'the value of !!binary must be UTF-8, as JSON cannot hold other bytes'],
];

void t.test('each problem says what must be', (t) => {
  for (const [text, message] of PROBLEMS) t.throws(() => constructDocument(text), { name: 'YamlProblem', message }, JSON.stringify(text));
  t.end();
});
