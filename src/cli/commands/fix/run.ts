/** `podgrace fix`: repairs, writes, reports, file by file. */
import { addAbortSignal, Readable } from 'node:stream';
import { VERSION } from '../../../config/version.ts';
import { oncePer } from '../../../core/once-per.ts';
import type { Policy } from '../../../core/policy.ts';
import { visibleLine } from '../../../core/visible-text.ts';
import { FixTally } from '../../../offline/fix-tally.ts';
import { STDIN } from '../../../offline/input/files.ts';
import { fixFiles, type FixContext, type FixedFile, type FixOptions } from '../../../offline/fix.ts';
import { policyOfRules } from '../../../offline/policy-of-rules.ts';
import { ask, hasEnded, hasTerminal } from '../../cluster/confirmation.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import type { RenderingOptions } from '../../options/rendering-options.ts';
import { reporterFor } from '../../options/output-options.ts';
import { fileIn, policiesFor, type ChosenPolicy } from '../../options/found-policy-options.ts';
import { Stop } from '../../stop.ts';
import type { TextOutput } from '../../output/text-output.ts';
import { writeDiff } from '../../reporters/text/diff.ts';
import type { FixCommandOptions } from './options.ts';

/** @throws {UsageError | PolicyError} for a policy or options that cannot be used */
export async function fix({ words, options }: Invocation<FixCommandOptions>, context: CliContext): Promise<ExitCode> {
  refuseRendered(options);
  const paths = [...words, ...(options.filename ?? [])];
  const [first] = paths;
  if (first === undefined) throw new UsageError('name what is to be repaired: files, folders, or - for standard input');
  refuseContradictions(paths, options, context);
  const { ignore = [], diff = false, check = false, interactive = false } = options;
  const isDry = diff || check;
  const { policyFor, contextOf } = await repairsOf(options);
  const report = reporterFor('fix', options, isOutputTaken(paths, options) ? { ...context, stdout: context.stderr } : context);
  const { policy, isDefault } = policyFor(fileIn(first));
  report.begin({ version: VERSION, policy: policy.name, isDefaultPolicy: isDefault, isDry });
  const tally = new FixTally();
  const stop = new Stop();
  // Input that somebody types, or that never ends, is not waited for.
  if (context.stdin instanceof Readable) addAbortSignal(stop.signal, context.stdin);
  const asked = { stdin: context.stdin, signal: stop.signal, writes: !isDry, ...(interactive && { mayChange: askFor(context) }) };
  try {
    for await (const file of fixFiles(paths, ignore, contextOf, asked)) {
      tally.count(file);
      for (const outcome of file.outcomes) report.object(outcome);
      if (diff) writeDiff(file, context.stdout);
      else if (file.isStdin && !check) writeFiltered(file, context.stdout);
      await context.stdout.drained();
    }
  } finally {
    stop.release();
  }
  report.end(tally.summary);
  if (stop.code === undefined) return exitCodeOf(tally, check);
  context.stderr.message('stopped by a signal; each file is either as it was or repaired as a whole');
  return stop.code;
}

/** What repairs each file, and what judges the result. */
async function repairsOf(options: FixCommandOptions): Promise<{
  readonly policyFor: (file: string) => ChosenPolicy;
  readonly contextOf: (file: string) => FixContext;
}> {
  const { rules, namespace } = options;
  const nowMs = Date.now();
  const judgingFor = await policiesFor(options, nowMs);
  const policyFor = repairingBy(rules, judgingFor);
  const contextOf = (file: string): FixContext => ({
    policy: policyFor(file).policy,
    namespace,
    nowMs,
    // Whoever names rules has chosen, and does not ask what the others find.
    ...(rules === undefined && { judging: judgingFor(file).policy }),
  });
  return { policyFor, contextOf };
}

/** Whether what is asked for goes to standard output, so that what is told about it cannot go there. */
function isOutputTaken(paths: readonly string[], { diff = false, check = false }: FixCommandOptions): boolean {
  return diff || (paths.includes(STDIN) && !check);
}

function exitCodeOf({ summary: { errors, refused, repaired } }: FixTally, isCheck: boolean): ExitCode {
  if (errors > 0) return EXIT.badInput;
  return refused > 0 || (isCheck && repaired > 0) ? EXIT.findings : EXIT.clean;
}

/** @throws {UsageError} for options that exclude each other, and questions that nobody can answer */
function refuseContradictions(
  paths: readonly string[],
  { output, diff = false, interactive = false }: FixCommandOptions,
  context: CliContext,
): void {
  if ((diff || paths.includes(STDIN)) && output !== 'text')
    throw new UsageError(`-o ${output} cannot be used with ${diff ? '--diff' : STDIN}: standard output has room for one of them`);
  if (interactive && !hasTerminal(context))
    throw new UsageError('--interactive needs a terminal to ask, but standard input is not one; --diff shows what would change');
}

/** @throws {UsageError} for what is no file of the user's */
function refuseRendered({ kustomize, helm }: RenderingOptions): void {
  const flag = kustomize !== undefined ? '-k' : '--helm';
  const [input] = kustomize ?? helm ?? [];
  if (input === undefined) return;
  const tool = flag === '-k' ? 'kustomize' : 'helm';
  throw new UsageError(
    `${flag} ${input} cannot be repaired: ${tool} renders objects that are in no file, and podgrace cannot trace a repair back to the ` +
      `source files; podgrace check ${flag} ${input} says what to change in them`,
  );
}

/**
 * The policies of files with the repairs that are asked for: those of the rules that are named, else those of the policy, and of one
 * that nobody has chosen only what changes no behaviour. Made once for each policy.
 */
function repairingBy(rules: readonly string[] | undefined, policyFor: (file: string) => ChosenPolicy): (file: string) => ChosenPolicy {
  const repairing = oncePer((policy: Policy) => (rules === undefined ? withSafeRepairs(policy) : policyOf(policy, rules)));
  return (file) => {
    const chosen = policyFor(file);
    return rules === undefined && !chosen.isDefault ? chosen : { ...chosen, policy: repairing(chosen.policy) };
  };
}

function withSafeRepairs(policy: Policy): Policy {
  const others = policy.rules.filter(({ meta }) => meta.mutation === 'behaviour-changing');
  return policy.withOverrides([{ rules: Object.fromEntries(others.map(({ meta }) => [meta.id, { mutation: 'off' }] as const)) }]);
}

/** @throws {UsageError} where a rule lacks what only a policy can give it */
function policyOf(policy: Policy, rules: readonly string[]): Policy {
  const { policy: ofRules, problems } = policyOfRules(policy, rules);
  if (problems.length === 0) return ofRules;
  const lines = problems.map(({ rule, option, message }) => `${rule}: the option ${option} ${message}`);
  throw new UsageError(`--rules: the policy ${policy.name} does not say all that the repair needs:\n${lines.join('\n')}`);
}

/** What cannot be read or repaired as a whole goes no further: whoever reads it would apply half of it. */
function writeFiltered({ after, outcomes }: FixedFile, stdout: TextOutput): void {
  if (outcomes.every(({ outcome }) => outcome !== 'error')) stdout.content(after);
}

function askFor(context: CliContext): NonNullable<FixOptions['mayChange']> {
  return (change) => {
    if (hasEnded(context)) return false;
    writeDiff(change, context.stderr);
    const { kind, namespace, name } = change.result;
    return ask(`change ${visibleLine(`${kind} ${namespace}/${name} in ${change.file}`)}?`, context);
  };
}
