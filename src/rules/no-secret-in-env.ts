/** Credentials come from Secrets, and not from the manifest. */
import { anyNameMatcher } from '../core/glob.ts';
import { oncePer } from '../core/once-per.ts';
import { pathOf, type EnvVar } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  /** Names of variables, with `*` for any run of characters. */
  readonly ignoredNames: readonly string[];
}

type MessageId = 'literal' | 'inUrl' | 'privateKey';

export default defineRule<Options, MessageId>({
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
        'a literal `value` of a variable that is named like a credential: `…PASSWORD`, `…PASS`, `…TOKEN`, `…API_KEY`, `…SECRET_KEY`, `…SECRET`',
        'a URL with a password in any variable: `postgres://user:password@db`',
        'a private key in PEM in any variable',
      ],
      leavesAlone: [
        '`valueFrom`, empty values, and references such as `$(DB_PASSWORD)`',
        'placeholders of templates: `${PASSWORD}`, `{{ password }}`, `<password>`, `#{PASSWORD}#`, and masks as `***`',
        'references to where a credential lies, and encrypted values: `vault:secret/data/db#password`, `arn:aws:kms:…`, `ENC[…]`',
        'paths of files, names of files with keys, URLs without a password, switches such as `true` and `disabled`',
        'a name of a Secret object in a variable that ends with SECRET: `webhook-server-cert`',
        'names such as `TOKEN_EXPIRY` and `PASSWORD_FILE`, and those of `ignoredNames`',
      ],
      remediation: [
        'Put the value into a Secret, and refer to it with `valueFrom.secretKeyRef`, or mount it as a file. What stood in a manifest counts',
        'as known: replace it. The message never shows the value.',
      ].join('\n'),
      worse: 'A credential in the manifest is as bad as any other; each variable is compared with itself.',
      shipped: { baseline: 6, production: 6, strict: 6 },
      references: [
        'https://kubernetes.io/docs/concepts/configuration/secret/',
        'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
      ],
    },
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
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      let index = -1;
      for (const variable of context.each(reference.container.env)) {
        index += 1;
        const message = faultOf(variable);
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

/** What credentials are called, at the end of a name in lower case whose words have `_` between them. */
const CREDENTIAL =
  /(?:passw(?:or)?d|passphrase|(?:^|_)(?:pass|pwd|token|api_?key|(?:secret|access|secret_access|private|encryption|signing)_?key|secret|credentials?))$/;

/** `$(NAME)` is another variable, and `$$(NAME)` is left to the program; templates fill in the others. */
const PLACEHOLDER = /^\$?\$\(|\$\{|\{\{|\[\[|^<.*>$|^\$[A-Z_]+$|^%.*%$|^__.*__$|^#\{.*\}#?$|^@.*@$/;
/** What somebody has written over a credential: `***`, `REDACTED`. */
const MASK = /^(?:[*.]+|\[?(?:redacted|masked|hidden)\]?|%s)$/i;
/** Switches, numbers that are too short, paths, addresses. */
const NO_CREDENTIAL =
  /^(?:true|false|yes|no|on|off|none|null|enabled?|disabled?|optional|required|\d{1,3}|[./].*|~\/.*|[a-z]:\\.*|[a-z][a-z0-9+.-]*:\/\/.*|file:.*)$/i;
/** Where a credential lies that something else puts in its place (Bank-Vaults, AWS, Google Cloud, akv2k8s), or one that is encrypted. */
const REFERENCE =
  /^(?:(?:arn|vault|ssm|sm|env|secretref|secretkeyref):.+|projects\/[^/]+\/secrets\/.+|[\w.-]+@azurekeyvault|ENC[[(].+[\])])$/i;
/** Of a key: the file that holds it. */
const KEY_FILE = /^[\w.-]+\.(?:key|pem|crt|cer|der|p8|p12|pfx|jks|pub|json)$/i;
/** `MAX_TOKEN`, `MIN_PASSWORD` are counted. */
const COUNT = /(?:^|_)(?:max|min|num|count)(?:imum)?_/;
const URL_WITH_PASSWORD = /:\/\/[^\s:/?#@]{0,256}:([^\s/?#@]{1,256})@/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/;

/** A name of a Kubernetes object, in more than one word. */
const OBJECT_NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)+$/;

/** Long texts are configuration files; a credential in a URL stands at its beginning. */
const LONGEST = 4096;

/** Only the end of a name counts; anybody can write a longer one. */
const LONGEST_NAME = 128;

function faultOf({ name, value }: EnvVar): MessageId | undefined {
  if (value == null || value === '') return undefined;
  const text = value.length > LONGEST ? value.slice(0, LONGEST) : value;
  if (text.includes('PRIVATE KEY') && PRIVATE_KEY.test(text)) return 'privateKey';
  if (text.includes('@')) {
    const password = URL_WITH_PASSWORD.exec(text)?.[1];
    if (password !== undefined && !PLACEHOLDER.test(password) && !MASK.test(password) && !password.startsWith('$')) return 'inUrl';
  }
  if (!MAY_BE_CREDENTIAL.test(name)) return undefined;
  const words = wordsOf(name.length > LONGEST_NAME ? name.slice(-LONGEST_NAME) : name);
  if (!CREDENTIAL.test(words) || [PLACEHOLDER, MASK, NO_CREDENTIAL, REFERENCE].some((form) => form.test(text))) return undefined;
  if ((words.endsWith('key') && KEY_FILE.test(text)) || (COUNT.test(words) && /^\d+$/.test(text))) return undefined;
  return /(?:secret|credentials?)$/.test(words) && OBJECT_NAME.test(text) ? undefined : 'literal';
}

/** Most names are none of a credential, which needs no words. */
const MAY_BE_CREDENTIAL = /pass|pwd|token|key|secret|credential/i;

/** `githubToken` is `github_token`. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[-.]/g, '_');
}

const ignoredBy = oncePer(({ ignoredNames }: Options) => anyNameMatcher(ignoredNames));
