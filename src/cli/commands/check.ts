/** `podgrace check`: manifests in, findings out. */
import { Option, type Command } from 'commander';
import { VERSION } from '../../config/version.ts';
import { checkManifest, CheckTally, type CheckError, type CheckOutcome } from '../../offline/check.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { readDocuments } from '../../offline/input/documents.ts';
import { nameOf } from '../../offline/input/file-text.ts';
import { CheckJsonReport, CheckTextReport, type CheckReport } from '../output/check-report.ts';
import { addPolicyOptions, loadPolicy, type PolicyOptions } from '../policy-options.ts';
import type { CliContext } from '../run.ts';
import { Progress, styler, type OutputStream } from '../terminal.ts';

interface CheckOptions extends PolicyOptions {
  readonly namespace: string;
  readonly output: 'text' | 'json';
  readonly verbose?: boolean;
}

export function addCheckCommand(program: Command, context: CliContext): void {
  const command = program
    .command('check')
    .summary('judge manifests as the cluster would')
    .description(
      'Reads YAML and JSON as kubectl does, fills in what the API server fills in, applies the repairs that Pods get at admission, and judges what is left: the verdict of the cluster, without one.',
    )
    .argument('<path...>', 'files, folders, or - for standard input');
  addPolicyOptions(command);
  command
    .addOption(new Option('-n, --namespace <name>', 'for objects that name none').default('default'))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('-v, --verbose', 'print all objects, and all about each finding: also what is repaired, and what is only recorded')
    .addHelpText(
      'after',
      `
Examples:
  $ podgrace check deploy/                                         a folder
  $ kustomize build overlays/prod | podgrace check -               what a tool renders
  $ podgrace check --preset strict -o json . | jq .summary

Exit codes: 0 nothing would be denied, 1 something would be denied, 2 input that cannot be read or a wrong option.
`,
    )
    .action(async (paths: string[], options: CheckOptions) => {
      context.exit(await check(paths, options, context));
    });
}

async function check(paths: readonly string[], options: CheckOptions, { stdin, stdout, stderr, env }: CliContext): Promise<ExitCode> {
  const policy = await loadPolicy(options);
  const progress = new Progress(stderr, 'objects');
  const report = reportOf(options, policy.name, progress.makingRoom(stdout), progress.makingRoom(stderr), env);
  const tally = new CheckTally();
  const count = (outcome: CheckOutcome): void => {
    tally.count(outcome);
    if (outcome.outcome === 'judged') report.result(outcome.result);
    if (outcome.outcome === 'skipped') report.skip(outcome.skip);
    if (outcome.outcome === 'error') for (const error of outcome.errors) report.error(error);
  };
  const nowMs = Date.now();
  for await (const document of readDocuments(paths, { stdin })) {
    const isUnreadable = 'message' in document;
    count(
      isUnreadable ? { outcome: 'error', errors: [document] } : checkManifest(document, { policy, namespace: options.namespace, nowMs }),
    );
    progress.step();
  }
  if (tally.isEmpty) count({ outcome: 'error', errors: paths.map(holdsNothing) });
  progress.done();
  const { summary } = tally;
  report.end(summary);
  if (summary.errors > 0) return EXIT.badInput;
  return summary.denied > 0 ? EXIT.findings : EXIT.clean;
}

function reportOf(
  { output, verbose = false }: CheckOptions,
  policy: string,
  stdout: OutputStream,
  stderr: OutputStream,
  env: NodeJS.ProcessEnv,
): CheckReport {
  const head = { version: VERSION, policy };
  return output === 'json' ? new CheckJsonReport(stdout, head) : new CheckTextReport(stdout, stderr, head, styler(stdout, env), verbose);
}

/** Like `kubectl apply` of nothing: most often something before it in a pipeline has failed. */
function holdsNothing(path: string): CheckError {
  return { file: nameOf(path), document: null, line: null, message: 'must hold a Kubernetes object, holds none' };
}
