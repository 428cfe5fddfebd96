/** The JSON Schema of `podgrace explain -o json`. */
import { DRAIN_VERDICTS } from '../../core/drain.ts';
import { PODS_NOW } from '../../core/evictions-now.ts';
import { QOS_CLASSES } from '../../core/qos.ts';
import { CHANGE_EFFECTS } from '../../core/change-effect.ts';
import { WORKLOAD_CLASSES } from '../../core/workload.ts';
import type { JsonSchema } from '../../core/rule.ts';
import { finding } from './finding.ts';
import { inputErrors } from './input-errors.ts';
import { count, exact, list, nullable, orNull, root, string, withOptional } from './json-schema.ts';

/** Quantities by the name of the resource. */
const amounts = { type: 'object', additionalProperties: string };

const seconds = { type: 'number', minimum: 0 };
const duration = exact({ certainty: { ...string, enum: ['exact', 'at most', 'open', 'endless'] }, seconds });
const named = { container: string, kind: { ...string, enum: ['main', 'sidecar'] } };

const status = {
  ...orNull(
    exact({
      status: { ...string, description: 'As kubectl get pods prints it.' },
      ready: { ...string, pattern: '^\\d+/\\d+$' },
      restarts: count,
      lastRestart: {
        ...nullable('string'),
        description: 'When that ended which was restarted last, RFC 3339; null where kubectl prints no age.',
      },
      container: { ...nullable('string'), description: 'The one that decides.' },
      cause: nullable('string'),
      advice: nullable('string'),
      rules: { ...list(string), description: 'Rules that look for the cause in a manifest.' },
    }),
  ),
  description: 'Null where no API server has stored the Pod.',
};

const start = list(
  exact({
    ...named,
    beginSeconds: {
      ...orNull(seconds),
      description: 'When the container starts, after the first one of the list, at the earliest; null for never.',
    },
    hook: { ...orNull(duration), description: 'The postStart hook.' },
    startedSeconds: { ...orNull(seconds), description: 'After the start of the container, as the times below; null for never.' },
    readySeconds: orNull(seconds),
    firstLivenessSeconds: orNull(seconds),
    killed: {
      ...orNull(
        exact({
          probe: string,
          atLeastSeconds: seconds,
          atMostSeconds: seconds,
          graceSeconds: { ...seconds, description: 'From then to SIGKILL.' },
        }),
      ),
      description: 'When a container that does not answer gets its stop signal; null where nothing ends its start.',
    },
  }),
);

const stop = exact({
  graceSeconds: { type: 'integer' },
  containers: list(
    exact({
      ...named,
      hook: { ...orNull(duration), description: 'The preStop hook.' },
      stopSignalSeconds: { ...orNull(seconds), description: 'After the deletion; null where the end of a hook is not known.' },
      killSeconds: seconds,
      fate: { ...string, enum: ['ends', 'swallows', 'waits', 'depends', 'unknown'] },
      pidOne: nullable('string'),
    }),
  ),
});

const nodeLost = exact({
  noticedSeconds: seconds,
  deletedSeconds: {
    ...orNull(seconds),
    description: 'Null where the Pod waits for its node. Of a Job whose activeDeadlineSeconds pass before, the latest time.',
  },
  replacedSeconds: {
    ...orNull(seconds),
    description:
      'When a controller makes another Pod. Null where the Pod waits for its node, where a StatefulSet, or a Job with the podReplacementPolicy Failed, waits until it is gone, and where nobody makes another one, such as a Job whose activeDeadlineSeconds have passed. For a Pod that a Job has made, it is the time of a Job with the default fields.',
  },
});

const around = {
  ...orNull(
    exact({
      services: { ...orNull(list(string)), description: 'Those that select the Pods; null where they may not be read, as below.' },
      podDisruptionBudgets: orNull(list(string)),
      autoscaler: orNull(
        exact({
          kind: { ...string, enum: ['HorizontalPodAutoscaler', 'ScaledObject'] },
          name: string,
          minReplicas: count,
          maxReplicas: count,
        }),
      ),
      resourceQuotas: orNull(list(string)),
      refusingQuotas: {
        ...orNull(list(exact({ name: string, unset: list(exact({ container: string, amount: string })) }))),
        description: 'Those that let no such Pod be made, because its containers do not set what they count.',
      },
      limitRanges: orNull(list(string)),
      podNames: {
        ...orNull({ ...string, enum: ['own', 'none', 'others'] }),
        description:
          'Whether the Pods of a StatefulSet have names in DNS; none: there is no Service `serviceName`; others: it selects other Pods.',
      },
      missing: { ...list(finding), description: 'What the Pods name and the cluster does not have, by the rules of the policy.' },
      unknown: { ...list(string), description: 'Why something is not known.' },
    }),
  ),
  description:
    'What the cluster has in the namespace, or, without a cluster, what the files of the run have around the object; null where they have nothing.',
};

const change = {
  ...orNull(
    exact({
      fields: list(
        exact({
          field: string,
          from: { description: 'Null where it was not set.' },
          to: { description: 'Null where it is not set any more.' },
          effect: { ...string, enum: [...CHANGE_EFFECTS] },
          reason: { ...nullable('string'), description: 'What the API server says of an invalid change.' },
        }),
      ),
      replaces: orNull(
        exact({ pods: nullable('integer'), atOnce: nullable('integer'), steps: nullable('integer'), minReadySeconds: count }),
      ),
      deletesClaims: { type: 'boolean', description: 'Whether a StatefulSet deletes the claims of the Pods that it gives up.' },
      invalid: {
        ...list(string),
        description: 'What the API server says of fields that are invalid and do not change: it refuses the whole update.',
      },
      misapplied: {
        ...list(exact({ field: string, key: string })),
        description:
          'Lists that kubectl apply does not store as the file has them, because several elements have the same key; of a list of more than 12 elements, that it may store otherwise, or refuse.',
      },
    }),
  ),
  description: 'Against --from; null without it, and for a new object.',
};

const rollout = orNull(
  exact({
    replicas: count,
    replaced: { ...count, description: 'All but those below the partition of a StatefulSet.' },
    mostPods: count,
    leastAvailable: count,
    atOnce: { ...count, description: 'How many Pods may be missing or too many at a time.' },
    steps: { ...count, description: 'How often Pods have to become available, one after another, at least.' },
    minReadySeconds: count,
    progressDeadlineSeconds: {
      ...nullable('integer'),
      description: 'After how long without progress the rollout is reported as failed; null where nothing reports it.',
    },
    isOrdered: {
      type: 'boolean',
      description: 'Of a StatefulSet with OrderedReady: a Pod that is not ready stops all that comes after it.',
    },
    isPaused: { type: 'boolean', description: 'Whether a Deployment is paused: until it is resumed, no Pod is replaced or made.' },
    surge: orNull(
      exact(
        {
          pods: count,
          requests: amounts,
          limits: amounts,
          quotas: { ...orNull(list(string)), description: 'The ResourceQuotas that count them; null where they are not known.' },
          shortage: orNull(
            exact(
              { quota: string, counted: string, left: string, needed: string, enough: string },
              'What is missing for the first of these Pods.',
            ),
          ),
          isStuck: { type: 'boolean', description: 'Whether the rollout never begins because of that.' },
        },
        'What it needs beyond the replicas, of all of these Pods together.',
      ),
    ),
  }),
);

const drain = {
  ...orNull(
    exact({
      verdict: {
        ...string,
        enum: [...DRAIN_VERDICTS],
        description:
          'stays: drains leave it where it is; unprotected: no budget holds it back; paced: a budget allows some at a time; blocked: it allows none; refused: several budgets make each eviction fail; unknown: how many Pods there are is not known.',
      },
      pods: { ...nullable('integer'), description: 'The fewest that an autoscaler leaves; null where the object does not say.' },
      podDisruptionBudgets: list(string),
      atOnce: { ...nullable('integer'), description: 'How many may be gone at a time at most, while all are ready.' },
      waits: { ...nullable('integer'), description: 'How often a new Pod has to become ready before the next is evicted, at least.' },
      leastSeconds: { ...orNull(seconds), description: 'From the first eviction until the last of the Pods is gone, at the earliest.' },
      now: {
        ...orNull(
          exact({
            pod: { ...orNull({ ...string, enum: [...PODS_NOW] }), description: 'Of a Pod that is stored: its own state.' },
            isEvicted: {
              ...nullable('boolean'),
              description: 'Whether the Pod would be evicted; null without one, and where nobody knows.',
            },
            readyPods: { ...nullable('integer'), description: 'What the budget has counted (currentHealthy); null outside of clusters.' },
            neededPods: { ...nullable('integer'), description: 'How many the budget needs (desiredHealthy).' },
            evictablePods: { ...nullable('integer'), description: 'How many ready ones may be evicted (disruptionsAllowed).' },
            evictsUnready: { ...nullable('boolean'), description: 'Whether Pods that are not ready may be evicted.' },
          }),
        ),
        description: 'What the eviction API answers at the moment; null where nothing is known of it.',
      },
      emptyDirs: { ...list(string), description: 'For these, kubectl drain needs --delete-emptydir-data.' },
      needsForce: { type: 'boolean', description: 'Whether kubectl drain needs --force.' },
    }),
  ),
  description: 'What a drain of its nodes does; null where the PodDisruptionBudgets are not known, and for 0 replicas.',
};

export function explainSchema(): JsonSchema {
  return root('explain', {
    results: list(
      exact({
        file: { ...string, description: 'As it was given or found; pod/web for an object of a cluster.' },
        document: { ...nullable('integer'), description: 'From 1, within the file; null outside of files.' },
        line: nullable('integer'),
        renderedLine: {
          ...nullable('integer'),
          description: 'In what helm or kustomize wrote, where the line in the file is not known: then line is 1.',
        },
        apiVersion: string,
        kind: string,
        namespace: string,
        name: string,
        workload: { ...string, enum: [...WORKLOAD_CLASSES] },
        status,
        qosClass: { ...string, enum: [...QOS_CLASSES] },
        qosObstacles: {
          ...list(exact({ container: nullable('string'), resource: string, request: nullable('string'), limit: nullable('string') })),
          description: 'What keeps the Pod from a higher class.',
        },
        memory: list(exact({ ...named, oomScoreAdj: { type: 'integer', minimum: -997, maximum: 1000 } })),
        start,
        readySeconds: {
          ...orNull(seconds),
          description: 'When the Pod is ready, after the start of the first container of start, at the earliest; null for never.',
        },
        stop,
        nodeLost,
        around,
        change,
        rollout,
        drain,
        policy: { ...string, description: 'The name of the policy that findings go by.' },
        findings: {
          ...list(finding),
          description:
            'What check finds in this Pod template, and, with the first template of an object, in the rest of the object. Empty in a namespace that the policy excludes.',
        },
      }),
    ),
    others: {
      ...list(
        withOptional(
          exact({
            ...{ file: string, document: orNull(count), line: orNull(count) },
            ...{ apiVersion: string, kind: string, namespace: string, name: string },
            workloads: {
              ...orNull(list(exact({ kind: string, name: string, replicas: nullable('integer') }))),
              description: 'Whose Pods it concerns, the first of them; null where nobody knows the workloads.',
            },
            moreWorkloads: { ...count, description: 'How many are not listed.' },
            evictions: {
              ...orNull(exact({ whileReady: list(exact({ pods: count, allowed: count })), now: nullable('integer') })),
              description:
                'Of a budget: how many Pods may be evicted at a time while all are ready, for the fewest and the most Pods (empty where nobody knows), and how many now (null where nobody knows).',
            },
            amounts: {
              ...list(exact({ resource: string, hard: string, used: nullable('string'), left: nullable('string') })),
              description: 'Of a quota; used and left are null outside of a cluster.',
            },
            says: { ...list(string), description: 'The same in sentences, as the text has them.' },
          }),
          { renderedLine: { ...count, description: 'As of results; left out where the line in the file is known.' } },
        ),
      ),
      description: 'Budgets, autoscalers, Services, quotas and LimitRanges, which have no Pods of their own.',
    },
    errors: inputErrors,
    notices: {
      ...list(
        withOptional(exact({ file: string, line: nullable('integer'), kind: string, message: string }), {
          renderedLine: { ...count, description: 'As of results; left out where the line in the file is known.' },
        }),
      ),
      description:
        'What looks like a workload and is not explained: charts, templates, unknown kinds; the kind is empty for what is no object.',
    },
    summary: exact({ explained: count, errors: count }),
  });
}
