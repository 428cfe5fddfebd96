/** `--kubeconfig` and `--context`, and what names an installation: the same for every command that talks to a cluster. */
import { Option, type Command } from 'commander';
import { ToldDefaultOption } from '../help.ts';

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function addClusterOptions(command: Command): void {
  command
    .addOption(new ToldDefaultOption('--kubeconfig <file>', 'the kubeconfig of the cluster', 'KUBECONFIG, else ~/.kube/config'))
    .addOption(new ToldDefaultOption('--context <name>', 'the context in the kubeconfig', 'the current one'));
}

/** As `podgrace serve` has it. */
export function addConfigurationOption(command: Command): void {
  command.option('--webhook-configuration <name>', 'the name of both webhook configurations', 'podgrace');
}

/** For commands that take manifests, and may put another namespace in them. */
export function addNamespaceOption(command: Command): void {
  command.addOption(
    new ToldDefaultOption('-n, --namespace <name>', 'the namespace of the server', 'the one in the manifests').env('PODGRACE_NAMESPACE'),
  );
}

/** Where an installation is, for commands that look at one. */
export interface InstallationOptions extends ClusterOptions {
  readonly namespace: string;
  /** Of the Deployment. */
  readonly name: string;
  /** Of both webhook configurations. */
  readonly webhookConfiguration: string;
}

export function addInstallationOptions(command: Command): void {
  command
    .addOption(new Option('-n, --namespace <name>', 'the namespace of the server').default('podgrace-system').env('PODGRACE_NAMESPACE'))
    .option('--name <name>', 'the name of its Deployment', 'podgrace');
  addConfigurationOption(command);
  addClusterOptions(command);
}
