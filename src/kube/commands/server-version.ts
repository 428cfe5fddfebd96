/** What an older API server lacks of what podgrace's objects ask for. */
import type { JsonObject } from '../../core/json.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../core/kubernetes-version.ts';
import type { KubeApi } from '../client/api.ts';

export interface ServerVersion {
  /** As the API server says it: `v1.36.3`. */
  readonly text: string;
  /** 36; managed clusters say `36+`. */
  readonly minor: number;
}

export async function readServerVersion(api: KubeApi): Promise<ServerVersion> {
  const { body } = await api.request({ method: 'GET', path: '/version' });
  return parseServerVersion(body);
}

export function parseServerVersion(body: JsonObject): ServerVersion {
  const { gitVersion, minor } = body;
  return { text: typeof gitVersion === 'string' ? gitVersion : 'unknown', minor: Number.parseInt(String(minor), 10) };
}

export interface Shortcoming {
  /** Whether nothing can be installed; else it is only to be told. */
  readonly isFatal: boolean;
  readonly message: string;
}

/** The version since which a feature is on without a flag (`kube_features.go`, apiserver and kubernetes), oldest need first. */
const NEEDS: readonly (Shortcoming & { readonly since: number })[] = [
  {
    since: 30,
    isFatal: true,
    message:
      'matchConditions of webhooks are not to be relied upon before 1.30: requests of controllers could be held back with those of people',
  },
  {
    since: OLDEST_MINOR,
    isFatal: false,
    message: `podgrace is made for 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}: rules go by defaults and fields that an older API server may not have`,
  },
  { since: 33, isFatal: false, message: 'there is no pods/resize before 1.33: resizes cannot happen, and so are not judged' },
];

export function shortcomingsOf({ text, minor }: ServerVersion): Shortcoming[] {
  if (Number.isNaN(minor)) return [{ isFatal: false, message: `the API server says that its version is ${text}, which tells nothing` }];
  return NEEDS.filter(({ since }) => minor < since).map(({ isFatal, message }) => ({ isFatal, message: `${text}: ${message}` }));
}
