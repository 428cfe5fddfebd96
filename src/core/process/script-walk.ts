/**
 * Follows a shell script to the moment in which its container lives: what runs when the stop signal comes, and whether the
 * shell is still PID 1 then.
 *
 * This is not a shell. It follows both ways of a condition that is not constant, goes through a loop once, and judges by the name of
 * a command how long it takes. What a shell does with its last command is in `script-tail.ts`.
 */
import { readsForGood } from './endless-read.ts';
import { afterChild, PathEnds, type ChildRun, type WalkOptions } from './script-ends.ts';
import { mayLead, type Leading } from './job-number.ts';
import { ungrouped, withJob } from './script-jobs.ts';
import { momentOf } from './script-moment.ts';
import { eachPath, goingOn, inChild, negated, only, START, statusOf, withDefinition, type Outcome, type Path } from './script-path.ts';
import { asRun, hasTail, isTailCommand, isTailScript, isTailStatement } from './script-tail.ts';
import { caseOutcome, ifOutcome } from './script-walk-branches.ts';
import { runOutcome, type CommandRunner } from './script-walk-commands.ts';
import { WalkActions } from './script-walk-exit.ts';
import { listOutcome, type ListRunner } from './script-walk-lists.ts';
import {
  CHILD,
  forOutcome,
  inLoopOf,
  loopOutcome,
  onceOutcome,
  selectOutcome,
  type LoopRunner,
  type Position,
} from './script-walk-loops.ts';
import { listsNoJobs } from './script-kill.ts';
import { holds, NO_VALUE } from './script-test.ts';
import { endsAtTest, endsAtWords } from './script-unset.ts';
import { NO_TRAPS } from './script-traps.ts';
import { NOTHING, pipeOutcome, type PipeRunner } from './script-walk-pipes.ts';
import { WalkPrograms, withWork } from './script-walk-programs.ts';
import { hasFailingRedirection, inputIsEndless, targetsOfShell, withFailedRedirection } from './script-walk-redirections.ts';
import { asksVariable, mayRunExec, waitsForOthers, WalkWords } from './script-walk-words.ts';
import { refusesCommand, refusesWords } from './shell-differences.ts';
import {
  expandedIn,
  type CaseCommand,
  type Command,
  type ForLoop,
  type Pipeline,
  type Script,
  type SimpleCommand,
  type Statement,
  type Word,
} from './shell-syntax.ts';
import { withValue } from './shell-values.ts';

/** What may be the case when the stop signal comes, under one shell. */
export function walkScript(script: Script, options: WalkOptions): PathEnds['possibilities'] {
  if (script.problem !== undefined) return [{ fate: 'unknown', pidOne: options.program, cause: 'unreadable' }];
  return new Walk(options, false).whole(script);
}

type Compound = Exclude<Command, { kind: 'simple' | 'function' | 'test' | 'coprocess' }>;

class Walk {
  readonly #options: WalkOptions;
  readonly #ends: PathEnds;
  /** How often the shell has ended at what it refuses. */
  #refusals = 0;
  /** With which status its ways have ended the shell: whether it succeeds, undefined where nobody knows. */
  readonly #statuses = new Set<boolean | undefined>();
  readonly #actions: WalkActions;
  readonly #words: WalkWords;
  readonly #loops: LoopRunner;
  readonly #lists: ListRunner;
  readonly #pipes: PipeRunner;
  readonly #commands: CommandRunner;

  /** @param isChild a child of the shell that is PID 1: whatever it becomes, the shell waits for it */
  constructor(options: WalkOptions, isChild: boolean) {
    this.#options = options;
    this.#ends = new PathEnds(options, isChild);
    this.#words = new WalkWords(options.budget, { isPidOne: options.behind === undefined, flavour: options.flavour });
    this.#lists = {
      budget: options.budget,
      flavour: options.flavour,
      pipeline: (pipeline, path, position) => this.#pipeline(pipeline, path, position),
    };
    this.#pipes = {
      budget: options.budget,
      expand: (word, path) => this.#words.expand(word, path),
      child: (command, path, position) => this.#child((walk) => walk.#command(command, path, position)),
    };
    this.#commands = {
      options,
      programs: new WalkPrograms(options, this.#ends, isChild),
      command: (command, path, position) => this.#command(command, path, position),
      script: (script, path, position) => this.#script(script, path, position),
      refused: (path) => this.#refused(path),
      over: (path, succeeded) => this.#over(path, succeeded),
      refusals: () => this.#refusals,
    };
    this.#actions = new WalkActions({
      budget: options.budget,
      flavour: options.flavour,
      script: (script, path, position) => this.#script(script, path, position),
    });
    this.#loops = {
      budget: options.budget,
      script: (script, path, position) => this.#script(script, path, position),
      stays: (path, mayLeave) => {
        this.#ends.settle(path, true, mayLeave);
      },
    };
  }

  whole(script: Script): PathEnds['possibilities'] {
    const { flavour, parameters, exitsOnError, endsAtUnset } = this.#options;
    // Only the last line may be one that the shell becomes, and only if nothing is left to read.
    const position = { ...CHILD, isTail: isTailScript(script, flavour) };
    const start: Path = this.#options.isDeaf === true ? { ...START, traps: { ...NO_TRAPS, stop: 'ignored' } } : START;
    const { open, left } = this.#script(script, { ...start, parameters, exitsOnError, endsAtUnset }, position);
    for (const path of this.#actions.atExit([...open, ...left])) this.#ends.settle(path, false);
    return this.#ends.possibilities;
  }

  /** What the shell does as a child, to its end. */
  #asChild({ open, left }: Outcome): ChildRun {
    return this.#ends.asChild({ open: this.#actions.atExit(open), left: this.#actions.atExit(left) });
  }

  /** What the shell reports as a child, where all its ways end with the same status. */
  #statusAsChild(outcome: Outcome): boolean | undefined {
    const { open, left } = outcome;
    // What it has become has a status of its own, and so may the action of a trap for its end.
    if (this.#ends.hasBecome || [...open, ...left].some(({ traps }) => traps.exit)) return undefined;
    if (this.#statuses.size === 0) return statusOf(outcome);
    const [ended] = this.#statuses;
    const isSame = this.#statuses.size === 1 && left.length === 0 && open.every(({ succeeded }) => succeeded === ended);
    return isSame ? ended : undefined;
  }

  #script(script: Script, start: Path, position: Position): Outcome {
    let open: readonly Path[] = [start];
    const left: Path[] = [];
    const lastLine = script.lines.length - 1;
    for (const [lineIndex, { statements }] of script.lines.entries()) {
      for (const [index, statement] of statements.entries()) {
        const isLast = lineIndex === lastLine && index === statements.length - 1;
        const isTail = position.isTail && isLast && isTailStatement(statements, index, this.#options.flavour);
        const outcome = eachPath(open, this.#options.budget, (path) => this.#statement(statement, path, { ...position, isTail }));
        open = outcome.open;
        for (const path of outcome.left) left.push(path);
        if (open.length === 0) return { open, left };
      }
    }
    return { open, left };
  }

  #statement(statement: Statement, path: Path, position: Position): Outcome {
    if (statement.isBackground) return { open: this.#background(statement, path, position), left: [] };
    return listOutcome(statement, path, position, this.#lists);
  }

  /** The path after `… &`, and the one on which a redirection of it has failed, so that nothing runs. */
  #background(statement: Statement, path: Path, position: Position): readonly Path[] {
    const child = new Walk(this.#options, true);
    const place = { ...position, isTail: false, hasEndlessInput: false };
    const outcome = child.#statement({ ...statement, isBackground: false }, inChild(path), place);
    const isCertain = [...outcome.open, ...outcome.left].every(({ isOpaque }) => !isOpaque);
    const { moment } = child.#asChild(outcome);
    const ways = moment !== undefined && hasFailingRedirection(statement) ? [moment, undefined] : [moment];
    const isPiped = moment !== undefined && this.#runsBeforeLast(statement, path, place);
    const leading = this.#leadingOf(statement, path);
    return ways.map((way) => withJob(path, way, isCertain, { isInLoop: position.isInLoop, isPiped, leading }));
  }

  /** After `set -m`, a job leads a group: in bash, and in others where they have a terminal. */
  #leadingOf(statement: Statement, { isMonitored }: Path): Leading {
    const { flavour, hasInput, budget } = this.#options;
    if (isMonitored && flavour.endsWith('bash')) return 'certainly';
    return (isMonitored && hasInput) || mayLead(statement, budget) ? 'maybe' : undefined;
  }

  /** Whether of a pipe in the background, of which `$!` is the last command, another one runs for long: `app | tee log &`. */
  #runsBeforeLast(statement: Statement, path: Path, place: Position): boolean {
    const {
      first: { commands },
      rest,
    } = this.#options.flavour.endsWith('bash') ? statement : ungrouped(statement);
    if (rest.length > 0 || commands.length < 2) return false;
    const others = [...commands.slice(0, -1), NOTHING];
    return this.#child(() => pipeOutcome(others, inChild(path), place, this.#pipes)).moment !== undefined;
  }

  #pipeline(pipeline: Pipeline, path: Path, position: Position): Outcome {
    const { commands, isNegated, isTimed } = asRun(pipeline, this.#options);
    const [command] = commands;
    if (command === undefined) return only(path);
    if (commands.length === 1) {
      const isTail = position.isTail && !isNegated;
      const isTested = position.isTested || isNegated;
      const outcome = this.#command(command, path, { ...position, isTail: isTail && !isTimed, isTested });
      if (isNegated) return { open: outcome.open.map(negated), left: outcome.left };
      return isTested ? outcome : this.#withEndOnError(outcome, command, position);
    }
    return pipeOutcome(commands, path, position, this.#pipes);
  }

  /** What failed for certain ends the script after `set -e`, behind the trap for that; what holds other commands has looked at those. */
  #withEndOnError(outcome: Outcome, { kind }: Command, position: Position): Outcome {
    if (kind !== 'simple' && kind !== 'test' && kind !== 'subshell') return outcome;
    const fails = (path: Path): boolean => path.succeeded === false;
    if (!outcome.open.some(fails)) return outcome;
    const failed = outcome.open.filter(fails);
    const after = position.calls > 0 ? failed : this.#actions.atError(failed);
    for (const path of after) if (path.exitsOnError) this.#over(path, false);
    return { ...outcome, open: [...outcome.open.filter((path) => !fails(path)), ...after.filter((path) => !path.exitsOnError)] };
  }

  #child(run: (walk: Walk) => Outcome): ChildRun {
    const child = new Walk(this.#options, true);
    return child.#asChild(run(child));
  }

  #command(command: Command, path: Path, position: Position): Outcome {
    this.#options.budget.spend();
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, path, position);
      case 'function':
        return only(withDefinition(path, command));
      case 'test':
        return endsAtTest(command, path, this.#options.flavour)
          ? this.#overAtUnset(path)
          : only({ ...path, succeeded: holds(command, NO_VALUE) });
      case 'coprocess':
        return only({ ...path, variables: withValue(path.variables, '!', undefined), hasJobs: true, hasWorked: true });
      default:
        break;
    }
    this.#options.budget.spendOnList(command.redirections);
    const hasEndlessInput = inputIsEndless(command.redirections, path, position);
    const inner: Position = { ...position, hasEndlessInput, isTail: position.isTail && hasTail(command, this.#options.flavour) };
    const outcome = this.#fedBy(command, path, this.#compound(command, path, inner, position));
    return withFailedRedirection(outcome, command, path, this.#options);
  }

  /** `while read line; do …; done < <(app)`, `cat < <(app)`: what reads from it waits for as long as that runs. */
  #fedBy({ redirections }: Pick<SimpleCommand, 'redirections'>, path: Path, of: Outcome): Outcome {
    let outcome = of;
    for (const { operator, target } of redirections) {
      for (const part of target.parts) {
        if (operator !== '<' || part.kind !== 'process') continue;
        const child = this.#child((walk) => walk.#script(part.script, inChild(path), CHILD));
        const back = (after: Path): Path => afterChild(after, child, { obstacle: 'pipe', isIdle: false });
        outcome = { ...outcome, open: outcome.open.map(back) };
      }
    }
    return outcome;
  }

  #compound(command: Compound, path: Path, inner: Position, position: Position): Outcome {
    const { redirections } = command;
    switch (command.kind) {
      case 'group':
        return this.#script(command.body, path, inner);
      case 'subshell':
        return this.#subshell(command.body, path, inner);
      case 'if':
        return ifOutcome(command, path, inner, this.#loops);
      case 'while':
      case 'until':
        return loopOutcome(command, { path, position: inLoopOf(inner) }, this.#loops);
      case 'for':
        return this.#for(command, path, inner, position);
      case 'other loop':
        if (command.header === undefined && !this.#options.hasInput && redirections.length === 0) return selectOutcome(path, position);
        return onceOutcome(command.body, { path, position: inLoopOf(inner) }, [path], this.#loops);
      case 'case':
        return this.#case(command, path, inner, position);
    }
  }

  #for(command: ForLoop, path: Path, inner: Position, position: Position): Outcome {
    const { budget, flavour } = this.#options;
    const { words } = command;
    budget.spendOnWords(words ?? []);
    if (refusesWords(words ?? [], flavour)) return this.#refused(path);
    if (endsAtWords(words ?? [], path)) return this.#overAtUnset(path);
    if (words?.every((word) => listsNoJobs(word, flavour)) === true) return only(path);
    const from = this.#substituted(words ?? [], path, position);
    const values = words?.flatMap((word) => this.#words.expand(word, from)) ?? from.parameters.slice(1);
    return forOutcome(command, values, { path: from, position: inLoopOf(inner) }, this.#loops);
  }

  #case(command: CaseCommand, path: Path, inner: Position, position: Position): Outcome {
    if (refusesWords([command.subject], this.#options.flavour)) return this.#refused(path);
    if (endsAtWords([command.subject], path)) return this.#overAtUnset(path);
    const subject = this.#words.value(command.subject, path);
    for (const { patterns } of command.items) this.#options.budget.spendOnWords(patterns);
    return caseOutcome(command, subject, { path: this.#substituted([command.subject], path, position), position: inner }, this.#loops);
  }

  #subshell(body: Script, path: Path, position: Position): Outcome {
    if (position.isTail && !path.traps.hasAction) {
      const { open, left } = this.#script(body, path, position);
      return { open: [...open, ...left.map(goingOn)], left: [] };
    }
    const child = new Walk(this.#options, true);
    const outcome = child.#script(body, inChild(path), { ...position, isTail: false });
    return only({ ...afterChild(path, child.#asChild(outcome)), succeeded: child.#statusAsChild(outcome) });
  }

  #simple(command: SimpleCommand, before: Path, position: Position): Outcome {
    const expanded = expandedIn(command);
    const { budget, flavour } = this.#options;
    budget.spendOnWords(expanded);
    budget.spendOnList(command.redirections);
    if (refusesCommand(command, flavour)) return this.#refused(before);
    if (endsAtWords(expanded, before) || endsAtWords(targetsOfShell(command, flavour), before)) return this.#overAtUnset(before);
    const path = this.#substituted(expanded, before, position);
    const argv = this.#words.command(command.words, path);
    if (command.words.length === 0 || argv.length === 0) return only(this.#words.assigned(command, path));
    if (readsForGood(argv, command.redirections, flavour) && !path.functions.has('read')) {
      this.#ends.settle({ ...path, moment: momentOf('busy', path.traps) }, true);
      return { open: [], left: [] };
    }
    const worked = withWork(argv, command, path, position);
    const isTail = position.isTail && isTailCommand(command, flavour);
    const from = waitsForOthers(argv, command.redirections, isTail)
      ? ({ ...worked, isOpaque: true, hasUnknownWait: true } as const)
      : worked;
    // `${VAR:-exec} app`
    if (argv[0] === undefined && mayRunExec(command.words)) this.#ends.becomes(argv, from);
    const isFed = position.isFed || command.redirections.some(({ operator }) => operator.startsWith('<'));
    const hasEndlessInput = inputIsEndless(command.redirections, from, position);
    const ran = runOutcome(argv, { path: from, position: { ...position, isFed, hasEndlessInput, isTail } }, this.#commands);
    // `read` takes but a line of it, and `exec` only keeps it.
    const fed = isTail || argv[0] === 'read' || argv[0] === 'exec' ? ran : this.#fedBy(command, from, ran);
    const outcome = isTail ? fed : withFailedRedirection(fed, command, from, this.#options);
    if (!asksVariable(command.words, position.isInLoop || from.traps.hasAction)) return outcome;
    return { ...outcome, open: outcome.open.map((after) => ({ ...after, succeeded: undefined })) };
  }

  /** The path after the commands in `$(…)`, for which the shell waits. */
  #substituted(words: readonly Word[], start: Path, position: Position): Path {
    let path = start;
    for (const { parts } of words) {
      for (const part of parts) {
        if (part.kind !== 'substitution') continue;
        path = afterChild(
          path,
          this.#child((walk) => walk.#script(part.script, inChild(path), { ...position, isTail: false })),
        );
      }
    }
    return path;
  }

  /** The shell ends at what it refuses. */
  #refused(path: Path): Outcome {
    this.#refusals += 1;
    return this.#over(path, false);
  }

  /** The shell ends at what is not set; dash and ash only leave the text of `command eval` then. */
  #overAtUnset(path: Path): Outcome {
    return this.#options.flavour.endsWith('bash') ? this.#over(path, false) : this.#refused(path);
  }

  /**
   * The shell ends: `exit`, or what it refuses.
   *
   * @param succeeded its status, undefined where nobody knows
   */
  #over(path: Path, succeeded: boolean | undefined): Outcome {
    this.#statuses.add(path.traps.exit ? undefined : succeeded);
    for (const end of this.#actions.atExit([path])) this.#ends.settle(end, false);
    return { open: [], left: [] };
  }
}
