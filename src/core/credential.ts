/** Whether the literal value of a variable is a credential: by the name of the variable, or by what the value looks like. */
import type { EnvVar } from './pod.ts';

export type CredentialForm = 'literal' | 'inUrl' | 'inConnection' | 'privateKey';

/** @returns undefined where the value is none, or where nothing shows that it is one */
export function credentialIn({ name, value }: EnvVar): CredentialForm | undefined {
  if (value == null || value === '') return undefined;
  const text = value.length > LONGEST ? value.slice(0, LONGEST) : value;
  if (text.includes('PRIVATE KEY') && PRIVATE_KEY.test(text)) return 'privateKey';
  if (text.includes('@') && isWritten(URL_WITH_PASSWORD.exec(text)?.[1] ?? DATA_SOURCE.exec(text)?.[1])) return 'inUrl';
  if (text.includes('=') && CONNECTION.test(text) && isWritten(PASSWORD_OF_CONNECTION.exec(text)?.[1])) return 'inConnection';
  if (!MAY_BE_CREDENTIAL.test(name)) return undefined;
  const words = wordsOf(name.length > LONGEST_NAME ? name.slice(-LONGEST_NAME) : name);
  if (!CREDENTIAL.test(words) || PUBLIC.test(words) || NO_CREDENTIAL.some((form) => form.test(text))) return undefined;
  return isOfAnotherKind(words, text) ? undefined : 'literal';
}

/** What credentials are called, at the end of a name in lower case whose words have `_` between them. */
const CREDENTIAL =
  /(?:passw(?:or)?d|passphrase|(?:^|_)(?:pass|pwd|token|api_?key|auth_?key|(?:secret|access|secret_access|private|encryption|signing|account|storage|master|pre_?shared)_?key|secret_key_base|secret|credentials?))$/;

/** What everybody may see: it is part of what browsers get. */
const PUBLIC = /(?:^|_)(?:public|publishable)_/;

/** `$(NAME)` is another variable, and `$$(NAME)` is left to the program; templates fill in the others. */
const PLACEHOLDER =
  /^\$?\$\(|\$\{[^${}]*\}|\{\{[^{}]*\}\}|\[\[[^[\]]*\]\]|^<[A-Za-z%][\w .:/%=-]*>$|^\$[A-Z_]+$|^#\{[^}]*\}#?$|^(?:%|__|@@?)(?:[A-Z][A-Z0-9_]*|[A-Za-z]+(?:[._-][A-Za-z0-9]+)+)(?:%|__|@@?)$/;
/** What somebody has written over a credential: `***`, `REDACTED`. */
const MASK = /^(?:[*.]+|\[?(?:redacted|masked|hidden)\]?|%s)$/i;
/** Switches, the type of a token, and addresses. */
const SWITCH_OR_ADDRESS =
  /^(?:true|false|yes|no|on|off|none|null|enabled?|disabled?|optional|required|always|never|bearer|[01]|[a-z][a-z0-9+.-]*:\/\/.*|file:.*)$/i;
/** A path in more than one step, or in one of lower-case words; what has other characters may be a credential that begins so: `/Kd93=`. */
const PATH = /^(?:~|\.{1,2})?\/(?:[a-z][a-z._-]*|(?:[\w.@-]+\/)+[\w.@-]*)?$|^[A-Za-z]:\\/;
/** Where a credential lies that something else puts in its place (Bank-Vaults, AWS, Google Cloud, akv2k8s), or one that is encrypted. */
const REFERENCE =
  /^(?:(?:arn|vault|ssm|sm|env|secretref|secretkeyref):.+|projects\/[^/]+\/secrets\/.+|[\w.-]+@azurekeyvault|ENC[[(].+[\])]|\{cipher\}.+)$/i;
const NO_CREDENTIAL = [PLACEHOLDER, MASK, SWITCH_OR_ADDRESS, PATH, REFERENCE];

/** A number that is too short for a token, a file, a count, or the name of an object. */
function isOfAnotherKind(words: string, text: string): boolean {
  if (SHORT_NUMBER.test(text)) return !PASSWORD.test(words);
  if (words.endsWith('key') && KEY_FILE.test(text)) return true;
  if (COUNT.test(words) && /^\d+$/.test(text)) return true;
  if (OBJECT_SECRET.test(words) && SIMPLE_NAME.test(text)) return true;
  return /(?:secret|credentials?)$/.test(words) && !SHARED_SECRET.test(words) && OBJECT_NAME.test(text);
}

/** Of tries, or of seconds: `60`, `30m`. */
const SHORT_NUMBER = /^\d{1,3}(?:ms|[smhd])?$/;
const PASSWORD = /(?:passw(?:or)?d|passphrase|(?:^|_)(?:pass|pwd))$/;
/** Of a key: the file that holds it. */
const KEY_FILE = /^[\w.-]+\.(?:key|pem|crt|cer|der|p8|p12|pfx|jks|pub|json)$/i;
/** `MAX_TOKEN`, `MIN_PASSWORD` are counted. */
const COUNT = /(?:^|_)(?:max|min|num|count)(?:imum)?_/;
/** These are never names of objects: `JWT_SECRET`, `OAUTH_CLIENT_SECRET`. */
const SHARED_SECRET = /(?:^|_)(?:client|jwt|session|cookie|oauth|hmac)_secret$/;
/** These are always objects, of a type of their own (`kubernetes.io/dockerconfigjson`, `kubernetes.io/tls`): `IMAGE_PULL_SECRET`. */
const OBJECT_SECRET = /(?:^|_)(?:pull|registry|tls)_secret$/;
const SIMPLE_NAME = /^[a-z0-9]+$/;
/** A name of a Kubernetes object, in more than one word, perhaps behind its namespace. */
const OBJECT_NAME = /^(?:[a-z0-9-]+\/)?[a-z0-9]+(?:[.-][a-z0-9]+)+$/;

const URL_WITH_PASSWORD = /:\/\/[^\s:/?#@]{0,256}:([^\s/?#@]{1,256})@/;
/** `web:password@tcp(db:3306)/web` (github.com/go-sql-driver/mysql, DSN). */
const DATA_SOURCE = /^[^\s:/@]{1,256}:([^\s@]{1,256})@(?:tcp|unix)\(/;
/** `Server=db;User Id=web;Password=…` (ADO.NET), `host=db user=web password=…` (libpq), `jdbc:mysql://db/web?password=…`; not the address of a page. */
const CONNECTION = /(?:^|[;\s])(?:server|data source|host|addr|address)\s?=|(?<!(?:^|[^a-z0-9+:.-])https?):\/\//i;
const PASSWORD_OF_CONNECTION = /(?:^|[?&;\s])(?:password|pwd)\s?=\s?([^&;\s]{1,256})/i;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/;

/** Whether it is itself there, and not what stands for it. */
function isWritten(password: string | undefined): boolean {
  if (password === undefined || password.startsWith('$')) return false;
  return ![PLACEHOLDER, MASK, PATH, REFERENCE].some((form) => form.test(password));
}

/** Long texts are configuration files; a credential in a URL stands at its beginning. */
const LONGEST = 4096;

/** Only the end of a name counts; anybody can write a longer one. */
const LONGEST_NAME = 128;

/** Most names are none of a credential, which needs no words. */
const MAY_BE_CREDENTIAL = /pass|pwd|token|key|secret|credential/i;

/** `githubToken` is `github_token`. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[-.]/g, '_');
}
