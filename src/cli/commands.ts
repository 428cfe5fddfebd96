/** The commands, in the order of the help. Each has a folder, and a line in this file. */
import { defineCommand, type CliCommand } from './command.ts';
import { declareFailClosed, declareFailOpen, type BreakGlassOptions } from './commands/break-glass/options.ts';
import { declareCerts, type CertsOptions } from './commands/certs/options.ts';
import { declareCheck, type CheckOptions } from './commands/check/options.ts';
import { declareComplete } from './commands/complete/options.ts';
import { declareDryRun, type DryRunOptions } from './commands/dry-run/options.ts';
import { declareExplain, type ExplainOptions } from './commands/explain/options.ts';
import { declareFix, type FixCommandOptions } from './commands/fix/options.ts';
import { declareInstall, type InstallOptions } from './commands/install/options.ts';
import { declareReplay, type ReplayOptions } from './commands/replay/options.ts';
import { declareRules, type RulesOptions } from './commands/rules/options.ts';
import { declareServe, type ServeOptions } from './commands/serve/options.ts';
import { declareStatus, type StatusOptions } from './commands/status/options.ts';
import { declareUninstall, type UninstallOptions } from './commands/uninstall/options.ts';
import { declareVersion } from './commands/version/options.ts';

export const COMMANDS: readonly CliCommand[] = [
  defineCommand<ServeOptions>('serve', declareServe, async () => (await import('./commands/serve/run.ts')).serve),
  defineCommand<CheckOptions>('check', declareCheck, async () => (await import('./commands/check/run.ts')).check),
  defineCommand<ExplainOptions>('explain', declareExplain, async () => (await import('./commands/explain/run.ts')).explain),
  defineCommand<FixCommandOptions>('fix', declareFix, async () => (await import('./commands/fix/run.ts')).fix),
  defineCommand<ReplayOptions>('replay', declareReplay, async () => (await import('./commands/replay/run.ts')).replay),
  defineCommand<DryRunOptions>('dry-run', declareDryRun, async () => (await import('./commands/dry-run/run.ts')).dryRun),
  defineCommand<InstallOptions>('install', declareInstall, async () => (await import('./commands/install/run.ts')).install),
  defineCommand<StatusOptions>('status', declareStatus, async () => (await import('./commands/status/run.ts')).status),
  defineCommand<BreakGlassOptions>('failopen', declareFailOpen, async () => (await import('./commands/break-glass/run.ts')).failOpen),
  defineCommand<BreakGlassOptions>('failclosed', declareFailClosed, async () => (await import('./commands/break-glass/run.ts')).failClosed),
  defineCommand<UninstallOptions>('uninstall', declareUninstall, async () => (await import('./commands/uninstall/run.ts')).uninstall),
  defineCommand<CertsOptions>('certs', declareCerts, async () => (await import('./commands/certs/run.ts')).certs),
  defineCommand<RulesOptions>('rules', declareRules, async () => (await import('./commands/rules/run.ts')).rules),
  defineCommand('complete', declareComplete, async () => (await import('./commands/complete/run.ts')).complete),
  defineCommand('version', declareVersion, async () => (await import('./commands/version/run.ts')).version),
];
