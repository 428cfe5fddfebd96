/** `podgrace serve`: the webhook that kube-apiserver calls. */
import { Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../../../telemetry/log-level.ts';
import { describeHelp, ToldDefaultOption } from '../../help.ts';
import type { Platform } from '../../../images/platform.ts';
import { platformOption, registryNames } from '../../options/image-options.ts';
import { integer } from '../../options/option-values.ts';
import { addPolicyOptions, type PolicyOptions } from '../../options/policy-options.ts';

export interface ServeOptions extends PolicyOptions {
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsSecret?: string;
  readonly selfSigned?: string;
  readonly clientCa?: string;
  readonly namespace: string;
  readonly service: string;
  readonly webhookConfiguration?: string;
  readonly drainSeconds?: number;
  readonly imagesRegistry?: readonly string[];
  readonly imagesPlatform: Platform;
  readonly imagesAuth?: string;
  readonly logLevel: LogLevel;
}

const MAX_PORT = 65_535;

/** 10 to 15 s pass until every node knows that an endpoint is gone; nobody is told of a server that is only tried. */
export const DEFAULT_DRAIN_SECONDS = 15;

export function declareServe(): Command {
  const command = new Command('serve')
    .summary('run the webhook that kube-apiserver calls')
    .description(
      'Answers AdmissionReviews at /validate and /mutate over HTTPS, and /livez, /readyz, /status and /metrics over HTTP on a second port. At SIGTERM, SIGINT or SIGHUP, finishes the requests and exits with 0.',
    )
    .addOption(new Option('--host <address>', 'the address to listen on').default('0.0.0.0').env('PODGRACE_HOST'))
    .addOption(
      new Option('--port <number>', 'the port of the webhook')
        .default(8443)
        .env('PODGRACE_PORT')
        .argParser(integer('--port', 0, MAX_PORT)),
    )
    .addOption(
      new Option('--ops-port <number>', 'the port for liveness, readiness, status and metrics')
        .default(8081)
        .env('PODGRACE_OPS_PORT')
        .argParser(integer('--ops-port', 0, MAX_PORT)),
    )
    .addOption(new Option('--tls-cert <file>', 'the certificate chain, PEM; read again when it changes').env('PODGRACE_TLS_CERT'))
    .addOption(new Option('--tls-key <file>', 'the private key of the certificate, PEM').env('PODGRACE_TLS_KEY'))
    .addOption(
      new Option('--tls-secret <name>', 'make and renew certificates in this Secret, and publish their CA in the webhook configurations')
        .env('PODGRACE_TLS_SECRET')
        .conflicts(['tlsCert', 'tlsKey', 'selfSigned']),
    )
    .addOption(
      new Option('--namespace <name>', 'the namespace of the Secret and the Service').default('podgrace-system').env('PODGRACE_NAMESPACE'),
    )
    .addOption(new Option('--service <name>', 'the Service in front of the webhook').default('podgrace').env('PODGRACE_SERVICE'))
    .addOption(
      new ToldDefaultOption(
        '--webhook-configuration <name>',
        'the name of both webhook configurations; the server is ready only if the caBundle in them verifies its certificate',
        '"podgrace"',
        'with --tls-secret',
      ).env('PODGRACE_WEBHOOK_CONFIGURATION'),
    )
    .addOption(
      new Option('--self-signed <dir>', 'for a trial: make a CA and a certificate for localhost in this folder, unless they exist')
        .env('PODGRACE_SELF_SIGNED')
        .conflicts(['tlsCert', 'tlsKey']),
    )
    .addOption(
      new Option(
        '--client-ca <file>',
        'answer only clients with a certificate of this CA, PEM; then the API server needs one too (docs/certificates.md)',
      ).env('PODGRACE_CLIENT_CA'),
    )
    .addOption(
      new ToldDefaultOption(
        '--drain-seconds <number>',
        'how many seconds to go on answering after SIGTERM, SIGINT or SIGHUP',
        `${DEFAULT_DRAIN_SECONDS}, with --self-signed 0`,
      )
        .env('PODGRACE_DRAIN_SECONDS')
        .argParser(integer('--drain-seconds', 0, 3600)),
    )
    .addOption(
      new Option(
        '--images-registry <host>',
        'ask this registry, in the background, what images start and which signal stops them; may be given several times; without it, none is asked',
      )
        .argParser(registryNames())
        .env('PODGRACE_IMAGES_REGISTRY'),
    )
    .addOption(platformOption().env('PODGRACE_IMAGES_PLATFORM'))
    .addOption(
      new Option(
        '--images-auth <file>',
        'credentials for registries, as in the config.json of Docker; read again for each image; without it, none are used',
      ).env('PODGRACE_IMAGES_AUTH'),
    )
    .addOption(
      new Option('--log-level <level>', 'the least severe level to log').choices(LOG_LEVELS).default('info').env('PODGRACE_LOG_LEVEL'),
    );
  addPolicyOptions(command);
  return describeHelp(command, {
    examples: [
      ['podgrace serve --self-signed certs/dev', 'try it on this machine'],
      ['podgrace serve --self-signed certs/dev --port 9443 --ops-port 9081', 'on other ports'],
      ['podgrace serve --tls-cert tls.crt --tls-key tls.key --policy policy.yaml'],
    ],
    exitCodes: '0 stopped by a signal, 1 stopped by an error in podgrace, 2 an option is wrong, or a file that it names is unusable.',
  });
}
