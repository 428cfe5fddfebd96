/** Credentials come from Secrets, and not from the manifest. */
import { credentialIn, type CredentialForm } from '../core/credential.ts';
import { anyNameMatcher } from '../core/glob.ts';
import { oncePer } from '../core/once-per.ts';
import { pathOf } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  /** Names of variables, with `*` for any run of characters. */
  readonly ignoredNames: readonly string[];
}

export default defineRule<Options, CredentialForm>({
  meta: {
    id: 'no-secret-in-env',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'Environment variables that hold credentials take them from a Secret.',
      harm: 'Whoever may list Pods can read the value, and it stays in Git and in the history of rollouts.',
      why: [
        'A literal value stands in the manifest, in Git, in the last-applied annotation, in every ReplicaSet of the rollout history and in',
        'each Pod: whoever may list Pods can read it, and it cannot be changed without a rollout. Permission to read Secrets is given',
        'to few; and a Secret can be encrypted at rest, mounted as a file and replaced.',
      ].join('\n'),
      firesOn: [
        'a literal `value` of a variable that is named like a credential: `…PASSWORD`, `…PASS`, `…TOKEN`, `…API_KEY`, `…SECRET_KEY`, `…MASTER_KEY`, `…SECRET`',
        'a URL or a connection string with a password in any variable: `postgres://user:password@db`, `Server=db;Password=…`',
        'an option or a member of JSON that is named like a credential, in any variable: `-Ddb.password=…`, `--token=…`, `{"password": "…"}`',
        'a user with a password in a variable for a login: `BASIC_AUTH=user:password`, `NEO4J_AUTH=neo4j/password`',
        'a header with a credential in any variable: `Authorization: Bearer …`, `authorization=Basic%20…`; and the address of a webhook of Slack, Discord or Teams',
        'a key in base64 (`APP_KEY=base64:…`), and a private key in PEM',
      ],
      leavesAlone: [
        '`valueFrom`, empty values, and references such as `$(DB_PASSWORD)`',
        'placeholders of templates: `${PASSWORD}`, `{{ password }}`, `{password}`, `<password>`, `#{PASSWORD}#`, and masks as `***`',
        'references to where a credential lies, and encrypted values: `vault:secret/data/db#password`, `arn:aws:kms:…`, `ENC[…]`',
        'paths of files, names of files with keys, URLs without a password, switches such as `true` and `disabled`',
        'a name of a Secret object in a variable that ends with SECRET: `webhook-server-cert`, but not in one for a shared secret such as `JWT_SECRET`',
        'what browsers get anyway: `NEXT_PUBLIC_API_KEY`, `STRIPE_PUBLISHABLE_API_KEY`',
        'what only sounds like one: `FIRST_PASS=full`, `--set secret=web`, and a name of a key in a Secret, `{"secretKey": "db-password"}`',
        'what everybody knows: the password `changeit` of a trust store, and tokens that mark text, such as `EOS_TOKEN`',
        'names such as `TOKEN_EXPIRY` and `PASSWORD_FILE`, and those of `ignoredNames`',
        'ephemeral containers, which `kubectl debug` adds to a running Pod: no manifest and no rollout keeps them',
      ],
      remediation: [
        'Put the value into a Secret, and refer to it with `valueFrom.secretKeyRef`, or mount it as a file. What stood in a manifest counts',
        'as known: replace it. Neither the message nor the line that a report quotes with it shows the value.',
      ].join('\n'),
      worse: 'A credential in the manifest is as bad as any other; each variable is compared with itself.',
      shipped: { baseline: 10, production: 10, strict: 10 },
      references: [
        'https://kubernetes.io/docs/concepts/configuration/secret/',
        'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
      ],
    },
    findsCredentials: true,
    reads: ['spec.containers[*].env', 'spec.initContainers[*].env'],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar', 'init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      literal: {
        text: 'must come from a Secret, but {{name}} has the name of a credential and a literal value, which everybody who may read Pods can see',
        fix: 'put it into a Secret, and use `valueFrom.secretKeyRef`; then replace the credential, because it stood in a manifest',
      },
      inUrl: {
        text: 'must come from a Secret, but {{name}} is a URL with a password, which everybody who may read Pods can see',
        fix: 'keep the URL or its password in a Secret, and use `valueFrom.secretKeyRef`; replace the password',
      },
      inConnection: {
        text: 'must come from a Secret, but {{name}} is a connection string with a password, which everybody who may read Pods can see',
        fix: 'keep the string or its password in a Secret, and use `valueFrom.secretKeyRef`; replace the password',
      },
      pair: {
        text: 'must come from a Secret, but {{name}} is a user with a password, which everybody who may read Pods can see',
        fix: 'keep both or the password in a Secret, and use `valueFrom.secretKeyRef`; replace the password',
      },
      inSettings: {
        text: 'must come from a Secret, but {{name}} has a credential among its settings, which everybody who may read Pods can see',
        fix: 'put it into a variable of its own with `valueFrom.secretKeyRef`, and `$(VARIABLE)` in its place; then replace the credential',
      },
      webhook: {
        text: 'must come from a Secret, but {{name}} is the address of a webhook: everybody who may read Pods can see it, and can post there',
        fix: 'put the address into a Secret, and use `valueFrom.secretKeyRef`; then make a new one, because it stood in a manifest',
      },
      privateKey: {
        text: 'must come from a Secret, but {{name}} holds a private key, which everybody who may read Pods can see',
        fix: 'mount it as a file from a Secret; then replace the key, because it stood in a manifest',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ignoredNames: {
          type: 'array',
          maxItems: 200,
          items: { type: 'string', minLength: 1, maxLength: 200 },
          description: 'Variables that hold no credential, whatever they are called; `*` stands for any characters.',
        },
      },
    },
    defaultOptions: { ignoredNames: [] },
  },

  validate(_pod, context) {
    let violations: Violation<CredentialForm>[] | undefined;
    for (const reference of context.containers()) {
      let index = -1;
      for (const variable of context.each(reference.container.env)) {
        index += 1;
        if (variable.value != null) context.read(variable.value);
        const message = credentialIn(variable);
        if (message === undefined || ignoredBy(context.options)(variable.name)) continue;
        violations ??= [];
        const { name } = variable;
        const place = pathOf(reference).field('env').at(index, { name });
        violations.push({
          message,
          path: place.field('value'),
          data: { name },
          rank: [0],
          ranked: [place],
        });
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

const ignoredBy = oncePer(({ ignoredNames }: Options) => anyNameMatcher(ignoredNames));
