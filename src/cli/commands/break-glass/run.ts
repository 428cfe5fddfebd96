/** `podgrace failopen` and `podgrace failclosed`: explains the change, makes it, and says how to undo it. */
import type { KubeApi } from '../../../kube/client/api.ts';
import {
  close,
  closedWebhooksOf,
  findConfigurations,
  open,
  openingOf,
  type FoundConfiguration,
} from '../../../kube/commands/break-glass.ts';
import { confirm } from '../../cluster/confirmation.ts';
import { connect, explained } from '../../cluster/connect.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import type { BreakGlassOptions } from './options.ts';

/** @throws {UsageError} where podgrace is not installed, and for what the API server refuses */
export async function failOpen({ options }: Invocation<BreakGlassOptions>, context: CliContext): Promise<ExitCode> {
  const { stdout } = context;
  const api = connect(options);
  const found = await configurations(api, options.webhookConfiguration);
  const closed = found.filter(({ object }) => closedWebhooksOf(object).length > 0);
  if (closed.length === 0) {
    stdout.line(`already open${sinceText(found)}: the cluster lets requests through when podgrace does not answer`);
    return EXIT.clean;
  }
  const webhooks = closed.flatMap(({ object }) => closedWebhooksOf(object)).join(', ');
  stdout.line(
    `on ${api.server}: ${webhooks} will let requests through when podgrace does not answer; as long as it answers, it judges as before`,
  );
  if (!(await confirm('Open?', options.yes === true, context))) return notDone(stdout);
  for (const configuration of closed)
    await explained(`open ${configuration.kind} ${configuration.name}`, () => open(api, configuration, api.clock.now));
  stdout.line('open; to undo it, run `podgrace failclosed` or `podgrace install`');
  return EXIT.clean;
}

/** @throws {UsageError} where podgrace is not installed, and for what the API server refuses */
export async function failClosed({ options }: Invocation<BreakGlassOptions>, context: CliContext): Promise<ExitCode> {
  const { stdout } = context;
  const api = connect(options);
  const found = await configurations(api, options.webhookConfiguration);
  const opened = found.filter(({ object }) => openingOf(object) !== undefined);
  if (opened.length === 0) {
    const isClosed = found.some(({ object }) => closedWebhooksOf(object).length > 0);
    stdout.line(
      isClosed
        ? 'already closed: the cluster refuses requests when podgrace does not answer'
        : '`podgrace failopen` changed nothing here; if another tool set failurePolicy to Ignore, `podgrace install --force-conflicts` sets it to Fail',
    );
    return EXIT.clean;
  }
  const webhooks = opened.flatMap(({ object }) => openingOf(object)?.webhooks ?? []).join(', ');
  stdout.line(
    `on ${api.server}: ${webhooks} will refuse requests when podgrace does not answer; \`podgrace status\` shows whether it answers`,
  );
  if (!(await confirm('Close?', options.yes === true, context))) return notDone(stdout);
  for (const configuration of opened) await explained(`close ${configuration.kind} ${configuration.name}`, () => close(api, configuration));
  stdout.line('closed; to open again, run `podgrace failopen`');
  return EXIT.clean;
}

async function configurations(api: KubeApi, name: string): Promise<FoundConfiguration[]> {
  const found = await explained('read the webhook configurations', () => findConfigurations(api, name));
  if (found.length === 0)
    throw new UsageError(`there is no webhook configuration '${name}' on ${api.server}: podgrace refuses no requests there`);
  return found;
}

function sinceText(found: readonly FoundConfiguration[]): string {
  const since = found.flatMap(({ object }) => openingOf(object)?.since ?? [])[0];
  return since === undefined ? '' : ` since ${since}`;
}

function notDone(stdout: CliContext['stdout']): ExitCode {
  stdout.line('nothing was done');
  return EXIT.findings;
}
