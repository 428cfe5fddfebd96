/** `podgrace check`: reads, judges, reports, object by object. */
import { basename, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { POLICY_FILE } from '../../../config/found-policy.ts';
import { VERSION } from '../../../config/version.ts';
import type { Policy } from '../../../core/policy.ts';
import { statsOf } from '../../../files/stats.ts';
import { checkFiles, type CheckContext, type CheckOutcome } from '../../../offline/check.ts';
import { CheckTally } from '../../../offline/check-tally.ts';
import type { ReportedMode } from '../../../offline/finding.ts';
import type { ReadImages } from '../../../offline/images.ts';
import { STDIN } from '../../../offline/input/files.ts';
import { IGNORE_FILES } from '../../../offline/input/ignore-rules.ts';
import { searchedFolders } from '../../../offline/input/repository-files.ts';
import { isFoundManifest } from '../../../offline/found-manifest.ts';
import { KUSTOMIZATION_FILES } from '../../../offline/kustomization.ts';
import { VALID_OBJECT } from '../../../offline/refusals.ts';
import type { RenderedManifest } from '../../../offline/rendering/render.ts';
import { UsedExemptions, type IdleExemption } from '../../../offline/used-exemptions.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { imagesFor } from '../../options/image-options.ts';
import { firstRendered, renderAll } from '../../options/rendering-options.ts';
import { KnownFindings } from '../../options/known-findings.ts';
import { fileIn, isRuleAsked, policiesFor, type ChosenPolicy } from '../../options/found-policy-options.ts';
import { reporterFor } from '../../options/output-options.ts';
import { ReportFile } from '../../output/report-file.ts';
import { Progress } from '../../output/transient-line.ts';
import { noticeOf, noticeText } from '../../reporters/notice.ts';
import { idleText } from '../../reporters/text/exemption-text.ts';
import { SteadyMemory } from '../../steady-memory.ts';
import { Stop } from '../../stop.ts';
import type { CheckOptions } from './options.ts';
import { configText } from './print-config.ts';

/** What stands for standard output after --output-file. */
const STDOUT = '-';

/** Which findings make the command fail. */
const FAILING: Readonly<Record<CheckOptions['failOn'], readonly ReportedMode[]>> = {
  enforce: ['enforce'],
  warn: ['enforce', 'warn'],
  never: [],
};

/** @throws {UsageError | PolicyError} for a policy that cannot be used */
export async function check({ words, options }: Invocation<CheckOptions>, context: CliContext): Promise<ExitCode> {
  const { filename = [], printConfig } = options;
  const outputFile = options.outputFile === STDOUT ? undefined : options.outputFile;
  const nowMs = Date.now();
  const policyFor = await policiesFor(options, nowMs);
  if (printConfig !== undefined) {
    if (words.length + filename.length > 0) throw new UsageError('--print-config checks nothing: name no other file');
    if (options.output !== 'text') throw new UsageError(`--print-config prints YAML: leave out -o ${options.output}`);
    context.stdout.write(configText(policyFor(fileIn(printConfig))));
    return EXIT.clean;
  }
  const paths = [...words, ...filename];
  const first = paths[0] === undefined ? firstRendered(options) : fileIn(paths[0]);
  if (first === undefined) throw new UsageError('name what is to be checked: files, folders, or - for standard input');
  const readImages = await imagesFor(options, context);
  const known = await KnownFindings.open(options);
  const stop = new Stop();
  const memory = new SteadyMemory();
  try {
    const tools = {
      env: context.env,
      get signal() {
        return stop.signal;
      },
    };
    const rendered = await renderAll(options, options.namespace, policyFor, tools);
    // What takes the place of no file may end anywhere.
    const mayEndAnywhere = !replacesFile(outputFile) && !known.isUpdated;
    if (mayEndAnywhere) stop.release();
    const signal = mayEndAnywhere ? undefined : stop.signal;
    if (signal !== undefined && paths.includes(STDIN) && context.stdin instanceof Readable) addAbortSignal(signal, context.stdin);
    return await checkInto(
      outputFile,
      { paths, first, rendered, readImages, policyFor, known, options, nowMs, memory, stop, signal },
      context,
    );
  } finally {
    memory.end();
    stop.release();
  }
}

/** A pipe or a device gets the report as it is made. */
function replacesFile(outputFile: string | undefined): boolean {
  return outputFile !== undefined && statsOf(outputFile)?.isFile() !== false;
}

async function checkInto(outputFile: string | undefined, run: CheckRun, context: CliContext): Promise<ExitCode> {
  if (outputFile === undefined) return checkPaths(run, context);
  const name = basename(outputFile);
  if (FOUND_BY_NAME.includes(name))
    throw new UsageError(`--output-file: ${outputFile} must not be called ${name}: podgrace reads every file of this name`);
  let file: ReportFile | undefined;
  try {
    file = await ReportFile.open(outputFile, inputsOf(outputFile, run), run.signal);
    const code = await checkPaths(run, { ...context, stdout: file.output });
    if (run.stop.code === undefined) await file.replace();
    else await file.discard();
    return code;
  } catch (error) {
    await file?.discard();
    // The signal has ended the wait for the reader of a pipe.
    if (run.stop.code !== undefined && error instanceof UsageError) return stoppedBy(run.stop.code, context);
    throw error;
  }
}

function stoppedBy(code: ExitCode, { stderr }: CliContext): ExitCode {
  stderr.message('stopped by a signal; no file was changed');
  return code;
}

/** What kustomize and helm read of a folder whatever stands in it, though it is no manifest. */
const READ_BY_TOOLS = [...KUSTOMIZATION_FILES, 'Chart.yaml', 'values.yaml'];

/** What podgrace reads wherever it stands. */
const FOUND_BY_NAME = [POLICY_FILE, ...IGNORE_FILES];

/** What is read, as far as it has names: of what is found in folders, only the report could be lost. */
function* inputsOf(outputFile: string, { paths, first, policyFor, options }: CheckRun): Generator<string> {
  const { kustomize = [], helm = [], values = [], policy, baseline, imagesAuth } = options;
  const rendered = [...kustomize, ...helm];
  for (const file of [...paths, ...rendered, ...values, policy ?? policyFor(first).file, baseline, imagesAuth])
    if (file !== undefined && file !== STDIN) yield file;
  for (const folder of rendered) for (const name of READ_BY_TOOLS) yield join(folder, name);
  if (isFoundManifest(outputFile, searchedFolders([...paths, ...rendered]))) yield outputFile;
}

interface CheckRun {
  readonly paths: readonly string[];
  /** Any file of the first of what is checked. */
  readonly first: string;
  readonly rendered: readonly RenderedManifest[];
  readonly readImages: ReadImages | undefined;
  readonly policyFor: (file: string) => ChosenPolicy;
  readonly known: KnownFindings;
  readonly options: CheckOptions;
  readonly nowMs: number;
  readonly memory: SteadyMemory;
  readonly stop: Stop;
  /** Of `stop`, where the command must not end anywhere. */
  readonly signal: AbortSignal | undefined;
}

async function checkPaths(run: CheckRun, context: CliContext): Promise<ExitCode> {
  const { paths, first, rendered, readImages, policyFor, known, options, nowMs, memory, stop, signal } = run;
  const { namespace, ignore = [], failOn, quiet = false, strict: isStrict = false } = options;
  const report = reporterFor('check', options, context, quiet);
  const progress = new Progress(context.transient, 'objects');
  const tally = new CheckTally();
  const failing = FAILING[failOn];
  let isFailed = false;
  const { policy, isDefault } = policyFor(first);
  report.begin({ version: VERSION, policy: policy.name, isDefaultPolicy: isDefault });
  const exemptions = new UsedExemptions();
  const saysRefused = isRuleAsked(VALID_OBJECT, options);
  const policyFiles = new Map<Policy, string | undefined>();
  const contextOf = (file: string): CheckContext => {
    const chosen = policyFor(file);
    policyFiles.set(chosen.policy, chosen.file);
    // Also where all objects of the file are passed over.
    exemptions.add(chosen.policy, []);
    return { policy: chosen.policy, namespace, nowMs, exemptions, saysRefused };
  };
  const onLook = (): void => {
    progress.step('files looked at');
    memory.step();
  };
  const reading = { stdin: context.input, signal, rendered, isStrict, readImages, onLook };
  for await (const checked of checkFiles(paths, ignore, contextOf, reading)) {
    // What was being read when the signal came is no error.
    if (stop.code !== undefined) break;
    const outcome = known.without(checked);
    tally.count(outcome);
    if (outcome.outcome === 'judged') isFailed ||= outcome.result.findings.some(({ mode }) => failing.includes(mode));
    const notice = quiet ? undefined : noticeOf(outcome);
    if (notice !== undefined) context.stderr.line(noticeText(notice));
    report.object(quiet ? onlyFailing(outcome, failing) : outcome);
    progress.step();
    memory.step();
    await context.stdout.drained();
    if ((await stop.look()) !== undefined) break;
  }
  progress.done();
  if (stop.code !== undefined) return stoppedBy(stop.code, context);
  const { summary } = tally;
  report.end(summary);
  if (!quiet) {
    const told = exemptions.idle(nowMs).filter((each) => isTold(each, options));
    context.stderr.lines(told.map((each) => idleText(each, policyFiles.get(each.policy))));
  }
  await context.stdout.drained();
  await known.end(summary.errors === 0, context.stderr);
  if (summary.errors > 0) return EXIT.badInput;
  return isFailed ? EXIT.findings : EXIT.clean;
}

/**
 * The policy may be for more than these files, so what is in force and excuses nothing here is told only to who asks for all; of a rule
 * that did not judge, nobody knows it.
 */
function isTold({ isOver, exemption }: IdleExemption, options: CheckOptions): boolean {
  return isOver || (options.verbose === true && isRuleAsked(exemption.document.rule, options));
}

function onlyFailing(outcome: CheckOutcome, failing: readonly ReportedMode[]): CheckOutcome {
  if (outcome.outcome !== 'judged') return outcome;
  const { result } = outcome;
  return { outcome: 'judged', result: { ...result, findings: result.findings.filter(({ mode }) => failing.includes(mode)) } };
}
