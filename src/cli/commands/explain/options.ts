/** `podgrace explain`: what becomes of a Pod and when, why it has its STATUS, what a rule or a field is about. */
import { Argument, Command, Option } from 'commander';
import { describeHelp } from '../../help.ts';
import { addClusterOptions, type ClusterOptions } from '../../options/cluster-options.ts';
import { addImageOptions, type ImageOptions } from '../../options/image-options.ts';
import { memory, namespaceName } from '../../options/option-values.ts';
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts';
import { addConfigOption, addTargetVersionOption, ruleIds, type FoundPolicyOptions } from '../../options/found-policy-options.ts';
import { addPolicyOptions } from '../../options/policy-options.ts';
import { suggesting } from '../../options/suggested-values.ts';
import { addRenderingOptions, type RenderingOptions } from '../../options/rendering-options.ts';

export interface ExplainOptions extends FoundPolicyOptions, RenderingOptions, OutputOptions, ClusterOptions, ImageOptions {
  readonly parsed?: boolean;
  readonly defaulted?: boolean;
  readonly filename?: readonly string[];
  readonly from?: readonly string[];
  readonly namespace?: string;
  readonly nodeMemory: bigint;
}

export function declareExplain(): Command {
  const command = new Command('explain')
    .summary('explain a rule, a field, a manifest or a Pod')
    .description(
      'Says what Kubernetes does with the Pods of a manifest: their QoS class, which container is killed first when memory runs out, and when they start, stop, are replaced and leave a lost node. Also says what the rules find. For a Pod in a cluster, also says its STATUS, the cause, and what to do. For a rule or a field, says what podgrace knows about it.',
    )
    .addArgument(
      suggesting(
        new Argument(
          '[what...]',
          'the id of a rule, a field (terminationGracePeriodSeconds), or an object of the cluster (pod/web, deploy/web)',
        ),
        ruleIds,
      ),
    )
    .option('-f, --filename <path...>', 'files, folders, or - for standard input');
  addRenderingOptions(command, 'explain');
  command
    .option(
      '--from <path...>',
      'the files before a change, to explain what the change does; or the word cluster, to compare with the objects in the cluster',
    )
    .addOption(new Option('--parsed', 'print each document of the manifests as kubectl sends it').conflicts(['defaulted', 'from']))
    .addOption(
      new Option('--defaulted', 'print each object of the manifests as the API server stores it, and who set each field').conflicts('from'),
    )
    .addOption(new Option('-n, --namespace <name>', 'the namespace of objects that name none').argParser(namespaceName))
    .addOption(
      new Option('--node-memory <quantity>', 'the memory of the node; it decides which container is killed first')
        .argParser(memory('--node-memory'))
        .default(16n * 1024n ** 3n, '16Gi'),
    );
  addImageOptions(command);
  addPolicyOptions(command);
  addConfigOption(command);
  addTargetVersionOption(command, 'explain');
  addClusterOptions(command);
  addOutputOptions(command, 'explain', 'also print objects without a Pod template, and findings that are only recorded');
  return describeHelp(command, {
    examples: [
      ['podgrace explain -f deploy/web.yaml', 'when its Pods start, stop and move'],
      ['podgrace explain -f deploy/web.yaml -o html > web.html', 'the same as one page, with drawn timelines'],
      ['podgrace explain -k overlays/prod', 'the same for what kustomize renders'],
      ['podgrace explain pod/web-5d9c-x2x7p', 'why kubectl shows the STATUS that it shows'],
      ['kubectl get pod web-0 -o json | podgrace explain -f -', 'the same, without a kubeconfig'],
      ['podgrace explain --from cluster -f deploy/web.yaml', 'which Pods a change replaces, and what is refused'],
      ['podgrace explain --defaulted -f deploy/web.yaml', 'every default, and where it comes from'],
      ['podgrace explain pre-stop-delay', 'a rule'],
      ['podgrace explain livenessProbe.timeoutSeconds', 'the rules about a field'],
    ],
    notes:
      'Times are the earliest possible ones, unless said otherwise. A manifest does not show how long an application takes to start or to stop.',
    exitCodes: '0 explained, 2 some input cannot be read, or an option is wrong.',
  });
}
