/** `podgrace explain`: each word is a rule, an object of the cluster, or a field; `-f` names manifests. */
import { catalogue } from '../../../config/catalogue.ts';
import type { Policy } from '../../../core/policy.ts';
import { statsOf } from '../../../files/stats.ts';
import type { Rule } from '../../../core/rule.ts';
import { INVENTORIES, type Surrounding } from '../../../core/surroundings.ts';
import { Discovery } from '../../../kube/client/discovery.ts';
import { concernsOthers, findByName, findLiveObject, isKindName, isObjectName } from '../../../kube/commands/live-object.ts';
import type { KubeApi } from '../../../kube/client/api.ts';
import { API_SURROUNDINGS } from '../../../kube/client/surrounding-resources.ts';
import { SurroundingsOfNamespaces } from '../../../kube/commands/surroundings-of-namespace.ts';
import { explainFiles, explainObject, type ExplainContext } from '../../../offline/explain.ts';
import type { ExplainOutcome } from '../../../offline/explanation.ts';
import { appliedAfter, appliedOnto } from '../../../offline/applied.ts';
import { ObjectsBefore } from '../../../offline/before.ts';
import { STDIN } from '../../../offline/input/files.ts';
import { showObjects } from '../../../offline/shown-object.ts';
import { meantField, rulesAbout } from '../../../offline/rules-about.ts';
import { VALID_OBJECT } from '../../../offline/refusals.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { imagesFor } from '../../options/image-options.ts';
import { reporterFor } from '../../options/output-options.ts';
import { policiesFor } from '../../options/found-policy-options.ts';
import { meantRule } from '../../options/unknown-rule.ts';
import { renderAll } from '../../options/rendering-options.ts';
import { formatsOf } from '../../reporters/registry.ts';
import type { Reports } from '../../reporters/reporter.ts';
import { errorLine } from '../../reporters/text/check.ts';
import type { ExplainOptions } from './options.ts';

/** @throws {UsageError | PolicyError} for what cannot be explained, and a policy that cannot be used */
export async function explain({ words, options }: Invocation<ExplainOptions>, context: CliContext): Promise<ExitCode> {
  const { filename: files = [], kustomize = [], helm = [] } = options;
  const manifests = files.length + kustomize.length + helm.length;
  if (options.parsed === true || options.defaulted === true) {
    const flag = options.parsed === true ? '--parsed' : '--defaulted';
    if (words.length > 0 || manifests === 0) throw new UsageError(`${flag} needs -f FILE, -k or --helm, and nothing else to explain`);
    return show(flag, options, context);
  }
  if (words.length === 0 && manifests === 0) throw new UsageError('name what to explain: a rule, a field, pod/NAME, or -f FILE');
  const objects = words.filter(isObjectName);
  const known = words.filter((word) => !isObjectName(word));
  if (known.length > 0 && objects.length + manifests > 0)
    throw new UsageError(`${known.join(', ')}: explain rules and fields apart from objects and files`);
  return known.length > 0 ? explainKnown(known, options, context) : explainObjects(objects, options, context);
}

/** @param objects of a cluster, each as `pod/web`; the manifests are in the options */
async function explainObjects(objects: readonly string[], options: ExplainOptions, context: CliContext): Promise<ExitCode> {
  const nowMs = Date.now();
  const policyFor = await policiesFor(options, nowMs);
  // For an object of a cluster, as for standard input, that of the working folder.
  const { policy } = policyFor(STDIN);
  const { api: apiBefore, ...before } = await beforeOf(options, policy, context);
  const readImages = await imagesFor(options, context);
  // Before the report begins: without a cluster there is none. client-node takes long to load, and files need none.
  const api = objects.length === 0 ? apiBefore : (apiBefore ?? (await import('../../cluster/connect.ts')).connect(options));
  if (api !== undefined && options.targetVersion === undefined) {
    const { tellOtherVersion } = await import('../../cluster/other-version.ts');
    await tellOtherVersion(api, policy, context);
  }
  const report = reporterFor('explain', options, context);
  report.begin(undefined);
  let explained = 0;
  let errors = 0;
  const tell = async (outcome: ExplainOutcome): Promise<void> => {
    if (outcome.outcome === 'judged') explained += 1;
    if (outcome.outcome === 'error') errors += outcome.errors.length;
    report.object(outcome);
    await context.stdout.drained();
  };
  const asked: ExplainContext = {
    policyFor: (file) => policyFor(file).policy,
    nowMs,
    namespace: options.namespace ?? 'default',
    nodeMemoryBytes: options.nodeMemory,
    readImages,
    ...before,
  };
  const rendered = await renderAll(options, asked.namespace, policyFor, { env: context.env });
  for await (const outcome of explainFiles(options.filename ?? [], rendered, asked, { stdin: context.input })) await tell(outcome);
  if (api !== undefined)
    for await (const outcome of explainLive(objects, api, policy, { ...asked, namespace: options.namespace ?? api.namespace }))
      await tell(outcome);
  report.end({ explained, errors });
  return errors > 0 ? EXIT.badInput : EXIT.clean;
}

/** @throws {UsageError | PolicyError} for what cannot be shown, and a policy that cannot be used */
async function show(flag: '--parsed' | '--defaulted', options: ExplainOptions, context: CliContext): Promise<ExitCode> {
  refuseFormat('objects', options, flag);
  const { filename: paths = [], helm, namespace } = options;
  if (flag === '--parsed' && namespace !== undefined && helm === undefined)
    throw new UsageError(
      '--namespace: --parsed gives no object a namespace; use --defaulted, or --helm to render a chart for the namespace',
    );
  const policyFor = await policiesFor(options, Date.now());
  const report = reporterFor('objects', options, context);
  report.begin(undefined);
  const rendered = await renderAll(options, namespace ?? 'default', policyFor, { env: context.env });
  let hasErrors = false;
  const shown = showObjects(
    { paths, rendered, stdin: context.input },
    flag === '--defaulted' ? (file) => policyFor(file).policy : undefined,
    namespace,
  );
  for await (const outcome of shown) {
    hasErrors ||= outcome.outcome === 'error';
    report.object(outcome);
    await context.stdout.drained();
  }
  report.end(undefined);
  return hasErrors ? EXIT.badInput : EXIT.clean;
}

/** What stands for the objects of the cluster after `--from`. */
const CLUSTER = 'cluster';

/** @throws {UsageError} for what cannot be read */
async function beforeOf(
  { from, ...options }: ExplainOptions,
  policy: Policy,
  { input }: CliContext,
): Promise<Pick<ExplainContext, 'before' | 'applied' | 'around'> & { readonly api?: KubeApi }> {
  if (from === undefined) return {};
  const { filename, kustomize, helm } = options;
  if ((filename ?? kustomize ?? helm) === undefined) throw new UsageError('--from needs -f FILE, -k or --helm: what the objects are to be');
  if (from.length === 1 && from[0] === CLUSTER) {
    const { connect, explained } = await import('../../cluster/connect.ts');
    const api = connect(options);
    const discovery = new Discovery(api);
    const namespace = options.namespace ?? api.namespace;
    return {
      api,
      before: (object) => explained('read the object as it is', () => findByName(api, discovery, object, namespace)),
      applied: appliedOnto,
      around: aroundIn(api, policy),
    };
  }
  if (from.includes(STDIN) && filename?.includes(STDIN) === true)
    throw new UsageError('--from and --filename must not both name -: standard input can be read only once');
  const objects = await ObjectsBefore.read(from, options.namespace ?? 'default', { stdin: input });
  if (!(objects instanceof ObjectsBefore)) throw new UsageError(`--from: ${errorLine(objects)}`);
  return { before: (object) => Promise.resolve(objects.find(object)), applied: appliedAfter };
}

/** The other kinds are shown even if no rule asks about them. */
const ASKED_BY_RULES = [...INVENTORIES, 'workloads'] as const;

/** What may not be read is said where it would stand. */
function aroundIn(
  api: KubeApi,
  { needs, kinds, kubernetesMinor }: Policy,
  besides: readonly Surrounding[] = [],
): NonNullable<ExplainContext['around']> {
  const asked = ASKED_BY_RULES.filter((surrounding) => needs.has(surrounding));
  const wanted = new Set<Surrounding>([...API_SURROUNDINGS, ...asked, ...besides]);
  const surroundings = new SurroundingsOfNamespaces(api, { needs: wanted, kinds, kubernetesMinor }, () => undefined);
  return (namespace, references) => surroundings.aroundWorkload(namespace, references);
}

async function* explainLive(
  names: readonly string[],
  api: KubeApi,
  policy: Policy,
  asked: ExplainContext,
): AsyncGenerator<ExplainOutcome, void, undefined> {
  const { explained } = await import('../../cluster/connect.ts');
  const { namespace } = asked;
  // What a budget does is said with the workloads that it selects, whatever the rules ask about.
  const around = aroundIn(api, policy, names.some(concernsOthers) ? ['workloads'] : []);
  for (const name of names) {
    // The report goes on, and ends whole.
    const found = await explained(`read ${name}`, () => findLiveObject(api, name, namespace)).catch(messageOfUsage);
    const source = { file: name, document: null, line: null };
    if (typeof found === 'string') yield { outcome: 'error', errors: [{ ...source, message: found }] };
    else yield* explainObject(found.object, { origin: { from: 'live', owners: found.owners }, source }, { ...asked, around });
  }
}

function messageOfUsage(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  throw error;
}

/** @throws {UsageError} for a word that is neither a rule nor a field that a rule reads or changes */
function explainKnown(words: readonly string[], options: ExplainOptions, context: CliContext): ExitCode {
  refuseFormat('rules', options, 'an explanation of rules and fields');
  const report = reporterFor('rules', options, context);
  const found = words.map((word): { readonly isRule: boolean; readonly rules: readonly Rule[] } => {
    const rule = catalogue.rules.find(({ meta }) => meta.id === word);
    const rules = rule === undefined ? rulesAbout(word, catalogue.rules) : [rule];
    if (rules.length === 0) throw new UsageError(unknownWord(word));
    return { isRule: rule !== undefined, rules };
  });
  report.begin({ isDetailed: found.every(({ isRule }) => isRule) });
  for (const rule of new Set(found.flatMap(({ rules }) => rules))) report.object(rule);
  report.end(undefined);
  return EXIT.clean;
}

function unknownWord(word: string): string {
  if (word === VALID_OBJECT) return `${word} is no rule: its findings say what the API server itself refuses, whatever the policy says`;
  const meant = meantWord(word);
  return `${word}: no rule has this id, and no rule reads or changes a field of this name${meant === undefined ? '' : `; ${meant}`}`;
}

function meantWord(word: string): string | undefined {
  const [type = ''] = word.split('/');
  const stats = statsOf(word);
  // A folder may be called deploy, but no kind is called pod.yaml.
  if (isKindName(type) && stats?.isFile() !== true) return `an object of the cluster is written ${type}/NAME`;
  return stats === undefined ? (meantRule(word) ?? meantFieldText(word)) : `a file is named with -f: podgrace explain -f ${word}`;
}

function meantFieldText(word: string): string | undefined {
  const meant = meantField(word, catalogue.rules);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** @throws {UsageError} for a format that explanations of objects have, and others do not */
function refuseFormat(report: keyof Reports, { output }: ExplainOptions, what: string): void {
  const formats = formatsOf(report);
  if (!formats.includes(output)) throw new UsageError(`${what} has no format ${output}: choose ${formats.join(' or ')}`);
}
