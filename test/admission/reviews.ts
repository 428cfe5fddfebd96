/** AdmissionReviews as kube-apiserver sends them, around objects that a test makes up. */
import { decodeReview, type AdmissionRequest } from '../../src/admission/review.ts';
import type { GroupVersionKind } from '../../src/admission/submission.ts';

export interface ReviewParts {
  readonly operation?: string;
  readonly subResource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly username?: string;
  readonly oldObject?: unknown;
  readonly dryRun?: boolean;
  readonly kind?: GroupVersionKind;
  /** Of a DELETE, as the API server fills them in. */
  readonly gracePeriodSeconds?: number;
}

export interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string; readonly operation: string; readonly object: unknown; readonly [key: string]: unknown };
}

/** A CREATE by a human in the namespace `shop`, unless said otherwise. The kind is the object's. */
export function reviewOf(object: unknown, parts: ReviewParts = {}): Review {
  const kind = parts.kind ?? kindOf(object ?? parts.oldObject);
  const {
    operation = 'CREATE',
    subResource,
    namespace = 'shop',
    username = 'alice',
    oldObject = null,
    dryRun = false,
    gracePeriodSeconds,
  } = parts;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'c0ffee00-0000-4000-8000-000000000001',
      kind,
      resource: { group: kind.group, version: kind.version, resource: `${kind.kind.toLowerCase()}s` },
      ...(subResource !== undefined && { subResource }),
      name: parts.name ?? '',
      namespace,
      operation,
      userInfo: { username, groups: ['system:authenticated'] },
      object,
      oldObject,
      dryRun,
      options:
        gracePeriodSeconds === undefined
          ? { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' }
          : { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions', gracePeriodSeconds },
    },
  };
}

export function requestOf(object: unknown, parts?: ReviewParts): AdmissionRequest {
  return decodeReview(reviewOf(object, parts));
}

function kindOf(object: unknown): GroupVersionKind {
  const { apiVersion = 'v1', kind = 'Pod' } = (object ?? {}) as { apiVersion?: string; kind?: string };
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind };
}

interface PodParts {
  readonly metadata?: object;
  readonly spec?: object;
}

/** A Pod with one container, `app`, of a fixed version. */
export function podOf({ metadata, spec }: PodParts = {}): { metadata: Record<string, unknown>; spec: Record<string, unknown> } & object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { containers: [containerOf()], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec },
  } as never;
}

export function containerOf(parts: object = {}): object {
  return { name: 'app', image: 'registry.example/app:1.0', ...parts };
}

export const LATEST = { image: 'registry.example/app:latest' };

/** A Pod that `no-latest` denies. */
export function latestPod({ metadata, spec }: PodParts = {}): ReturnType<typeof podOf> {
  return podOf({ metadata: { ...metadata }, spec: { containers: [containerOf(LATEST)], ...spec } });
}

/** A workload around a Pod's metadata and spec. */
export function workloadOf(apiVersion: string, kind: string, { metadata, spec }: ReturnType<typeof podOf>): object {
  const template = { metadata: { labels: { app: 'web' }, ...metadata }, spec };
  const body = kind === 'CronJob' ? { schedule: '0 0 * * *', jobTemplate: { spec: { template } } } : { replicas: 2, template };
  if (kind === 'PodTemplate') return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop' }, template };
  return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop' }, spec: body };
}
