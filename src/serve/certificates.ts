/** Where the certificates of `podgrace serve` come from: files, a folder for trying out, or podgrace itself. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ServeOptions } from '../cli/commands/serve.ts';
import { UsageError } from '../cli/exit-code.ts';
import type { PublishedTrust } from '../kube/published-trust.ts';
import { makeCertificates, type CertificateRequest } from '../pki/make-certificates.ts';
import type { ServingPair } from '../pki/serving-pair.ts';
import { serviceDnsNames } from '../pki/service-names.ts';
import { CertificateFileError, CertificateFiles } from '../server/certificates.ts';
import type { ReadinessCheck } from '../server/ops.ts';

export interface CertificateListener {
  readonly onChange: (pair: ServingPair) => void;
  /** The pair in use stays. */
  readonly onError: (error: Error) => void;
  readonly onWarning: (warning: Error) => void;
  readonly onStep: (step: string) => void;
}

export interface Certificates {
  /** Undefined until there is one. */
  readonly current: ServingPair | undefined;
  readonly readiness: ReadinessCheck;
  watch(listener: CertificateListener): void;
  close(): Promise<void>;
}

/** @throws {UsageError} naming the flag and the file */
export async function openCertificates(options: ServeOptions): Promise<Certificates> {
  const { tlsCert, tlsKey, tlsSecret, selfSigned } = options;
  if (tlsSecret !== undefined) return managedCertificates(tlsSecret, options);
  if (selfSigned !== undefined) return fileCertificates(await makeSelfSigned(selfSigned), undefined);
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError(
      '--tls-cert and --tls-key must name a serving pair (`podgrace certs` makes one), or --tls-secret a Secret to keep one in, or --self-signed a folder for one',
    );
  }
  return fileCertificates(await openFiles(tlsCert, tlsKey), options.webhookConfiguration);
}

async function openFiles(certFile: string, keyFile: string): Promise<CertificateFiles> {
  try {
    return await CertificateFiles.open({ certFile, keyFile });
  } catch (error) {
    if (error instanceof CertificateFileError)
      throw new UsageError(`${error.part === 'key' ? '--tls-key' : '--tls-cert'}: ${error.message}`);
    throw error;
  }
}

async function makeSelfSigned(folder: string): Promise<CertificateFiles> {
  try {
    await makeCertificates(folder, localCertificates(), { overwrite: true, keepForDays: 1 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`--self-signed: ${folder} cannot be written: ${message}`, { cause: error });
  }
  return CertificateFiles.open({ certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') });
}

function localCertificates(): CertificateRequest {
  return {
    authorityName: 'podgrace-local-ca',
    authorityValidDays: 30,
    validDays: 30,
    now: new Date(),
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1', '::1'],
  };
}

/** @param configurationName of the webhook configurations whose caBundle somebody else keeps; undefined outside of a cluster */
async function fileCertificates(files: CertificateFiles, configurationName: string | undefined): Promise<Certificates> {
  const trust = configurationName === undefined ? undefined : await followTrust(configurationName);
  return {
    get current() {
      return files.current;
    },
    get readiness() {
      const problem = lapseOf(files.current) ?? trust?.distrust(files.current);
      return { name: 'certificate', problem, note: files.lastError?.message ?? trust?.lastError?.message };
    },
    watch({ onChange, onError, onWarning }) {
      trust?.watch();
      files.watch({
        onChange,
        onError: (error) => {
          (error.problem === 'not-watched' ? onWarning : onError)(error);
        },
      });
    },
    close() {
      trust?.close();
      files.close();
      return Promise.resolve();
    },
  };
}

/** The client for the Kubernetes API is loaded only where it is used: it costs 70 MB. */
async function followTrust(configurationName: string): Promise<PublishedTrust> {
  const [{ KubeApi }, { PublishedTrust }] = await Promise.all([import('../kube/api.ts'), import('../kube/published-trust.ts')]);
  return new PublishedTrust(KubeApi.connect(), configurationName);
}

/** The authority is renewed a year before its end and the leaf a month, each on its own clock (field lesson I10). */
const AUTHORITY_VALID_DAYS = 5 * 365;
const AUTHORITY_RENEW_DAYS = 365;
const LEAF_VALID_DAYS = 90;
const LEAF_RENEW_DAYS = 30;
/** API servers read a changed webhook configuration within a second; a minute leaves room for one that is restarting. */
const SETTLE_MS = 60_000;
/** A replica reads the Secret every few seconds; a day also covers one that was cut off from the API server. */
const OVERLAP_MS = 86_400_000;

async function managedCertificates(secretName: string, options: ServeOptions): Promise<Certificates> {
  const [{ KubeApi }, { ManagedCertificates }] = await Promise.all([import('../kube/api.ts'), import('../kube/managed-certificates.ts')]);
  const { namespace, service, webhookConfiguration = 'podgrace' } = options;
  const managed = new ManagedCertificates(KubeApi.connect(), {
    namespace,
    secretName,
    leaseName: secretName,
    configurationName: webhookConfiguration,
    identity: hostname(),
    rules: {
      dnsNames: serviceDnsNames(service, namespace),
      authorityValidDays: AUTHORITY_VALID_DAYS,
      authorityRenewDays: AUTHORITY_RENEW_DAYS,
      leafValidDays: LEAF_VALID_DAYS,
      leafRenewDays: LEAF_RENEW_DAYS,
      settleMs: SETTLE_MS,
      overlapMs: OVERLAP_MS,
    },
  });
  return {
    get current() {
      return managed.current;
    },
    get readiness() {
      const problem = managed.distrust ?? (managed.current && lapseOf(managed.current));
      return { name: 'certificate', problem, note: managed.lastError?.message };
    },
    watch({ onChange, onError, onStep }) {
      managed.watch({ onChange, onError, onStep });
    },
    close: () => managed.close(),
  };
}

/** A chain that has expired, or is not yet valid, fails every call of the API server: other replicas may do better. */
function lapseOf({ notAfter, notBefore }: ServingPair): string | undefined {
  const nowMs = Date.now();
  if (notAfter.getTime() < nowMs) return `expired at ${notAfter.toISOString()}`;
  return notBefore.getTime() > nowMs ? `not valid before ${notBefore.toISOString()}` : undefined;
}
