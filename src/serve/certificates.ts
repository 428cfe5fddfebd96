/** Chooses the source of the certificates of `podgrace serve`: files, a folder for a trial, or podgrace itself. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SettingError, type CertificateSettings } from '../config/serve-settings.ts';
import { messageOf } from '../core/error-message.ts';
import { codeOf } from '../files/system-error.ts';
import type { FollowedTrust } from '../kube/certificates/followed-trust.ts';
import type { TrustVerdict } from '../kube/certificates/published-trust.ts';
import { makeCertificates, type CertificateRequest } from '../pki/make-certificates.ts';
import { lapseOfPair, type ServingPair } from '../pki/serving-pair.ts';
import { serviceDnsNames } from '../pki/service-names.ts';
import { CertificateFileError, CertificateFiles } from '../server/certificates.ts';
import type { ReadinessCheck } from '../server/ops.ts';
import { connect } from './connect.ts';

export interface CertificateListener {
  readonly onChange: (pair: ServingPair) => void;
  /** A new pair cannot be used: the one in use stays. */
  readonly onRefused: (error: Error) => void;
  /** The Kubernetes API does not answer, or refuses: serving goes on with what was read last. */
  readonly onApiError: (error: Error) => void;
  readonly onWarning: (warning: Error) => void;
  /** A step of a renewal was taken by this replica; `reason` where there is more to say than its name. */
  readonly onStep: (step: string, reason?: string) => void;
}

export interface Certificates {
  /** Undefined until there is one. */
  readonly current: ServingPair | undefined;
  /** When the authority in the caBundle expires that vouches for it; undefined where none does, or nobody looks. */
  readonly authorityNotAfter: Date | undefined;
  readonly readiness: ReadinessCheck;
  watch(listener: CertificateListener): void;
  close(): Promise<void>;
}

/** @throws {SettingError} naming the setting and the file */
export async function openCertificates(settings: CertificateSettings, namespace: string): Promise<Certificates> {
  switch (settings.from) {
    case 'secret':
      return managedCertificates(settings, namespace);
    case 'folder':
      return fileCertificates(await makeSelfSigned(settings.folder));
    case 'files': {
      const { certFile, keyFile, webhookConfiguration } = settings;
      const followed = webhookConfiguration === undefined ? undefined : await followTrust(webhookConfiguration);
      return fileCertificates(await openFiles(certFile, keyFile, () => followed?.now ?? new Date()), followed);
    }
  }
}

async function openFiles(certFile: string, keyFile: string, now: () => Date): Promise<CertificateFiles> {
  try {
    return await CertificateFiles.open({ certFile, keyFile, now });
  } catch (error) {
    if (error instanceof CertificateFileError) throw new SettingError(error.part === 'key' ? 'keyFile' : 'certFile', error.message);
    throw error;
  }
}

async function makeSelfSigned(folder: string): Promise<CertificateFiles> {
  try {
    await makeCertificates(folder, localCertificates(), { overwrite: true, keepForDays: 1 });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new SettingError('folder', `${folder} cannot be written: ${messageOf(error)}`, { cause: error });
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

/** @param followed the webhook configurations whose caBundle somebody else keeps; undefined outside of a cluster */
function fileCertificates(files: CertificateFiles, followed?: FollowedTrust): Certificates {
  return {
    get current() {
      return files.current;
    },
    get authorityNotAfter() {
      return followed?.trust.authorityNotAfter(files.current);
    },
    get readiness() {
      const verdict = followed?.judge(files.current) ?? judgeByThisClock(files.current);
      return readinessOf(verdict, files.lastError ?? followed?.lastError);
    },
    watch({ onChange, onRefused, onApiError, onWarning }) {
      followed?.watch(onApiError);
      files.watch({
        onChange: (pair) => {
          followed?.expectChange(files.current);
          onChange(pair);
        },
        onError: (error) => {
          (error.problem === 'not-watched' ? onWarning : onRefused)(error);
        },
      });
    },
    async close() {
      files.close();
      await followed?.close();
    },
  };
}

/** What talks to the Kubernetes API is loaded only where it is used. */
async function followTrust(configurationName: string): Promise<FollowedTrust> {
  const [api, { FollowedTrust }] = await Promise.all([connect(), import('../kube/certificates/followed-trust.ts')]);
  return new FollowedTrust(api, { configurationName });
}

/** With what went wrong last: it is mostly the reason. */
function readinessOf({ problem, note }: TrustVerdict, lastError: Error | undefined): ReadinessCheck {
  const said = [problem ?? note, lastError?.message].filter((each) => each !== undefined).join('; ');
  return { name: 'certificate', ...(said !== '' && (problem === undefined ? { note: said } : { problem: said })) };
}

/** A chain that has expired, or is not yet valid, fails every call of the API server: other replicas may do better. */
function judgeByThisClock(pair: ServingPair): TrustVerdict {
  const lapse = lapseOfPair(pair, new Date());
  return lapse === undefined ? {} : { problem: lapse.message };
}

/** The authority is renewed a year before its end and the leaf a month, each on its own clock. */
const AUTHORITY_VALID_DAYS = 5 * 365;
const AUTHORITY_RENEW_DAYS = 365;
const LEAF_VALID_DAYS = 90;
const LEAF_RENEW_DAYS = 30;
/** API servers read a changed webhook configuration within a second; a minute leaves room for one that is restarting. */
const SETTLE_MS = 60_000;
/** A replica reads the Secret every few seconds; a day also covers one that was cut off from the API server. */
const OVERLAP_MS = 86_400_000;

async function managedCertificates(settings: Extract<CertificateSettings, { from: 'secret' }>, namespace: string): Promise<Certificates> {
  const [api, { ManagedCertificates }] = await Promise.all([connect(), import('../kube/certificates/managed-certificates.ts')]);
  const { secretName, service, webhookConfiguration } = settings;
  const managed = new ManagedCertificates(api, {
    namespace,
    secretName,
    leaseName: secretName,
    configurationName: webhookConfiguration,
    identity: `${hostname()}_${randomUUID()}`,
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
    get authorityNotAfter() {
      return managed.authorityNotAfter;
    },
    get readiness() {
      return readinessOf(managed.verdict, managed.lastError);
    },
    watch({ onChange, onApiError, onWarning, onStep }) {
      managed.watch({ onChange, onError: onApiError, onWarning, onStep });
    },
    close: () => managed.close(),
  };
}
