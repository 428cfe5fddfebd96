/** What the words of a script stand for while it is followed. */
import type { Argv } from './argv.ts';
import { readsInput } from './program-length.ts';
import type { Path } from './script-path.ts';
import { literalOf, type Redirection, type Script, type SimpleCommand, type Word, type WordPart } from './shell-syntax.ts';
import { OWN_NUMBER } from './script-jobs.ts';
import { itemIn, itemsOf, listIn, withList, withoutList } from './shell-lists.ts';
import { slicedFrom, sliceIn, trimmed, trimmingIn } from './shell-slices.ts';
import { fieldsOf, isAllParameters, parameterOf, stepsOfCopy, UNKNOWN, valueOf, withValue, wordsThatSet } from './shell-values.ts';
import type { ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

type Parameter = Extract<WordPart, { readonly kind: 'parameter' }>;

export class WalkWords {
  readonly #budget: StepBudget;
  readonly #ownNumber: string;
  readonly #isBash: boolean;

  /** @param isPidOne the shell, of which `$$` is the number */
  constructor(budget: StepBudget, { isPidOne, flavour }: { readonly isPidOne: boolean; readonly flavour: ShellFlavour }) {
    this.#budget = budget;
    this.#isBash = flavour.endsWith('bash');
    this.#ownNumber = isPidOne ? '1' : OWN_NUMBER;
  }

  /**
   * The words of a command; undefined for each that is not known. What a pattern stands for matters only to what takes it for its own words:
   * to a program, `*.conf` is a file like any other.
   */
  command(words: readonly Word[], path: Path): (string | undefined)[] {
    const [first] = words;
    const name = first && literalOf(first);
    if (name === 'eval') return words.flatMap((word, index) => (index === 0 ? name : this.#evaluated(word, path)));
    const takesNames = name !== undefined && (TAKES_NAMES.has(name) || path.functions.has(name));
    return wordsThatSet(words, (word) => (takesNames ? this.expand(word, path) : withNameOfOption(word, this.#fields(word, path))));
  }

  /** Of what `eval` reads and nobody knows, the words before that: `eval "exec app $OPTIONS"`. */
  #evaluated(word: Word, path: Path): (string | undefined)[] {
    const fields = this.#fields(word, path);
    const unknown = word.parts.findIndex(({ kind }) => kind !== 'text');
    if (unknown <= 0 || !fields.includes(undefined)) return fields;
    const [before = '', after = ''] = [word.parts.slice(0, unknown), word.parts.slice(unknown)].map((parts) =>
      parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
    );
    if (!/^[\w./ -]+ $/.test(before) || /[;&|<>()\n]/.test(after)) return fields;
    const known = fieldsOf(before);
    this.#budget.spendOnList(known);
    return [...known, undefined];
  }

  /** The words that a word becomes; undefined for each that is not known, and for a pattern of names of files. */
  expand(word: Word, path: Path): (string | undefined)[] {
    const isQuoted = word.parts.every((part) => part.kind !== 'text' || part.isQuoted || !GLOB.test(part.text));
    if (!isQuoted) return [undefined];
    const isWhole = word.parts.every((part) => part.kind === 'text' || part.isQuoted || isAllParameters(word));
    const fields = this.#fields(word, path);
    return isWhole ? fields : fields.map((field) => (field !== undefined && GLOB.test(field) ? undefined : field));
  }

  #fields(word: Word, path: Path): (string | undefined)[] {
    if (isAllParameters(word)) {
      this.#budget.spend(path.parameters.length);
      return path.parameters.slice(1);
    }
    const whole = this.#whole(word, path);
    if (whole !== undefined) return whole;
    const value = this.value(word, path, BETWEEN);
    const [part, more] = word.parts;
    // `"exec $@"`: the first of the arguments ends a word, and the last begins one.
    if (value?.includes(BETWEEN) === true) return value.split(BETWEEN);
    const isSplit = value !== undefined && part?.kind === 'parameter' && more === undefined && !part.isQuoted;
    if (!isSplit) return [value];
    // What parts the words of a value then, is not followed.
    if (path.variables.has('IFS') && !/^[\w./-]*$/.test(value)) return [undefined];
    const fields = fieldsOf(value);
    this.#budget.spendOnList(fields);
    return fields;
  }

  /** The words that `"${A[@]}"`, `"${@:-app}"` and `${1+"$@"}` become; undefined for any other word. */
  #whole(word: Word, path: Path): (string | undefined)[] | undefined {
    const list = listIn(word);
    if (list !== undefined) return this.#items(list, path);
    const slice = this.#slice(word, path);
    if (slice !== undefined) return slice;
    const part = chosenParameter(word);
    if (part === undefined || path.parameters.includes(undefined)) return undefined;
    const { parameters } = path;
    const isThere = isSet(part, parameters);
    if (part.operator.endsWith('+')) return isThere ? this.#alternative(part.argument, part.isQuoted, path) : [];
    if (part.name !== '@') return undefined;
    if (isThere) return parameters.slice(1);
    const value = this.value(part.argument, path);
    return part.isQuoted || value === undefined ? [value] : fieldsOf(value);
  }

  /** The words that `"${@:2}"` and `"${A[@]:1}"` of bash become; undefined for any other word. */
  #slice({ parts: [part, more] }: Word, path: Path): (string | undefined)[] | undefined {
    if (part?.kind !== 'parameter' || more !== undefined || part.argument === undefined || !this.#isBash) return undefined;
    const { name, operator, argument, isQuoted } = part;
    const isOfList = operator === '[@';
    if (!isOfList && (name !== '@' || operator !== ':')) return undefined;
    const text = this.value(argument, path);
    const slice = sliceIn(isOfList ? /^\]:(.*)$/s.exec(text ?? '')?.[1] : text);
    const items = isOfList ? itemsOf(path.variables, name) : path.parameters;
    if (slice === undefined || items === undefined) return undefined;
    this.#budget.spendOnList(items);
    const fields = slicedFrom(items, slice);
    return isQuoted ? fields : fields.flatMap((field) => (field === undefined ? [field] : fieldsOf(field)));
  }

  /** The items of a list, `"${A[@]}"`; without quotes, each is taken apart. */
  #items({ name, isQuoted }: { readonly name: string; readonly isQuoted: boolean }, { variables }: Path): (string | undefined)[] {
    const items = itemsOf(variables, name);
    const fields = (isQuoted ? items : items?.flatMap((item) => (item === undefined ? [item] : fieldsOf(item)))) ?? [undefined];
    this.#budget.spendOnList(fields);
    return fields;
  }

  /** What `${1+tini --}` stands for: without quotes, its text is several words. */
  #alternative(word: Word, isQuoted: boolean, path: Path): (string | undefined)[] {
    const fields = this.#fields(word, path);
    const isPlain = !isQuoted && word.parts.every((part) => part.kind === 'text' && !part.isQuoted);
    return isPlain ? fields.flatMap((field) => (field === undefined ? [field] : fieldsOf(field))) : fields;
  }

  /**
   * @param between what stands between the arguments where `$@` is a part of a word; `C="$@"` takes them as one
   * @returns undefined where it is not known
   */
  value(word: Word, { variables, parameters }: Path, between = ' '): string | undefined {
    const value = valueOf(word, (part) => {
      if (part.kind === 'substitution') return nameIn(part.script);
      if (part.kind !== 'parameter') return undefined;
      if (part.operator !== '') return this.#operated(part, { variables, parameters });
      if (part.name === '$') return this.#ownNumber;
      if (part.name === '#') return parameters.includes(undefined) ? undefined : String(Math.max(0, parameters.length - 1));
      if (part.name === '@') return this.#together(parameters, between);
      // What stands between them then is the first character of IFS.
      if (part.name === '*') return variables.has('IFS') ? undefined : this.#together(parameters, ' ');
      return parameterOf(part.name, parameters, variables);
    });
    // The number of a process is known only where it stands alone.
    return word.parts.length > 1 &&
      value
        ?.replaceAll(BETWEEN, '')
        .replace(/^\w+=\0/, '')
        .includes('\0') === true
      ? undefined
      : value;
  }

  #together([, ...words]: Path['parameters'], between: string): string | undefined {
    this.#budget.spend(words.length);
    return words.includes(undefined) || words.length > MOST_TOGETHER ? undefined : words.join(between);
  }

  /** What `${1:-app}`, `${A#./}` and `${A[1]}` stand for. */
  #operated(part: Parameter, known: Pick<Path, 'variables' | 'parameters'>): string | undefined {
    const item = itemIn(part);
    if (item !== undefined) return this.#isBash ? itemsOf(known.variables, item.name)?.at(item.at) : undefined;
    const trimming = trimmingIn(part);
    if (trimming === undefined) return this.#orElse(part, known);
    const value = parameterOf(part.name, known.parameters, known.variables);
    if (value === undefined || value.includes('\0')) return undefined;
    this.#budget.spend(value.length);
    return trimmed(value, trimming);
  }

  /** `${1:-app}`, `${CMD-app}`: what the script itself has set or was given, or else the word behind it. */
  #orElse({ name, operator, argument }: Parameter, known: Pick<Path, 'variables' | 'parameters'>): string | undefined {
    const { variables, parameters } = known;
    if ((operator !== ':-' && operator !== '-') || argument === undefined) return undefined;
    const isArgument = /^\d+$/.test(name);
    // What the image or the Pod has set is not known.
    if (isArgument ? parameters.includes(undefined) : variables.get(name) === undefined) return undefined;
    const value = parameterOf(name, parameters, variables);
    const isMissing = value === undefined || (value === '' && operator === ':-');
    return isMissing
      ? valueOf(argument, (part) =>
          part.kind === 'parameter' && part.operator === '' ? parameterOf(part.name, parameters, variables) : undefined,
        )
      : value;
  }

  /** The path after `A=b C=d`. */
  assigned({ assignments }: SimpleCommand, path: Path): Path {
    let { variables } = path;
    this.#budget.spend(assignments.length * stepsOfCopy(variables));
    for (const { name, value, list, appends } of assignments) {
      if (list === undefined) variables = withValue(withoutList(variables, name), name, value && this.value(value, path));
      else {
        const before = appends === true ? itemsOf(variables, name) : [];
        variables = withList(variables, name, before && [...before, ...list.flatMap((word) => this.expand(word, path))]);
        this.#budget.spendOnList(list);
      }
    }
    return { ...path, variables, succeeded: undefined };
  }
}

/** A parameter of the script with another word to choose: `${@:-app}`, `${1+"$@"}`. */
type ChosenParameter = Parameter & { readonly argument: Word };

/** The parameter that is all of a word; undefined for any other word. */
function chosenParameter({ parts: [part, more] }: Word): ChosenParameter | undefined {
  if (part?.kind !== 'parameter' || more !== undefined || part.argument === undefined) return undefined;
  const { argument } = part;
  return /^[@\d]+$/.test(part.name) && /^:?[-+]$/.test(part.operator) ? { ...part, argument } : undefined;
}

/** Whether a parameter counts as set; with a colon, what is empty does not. */
function isSet({ name, operator }: Parameter, parameters: Path['parameters']): boolean {
  const first = parameters[name === '@' ? 1 : Number(name)];
  if (!operator.startsWith(':')) return first !== undefined;
  return (first ?? '') !== '' || (name === '@' && parameters.length > 2);
}

/** Of `--pid=$!` the name of the option is known, and that it has a value. */
function withNameOfOption({ parts: [part, more] }: Word, fields: (string | undefined)[]): (string | undefined)[] {
  const isOption = more !== undefined && part?.kind === 'text' && /^--[a-z-]+=$/.test(part.text);
  return isOption && fields.length === 1 && fields[0] === undefined ? [part.text + UNKNOWN] : fields;
}

/** Stands between arguments that are words of their own; no text of a script has it. */
const BETWEEN = '\0 ';

/** Of so many arguments together the value would be too long to be known. */
const MOST_TOGETHER = 64;

/** `*.sh`, `app-?`, `[ab]`: which files there are, nobody knows. */
const GLOB = /[*?]|\[[^[\]]+\]/;
/** Builtins that make words the script's own. */
const TAKES_NAMES: ReadonlySet<string> = new Set(['set', '[', 'test']);

/** What `$(which app)`, `$(command -v app)` and `$(echo app)` stand for; undefined where it is not known. */
function nameIn({ lines: [line, more] }: Script): string | undefined {
  const [statement, further] = line?.statements ?? [];
  if (more !== undefined || statement === undefined || further !== undefined || statement.rest.length > 0) return undefined;
  const [command, piped] = statement.first.commands;
  if (command?.kind !== 'simple' || piped !== undefined || command.assignments.length > 0) return undefined;
  const words = command.words.map(literalOf);
  if (words.includes(undefined)) return undefined;
  const text = words.join(' ');
  return /^(?:which|command -v|type -p|echo) ([\w./+-]{1,64})$/.exec(text)?.[1];
}

/**
 * Whether `[` asks for more than the words that the script was given. Not all that may have changed a variable is followed: `.`,
 * `export $(app)`, `${A:=b}`, `let`; and whether `$(which app)` found anything is not known.
 *
 * @param mayChange a loop or a trap may change them: then `$RUN`, which stands for a command, asks for one too
 */
export function asksVariable([name, ...words]: readonly Word[], mayChange: boolean): boolean {
  if (mayChange && name?.parts.some(({ kind }) => kind === 'parameter') === true) return true;
  if (name === undefined || !/^(?:\[|test)$/.test(literalOf(name) ?? '')) return false;
  return words.some(({ parts }) =>
    parts.some(
      (part) => part.kind === 'substitution' || (part.kind === 'parameter' && (part.operator !== '' || !/^(?:\d+|[#@*])$/.test(part.name))),
    ),
  );
}

/** Whether a word that is not known may stand for `exec`: `${VAR:-exec}`, `$EXEC`, `$(echo exec)`. */
function speaksOfExec(word: Word | undefined): boolean {
  return word?.parts.some((part) => partSpeaksOfExec(part)) === true;
}

/** Whether words of which the first is not known may run `exec`: `${VAR:-exec} app`, and `${DEBUG:-} exec app`, where it stands for nothing. */
export function mayRunExec([first, second]: readonly Word[]): boolean {
  if (first === undefined || speaksOfExec(first)) return first !== undefined;
  const mayVanish = first.parts.every((part) => (part.kind === 'parameter' || part.kind === 'substitution') && !part.isQuoted);
  return mayVanish && second !== undefined && literalOf(second) === 'exec';
}

function partSpeaksOfExec(part: WordPart): boolean {
  if (part.kind === 'parameter') return !part.isQuoted && (/exec/i.test(part.name) || part.argument?.parts.some(isExec) === true);
  if (part.kind !== 'substitution' || part.isQuoted) return false;
  return part.script.lines.some(({ statements }) =>
    statements.some(({ first: { commands } }) =>
      commands.some((command) => command.kind === 'simple' && command.words.some(({ parts }) => parts.some(isExec))),
    ),
  );
}

function isExec(part: WordPart): boolean {
  return part.kind === 'text' && /^exec\b/.test(part.text);
}

/**
 * Whether a command waits for what others write, of which nobody knows when they do: `read x < pipe`, `cat <&3`, and where the shell becomes
 * the command, `cat < <(app)`.
 */
export function waitsForOthers(argv: Argv, redirections: readonly Redirection[], isTail: boolean): boolean {
  if (redirections.length === 0) return false;
  if (argv[0] === 'read' && redirections.some(isOfFile)) return true;
  return readsInput(argv) && redirections.some((redirection) => isOfDescriptor(redirection) || (isTail && isOfProcess(redirection)));
}

/** A redirection that reads a file, which may be a pipe. */
function isOfFile({ operator, target }: Redirection): boolean {
  return operator === '<' && literalOf(target) !== '/dev/null';
}

function isOfDescriptor({ operator, target }: Redirection): boolean {
  return operator === '<&' && !/^[-0]$/.test(literalOf(target) ?? '');
}

function isOfProcess({ operator, target }: Redirection): boolean {
  return operator === '<' && target.parts.some(({ kind }) => kind === 'process');
}
