/** The name of an image is valid, and means the same image on every node. */
import { parseImageReference } from '../core/image-reference.ts';
import type { FieldPath } from '../core/path.ts';
import { pathOf, SPEC, type Maybe, type PodSpec, type Volume } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation, type RuleContext, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';
import type { Subject } from '../core/subject.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  readonly movingTags: readonly string[];
  readonly allowMovingTags: boolean;
}

type MessageId = 'unreadable' | 'movingCached' | 'moving' | 'neverPulled';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'image-reference',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'The name of an image is valid, and means the same image on every node.',
      harm: 'With a tag that moves, two replicas may run two versions, and a rollback changes nothing; with a name that does not parse, no Pod starts.',
      why: [
        'A name that does not parse ends in `InvalidImageName`, and the Pod never starts. A tag that moves, such as `latest`, with',
        '`IfNotPresent` is whatever each node pulled first: two replicas run two versions, and a rollback changes nothing. With',
        '`imagePullPolicy: Never` a Pod starts only where somebody has put the image before (`ErrImageNeverPull`), which is true of no',
        'node that an autoscaler adds.',
      ].join('\n'),
      firesOn: [
        'a name that does not follow the grammar of image references: an upper-case repository, a blank, a placeholder that nobody replaced',
        'a tag of `movingTags`, or none, with `imagePullPolicy: IfNotPresent`; also one with a variant behind it, `stable-alpine3.19`',
        '`imagePullPolicy: Never`',
        'with `allowMovingTags: false`, such a tag whatever the policy for pulling is',
        'the same of the image of a volume that a container mounts',
      ],
      leavesAlone: [
        'names with a digest',
        'tags that name a version, as `1.2` or `v3-alpine`, or a release of a distribution, as `bookworm`',
        'a moving tag in a Pod that runs once and that no controller made, as tests and hooks of charts are: it has no replicas, and no rollback',
        '`Never`, and a moving tag with `IfNotPresent`, where the registry is on the node itself (`localhost:5000`), as clusters of developers have it: no policy for pulling makes nodes agree',
        'an empty name, which the API server refuses',
        'ephemeral containers, which `kubectl debug` adds to one running Pod: nothing starts them again',
      ],
      remediation: [
        'Name a version that never changes, or the digest: `web:1.4.2`, `web@sha256:…`. Where a tag has to move, use the policy `Always`:',
        'it costs one request to the registry a start, and layers that are there are not pulled again. Where kustomize or Helm sets the tag,',
        'judge what they render: `podgrace check -k overlays/prod`, `--helm charts/web`.',
      ].join('\n'),
      worse:
        'Each container, and each volume, is compared with itself. From the worst: the name cannot be read, it is never pulled, a moving tag is not pulled again, the tag moves.',
      shipped: { baseline: 62, production: 62, strict: 133 },
      references: [
        'https://kubernetes.io/docs/concepts/containers/images/',
        'https://github.com/distribution/reference/blob/main/reference.go',
      ],
    },
    reads: [
      ...['containers', 'initContainers'].flatMap((list) =>
        ['image', 'imagePullPolicy', 'volumeMounts'].map((field) => `spec.${list}[*].${field}`),
      ),
      'spec.volumes[*].name',
      'spec.volumes[*].image',
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar', 'init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off', options: { allowMovingTags: false } },
    },
    messages: {
      unreadable: {
        text: 'must be the name of an image, but {{image}} does not parse: the Pod stays in InvalidImageName',
        fix: 'write it as `registry/repository:tag`, in lower case and without blanks; replace placeholders',
      },
      movingCached: {
        text: 'must not be {{policy}} for an image with {{tag}}: the tag moves, and each node runs the version that it pulled first',
        fix: 'name a version or a digest{{orPull}}',
      },
      neverPulled: {
        text: 'must not be Never: a node that does not have {{image}} never gets it (ErrImageNeverPull)',
        fix: 'set `{{field}}: IfNotPresent`, which pulls nothing where the image is there{{andVersion}}',
      },
      moving: {
        text: 'must name a version, but has {{tag}}: the tag moves, so every restart may bring another version, and no rollback leads back',
        fix: 'name a version or a digest: `repository:1.4.2`, `repository@sha256:…`',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        movingTags: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1, maxLength: 128 },
          description:
            'Tags that are given to one image after the other, also with the name of a variant behind a hyphen or an underscore; no tag is `latest`.',
        },
        allowMovingTags: { type: 'boolean', description: 'Whether such tags are accepted where each start asks the registry.' },
      },
    },
    defaultOptions: {
      movingTags: [
        ...['latest', 'main', 'master', 'edge', 'nightly', 'dev', 'develop', 'canary', 'stable', 'snapshot', 'lts'],
        // Variants of the newest version.
        ...['alpine', 'slim', 'dind'],
      ],
      allowMovingTags: true,
    },
  },

  validate({ spec }, context) {
    let violations: Violation<MessageId>[] | undefined;
    const isOnlyOne = runsOnce(context.subject);
    const judge = (named: NamedImage, placeOf: () => FieldPath): void => {
      const found = faultOf(named, context.options, isOnlyOne);
      if (found === undefined) return;
      const place = placeOf();
      const field = IS_OF_POLICY[found.message] ? named.policyField : named.field;
      (violations ??= []).push({ ...found, path: place.field(field), ranked: [place] });
    };
    for (const reference of context.containers()) {
      const { image, imagePullPolicy: policy } = reference.container;
      judge({ image, policy, field: 'image', policyField: 'imagePullPolicy' }, () => pathOf(reference));
    }
    for (const [place, { reference: image, pullPolicy: policy }] of imagesOfVolumes(spec, context))
      judge({ image, policy, field: 'reference', policyField: 'pullPolicy' }, () => place);
    return violations ?? NO_VIOLATIONS;
  },
});

interface NamedImage {
  readonly image: Maybe<string>;
  readonly policy: Maybe<string>;
  /** Where the image stands, and the policy for pulling it. */
  readonly field: 'image' | 'reference';
  readonly policyField: 'imagePullPolicy' | 'pullPolicy';
}

/** The kubelet pulls them as those of containers, and a container that mounts one does not start without it (`getImageVolumes`). */
function* imagesOfVolumes({ volumes }: PodSpec, context: RuleContext<Options>): Generator<[FieldPath, NonNullable<Volume['image']>]> {
  let index = -1;
  for (const { name, image } of context.each(volumes)) {
    index += 1;
    if (image != null && context.facts.volumeUses.has(name)) yield [SPEC.field('volumes').at(index, { name }).field('image'), image];
  }
}

/** Each node asks itself. */
const ON_NODE = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])[:/]/;

/** A Pod that no workload makes again. */
function runsOnce({ kind, workloadClass, owner }: Subject): boolean {
  return kind === 'Pod' && workloadClass === 'batch' && owner === undefined;
}

/** Whether it is about the policy for pulling, and not about the image. */
const IS_OF_POLICY: Readonly<Record<MessageId, boolean>> = { unreadable: false, movingCached: true, neverPulled: true, moving: false };

function faultOf(
  { image, policy, policyField }: NamedImage,
  { movingTags, allowMovingTags }: Options,
  isOnlyOne: boolean,
): Omit<KnownViolation<MessageId>, 'path'> | undefined {
  if (image == null || image === '') return undefined;
  const reference = parseImageReference(image);
  if (reference === undefined) return { message: 'unreadable', data: { image: shortened(image) }, rank: [3] };
  const isOnNode = ON_NODE.test(image);
  const moving = reference.tag ?? 'latest';
  const moves = reference.digest === undefined && isMoving(moving, movingTags);
  if (policy === 'Never' && !isOnNode) {
    const andVersion = moves && !isOnlyOne ? ', and name a version or a digest, as the tag moves' : '';
    return { message: 'neverPulled', data: { image: shortened(image), field: policyField, andVersion }, rank: [2] };
  }
  if (!moves) return undefined;
  const tag = reference.tag === undefined ? 'no tag, which means latest' : `the tag ${moving}`;
  if (policy === 'IfNotPresent' && !isOnlyOne && !isOnNode) {
    // Pulled each time, the tag still moves.
    const orPull = allowMovingTags ? `, or set \`${policyField}: Always\`` : '';
    return { message: 'movingCached', data: { policy, tag, orPull }, rank: [1] };
  }
  return allowMovingTags || isOnlyOne ? undefined : { message: 'moving', data: { tag }, rank: [0] };
}

/**
 * `stable-alpine` moves as `stable` does; behind `main-` there may be a commit, and behind any of them a version: those have digits. The
 * number of a base, as in `stable-alpine3.19`, is no version of what is built on it.
 */
function isMoving(tag: string, movingTags: readonly string[]): boolean {
  if (movingTags.includes(tag)) return true;
  return movingTags.some((moving) => {
    if (!tag.startsWith(moving) || !/[-_]/.test(tag.charAt(moving.length))) return false;
    const variant = tag.slice(moving.length + 1).split(/[-_]/);
    return variant.every((part) => BASE.test(part) || (/^[a-z]+$/.test(part) && !COMMIT.test(part)));
  });
}

/** What images are built on, with its number: a distribution, or what runs a language. */
const BASE =
  /^(?:alpine|debian|ubuntu|fedora|ubi|el|rocky|jdk|jre|java|openjdk|temurin|corretto|python|py|php|node|ruby|perl|cuda)\d+(?:\.\d+)*$/;

/** The shortest that git prints; some have no digit. */
const COMMIT = /^[0-9a-f]{7,40}$/;
