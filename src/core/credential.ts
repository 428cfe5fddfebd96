/** Whether the literal value of a variable is a credential: by the name of the variable, or by what the value looks like. */
import type { EnvVar } from './pod.ts';

/** How a value holds a credential. */
export type CredentialForm =
  /** The whole value is one: `DB_PASSWORD=hunter2`. */
  | 'literal'
  /** The name of a user and a password: `BASIC_AUTH=web:hunter2`. */
  | 'pair'
  /** `postgres://web:hunter2@db/shop`, in a variable of any name. */
  | 'inUrl'
  /** `Server=db;User Id=web;Password=hunter2` */
  | 'inConnection'
  /** Among options, headers or members: `-Ddb.password=hunter2`, `Authorization: Bearer …`, `{"password": "hunter2"}`. */
  | 'inSettings'
  /** An address to which whoever knows it can post. */
  | 'webhook'
  /** In PEM. */
  | 'privateKey';

/**
 * Looks at the first 4096 characters of a value and the last 128 of a name.
 *
 * @returns undefined where the value is no credential, where it only refers to one, or where nothing shows that it is one
 */
export function credentialIn({ name, value }: EnvVar): CredentialForm | undefined {
  if (value == null || value === '') return undefined;
  const text = value.length > LONGEST ? value.slice(0, LONGEST) : value;
  // Everything else that is looked for in a value has other characters: `@`, `=`, `:`, `/`, blanks or quotes.
  if (ONE_WORD.test(text)) return MAY_BE_CREDENTIAL.test(name) && isCredential(name, text) ? 'literal' : undefined;
  const form = formWithin(text);
  if (form !== undefined) return form;
  if (isAuthorized(name, text) || (MAY_BE_CREDENTIAL.test(text) && hasCredentialAmongSettings(text))) return 'inSettings';
  if (MAY_BE_PAIR.test(name) && isPair(wordsOf(name), text)) return 'pair';
  if (ENCODED_KEY.test(text) && isNameOfKey(wordsOf(name))) return 'literal';
  return MAY_BE_CREDENTIAL.test(name) && isCredential(name, text) ? 'literal' : undefined;
}

/** `info`, `10.0.0.1`, `hunter2`. */
const ONE_WORD = /^[\w.-]+$/;

/** Of a value that shows what it is, whatever its variable is called. */
function formWithin(text: string): CredentialForm | undefined {
  if (text.includes('PRIVATE KEY') && PRIVATE_KEY.test(text)) return 'privateKey';
  if (text.includes('@') && isWritten(URL_WITH_PASSWORD.exec(text)?.[1] ?? DATA_SOURCE.exec(text)?.[1])) return 'inUrl';
  if (text.includes('=') && CONNECTION.test(text) && isWritten(PASSWORD_OF_CONNECTION.exec(text)?.[1])) return 'inConnection';
  return text.includes('hook') && WEBHOOK.test(text) ? 'webhook' : undefined;
}

/** Of a key that is not for everybody: `APP_KEY`. @param words of the name (`wordsOf`) */
function isNameOfKey(words: string): boolean {
  return /(?:^|_)key$/.test(words) && !PUBLIC.test(words) && !/(?:^|_)pub_key$/.test(words);
}

/** Whether a value is the credential that its name speaks of: of a variable, or of a setting in the text of one. */
function isCredential(name: string, text: string): boolean {
  const words = wordsOf(name);
  if (
    !CREDENTIAL.test(words) ||
    PUBLIC.test(words) ||
    MARK_OF_TEXT.test(words) ||
    TOKEN_OF_CLUSTER.test(words) ||
    OTHER_PASS.test(words) ||
    NO_CREDENTIAL.some((form) => form.test(text))
  )
    return false;
  return !isOfAnotherKind(words, text);
}

/** What credentials are called, at the end of a name in lower case whose words have `_` between them. */
const CREDENTIAL =
  /(?:passw(?:or)?d|passphrase|(?:^|_)(?:pass|pwd|token|api_?key|auth_?key|(?:secret|access|secret_access|private|encryption|signing|account|storage|master|pre_?shared)_?key|secret_key_base|secret|credentials?|requirepass|erlang_cookie|(?:redis|valkey|keydb)_auth))$/;

/** Of work that is done in several goes, as encoders do (`FIRST_PASS`), and of filters. */
const OTHER_PASS = /(?:^|_)(?:first|second|third|last|final|single|one|two|multi|render|low|high|band|all)_pass$/;

/** What everybody may see: it is part of what browsers get. */
const PUBLIC = /(?:^|_)(?:public|publishable)_/;

/** What marks text for a language model, `</s>` (Hugging Face Transformers, “special tokens”). */
const MARK_OF_TEXT = /(?:^|_)(?:bos|eos|unk|sep|pad|cls|mask)_token$/;

/** What tells one etcd cluster from another while it is founded: `etcd-cluster-1` (etcd.io/docs, “Configuration options”). */
const TOKEN_OF_CLUSTER = /(?:^|_)initial_cluster_token$/;

/** `$(NAME)` is another variable, and `$$(NAME)` is left to the program; templates fill in the others. Quotes around nothing hold nothing. */
const PLACEHOLDER =
  /^(?:""|'')?$|^\{[A-Za-z][A-Za-z_ .-]*\}$|^\$?\$\(|\$\{[^${}]*\}|\{\{[^{}]*\}\}|\[\[[^[\]]*\]\]|^<[A-Za-z%][\w .:/%=-]*>$|^\$[A-Z_]+$|^#\{[^}]*\}#?$|^(?:%|__|@@?)(?:[A-Z][A-Z0-9_]*|[A-Za-z]+(?:[._-][A-Za-z0-9]+)+)(?:%|__|@@?)$/;
/** What somebody has written over a credential: `***`, `REDACTED`. */
const MASK = /^(?:[*.]+|\[?(?:redacted|masked|hidden)\]?|%s)$/i;
/** Switches, the type of a token, and addresses. */
const SWITCH_OR_ADDRESS =
  /^(?:true|false|yes|no|on|off|none|null|enabled?|disabled?|optional|required|always|never|bearer|[01]|[a-z][a-z0-9+.-]*:\/\/.*|file:.*)$/i;
/** A path in more than one step, or in one of lower-case words; what has other characters may be a credential that begins so: `/Kd93=`. */
const PATH = /^(?:~|\.{1,2})?\/(?:[a-z][a-z._-]*|(?:[\w.@-]+\/)+[\w.@-]*)?$|^[A-Za-z]:\\/;
/** Where a credential or a key lies that something else puts in its place or uses (Bank-Vaults, AWS, Google Cloud, akv2k8s), or one that is encrypted. */
const REFERENCE =
  /^(?:(?:arn|vault|ssm|sm|env|secretref|secretkeyref):.+|projects\/[^/]+\/(?:secrets|locations)\/.+|alias\/[\w/-]+|[\w.-]+@azurekeyvault|ENC[[(].+[\])]|\{cipher\}.+)$/i;
const NO_CREDENTIAL = [PLACEHOLDER, MASK, SWITCH_OR_ADDRESS, PATH, REFERENCE];

/** A number that is too short for a token, a file, a count, or the name of an object. */
function isOfAnotherKind(words: string, text: string): boolean {
  if (SHORT_NUMBER.test(text)) return !PASSWORD.test(words);
  if (words.endsWith('key') && KEY_FILE.test(text)) return true;
  if (COUNT.test(words) && /^\d+$/.test(text)) return true;
  if (OBJECT_SECRET.test(words) && SIMPLE_NAME.test(text)) return true;
  if (TRUST_STORE.test(words) && text === 'changeit') return true;
  return /(?:secret|credentials?)$/.test(words) && !SHARED_SECRET.test(words) && OBJECT_NAME.test(text);
}

/** The one with public certificates that comes with every JDK has the password `changeit` (keytool, “The cacerts Certificates File”). */
const TRUST_STORE = /(?:^|_)trust_?store_/;

/** Of tries, or of seconds: `60`, `30m`. */
const SHORT_NUMBER = /^\d{1,3}(?:ms|[smhd])?$/;
const PASSWORD = /(?:passw(?:or)?d|passphrase|(?:^|_)(?:pass|pwd))$/;
/** Of a key: the file that holds it. */
const KEY_FILE = /^[\w.-]+\.(?:key|pem|crt|cer|der|p8|p12|pfx|jks|pub|json)$/i;
/** What a key in a Secret is called: `db-password`. */
const KEY_IN_SECRET = /^(?:[a-z]+[._-])+(?:password|passphrase|token|key|secret|credentials?)$/;
/** `MAX_TOKEN`, `MIN_PASSWORD` are counted. */
const COUNT = /(?:^|_)(?:max|min|num|count)(?:imum)?_/;
/** These are never names of objects: `JWT_SECRET`, `OAUTH_CLIENT_SECRET`. */
const SHARED_SECRET = /(?:^|_)(?:client|jwt|session|cookie|oauth|hmac)_secret$/;
/** These are always objects, of a type of their own (`kubernetes.io/dockerconfigjson`, `kubernetes.io/tls`): `IMAGE_PULL_SECRET`. */
const OBJECT_SECRET = /(?:^|_)(?:pull|registry|tls)_secret$/;
const SIMPLE_NAME = /^[a-z0-9]+$/;
/** A name of a Kubernetes object, in more than one word or behind its namespace. */
const OBJECT_NAME = /^(?:[a-z0-9-]+\/[a-z0-9]+(?:[.-][a-z0-9]+)*|[a-z0-9]+(?:[.-][a-z0-9]+)+)$/;

const URL_WITH_PASSWORD = /:\/\/[^\s:/?#@]{0,256}:([^\s/?#@]{1,256})@/;
/** `web:password@tcp(db:3306)/web` (github.com/go-sql-driver/mysql, DSN). */
const DATA_SOURCE = /^[^\s:/@]{1,256}:([^\s@]{1,256})@(?:tcp|unix)\(/;
/**
 * `Server=db;User Id=web;Password=…` (ADO.NET), `host=db user=web password=…` (libpq), `jdbc:mysql://db/web?password=…`,
 * `redis:6380,password=…` (StackExchange.Redis), `AccountName=web;AccountKey=…` (Azure); not the address of a page.
 */
const CONNECTION =
  /(?:^|[;\s])(?:server|data source|host|addr|address|accountname|sharedaccesskeyname)\s?=|^[\w.-]{1,256}:\d{1,5},|(?<!(?:^|[^a-z0-9+:.-])https?):\/\//i;
const PASSWORD_OF_CONNECTION =
  /(?:^|[?&;,\s])(?:password|pwd|accountkey|sharedaccesskey)\s?=\s?("[^"]{0,256}"|'[^']{0,256}'|\{\{[^{}]{0,256}\}\}|<[^<>]{0,256}>|[^&;,\s]{1,256})/i;
/** Of at least 16 bytes, as Laravel writes it (laravel.com/docs, Encryption, `APP_KEY`). */
const ENCODED_KEY = /^base64:[A-Za-z0-9+/]{22,}={0,2}$/;
/**
 * The address of a webhook for messages holds a secret: whoever knows it can post (docs.slack.dev, “Sending messages using incoming
 * webhooks”; Discord and Microsoft Teams have the same). Examples have `XXXXXXXX` in the place of the secret.
 */
const WEBHOOK =
  /:\/\/(?:hooks\.slack\.com\/services\/T[A-Z0-9]{6,16}\/B[A-Z0-9]{6,16}\/|discord(?:app)?\.com\/api\/webhooks\/\d{15,20}\/|[\w-]{1,63}\.webhook\.office\.com\/webhookb2\/[\w@-]{20,100}\/IncomingWebhook\/)(?!x{8})[\w-]{16}/i;
/** `Authorization: Bearer …`, `authorization=Basic%20…` (opentelemetry.io, `OTEL_EXPORTER_OTLP_HEADERS`), and `token:…` of Pulsar. */
const HEADER = /(?<!\w)authorization["']?\s?[:=]\s?["']?(?:bearer|basic|token)(?:\s|%20)([^\s"',;]{8,256})|^token:(eyJ[\w-]{8,256}\.)/i;
/** The same without its name, in a variable for it. */
const VALUE_OF_HEADER = /^(?:bearer|basic)\s([\w.~+/=-]{8,256})/i;
const MAY_BE_HEADER = /auth|header/i;
/** `authentication`, `Authentication`, `YOUR_TOKEN`. */
const IN_WORDS = /^(?:[^A-Z0-9]+|[A-Z][a-z]+|[A-Z]+(?:_[A-Z]+)+)$/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/;

/** Whether a password itself is there, and not a reference or a placeholder for it. */
function isWritten(password: string | undefined): boolean {
  if (password === undefined) return false;
  const text = unquoted(password);
  return !text.startsWith('$') && ![PLACEHOLDER, MASK, PATH, REFERENCE].some((form) => form.test(text));
}

/** Whether a text has the token of a header for authorization. Words are an example, or the description of a scheme: `Bearer authentication`. */
function isAuthorized(name: string, text: string): boolean {
  const [, inHeader, inToken] = HEADER.exec(text) ?? [];
  const found = inHeader ?? inToken ?? (MAY_BE_HEADER.test(name) ? VALUE_OF_HEADER.exec(text)?.[1] : undefined);
  return found !== undefined && !IN_WORDS.test(found) && isWritten(found) && !FILLED_IN.test(found);
}

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

/**
 * Of a text that sets several things: options of a command (`-Ddb.password=…`, `--db-password …`) and of a login module
 * (`username="web" password="…"`), and members of JSON (`"password": "…"`).
 */
function hasCredentialAmongSettings(text: string): boolean {
  SETTING.lastIndex = 0;
  for (let found = SETTING.exec(text); found !== null; found = SETTING.exec(text)) {
    const [, word = '', separator = '', value = ''] = found;
    const end = found.index + word.length;
    let start = found.index;
    while (end - start < LONGEST_NAME && /[\w.-]/.test(text.charAt(start - 1))) start -= 1;
    const [, dashes = '', name = ''] = /^(-D|-{0,2})(.*)$/.exec(text.slice(start, end)) ?? [];
    if (isReference(name, separator, value, text.slice(Math.max(0, start - LONGEST_OPTION), start))) continue;
    if (isNameOfSetting(text.charAt(start - 1), dashes, name, separator) && isCredential(name, unquoted(value)) && !FILLED_IN.test(value))
      return true;
  }
  return false;
}

/** `--set secret=web` names a Secret, and `{"secretName": "db", "secretKey": "db-password"}` a key in one. */
function isReference(name: string, separator: string, value: string, before: string): boolean {
  if (separator === '=') return name.toLowerCase() === 'secret' && /^[a-z]+$/.test(value) && /--set(?:-string)?[ =]$/.test(before);
  return separator.startsWith('"') && wordsOf(name).endsWith('secret_key') && KEY_IN_SECRET.test(unquoted(value));
}

/** `--set-string=` */
const LONGEST_OPTION = 13;

/** The last word of a name, what separates it from its value, and the value. */
const SETTING =
  /(pass(?:w(?:or)?d|phrase)?|pwd|token|[a-z][_.-]?key|secret|credentials?)(=|"\s?:\s?(?=")|[ \t]+(?!-))("[^"]{0,256}"|'[^']{0,256}'|\{\{[^{}]{0,256}\}\}|<[^<>]{0,256}>|[^\s"';,&]{1,256})/gi;

/** `$http_token`, `%t`, `%X{token}`: logs and shells put something else in its place. */
const FILLED_IN = /^["']?(?:\$[a-z_]|%-?\d*(?:[a-zA-Z]{0,8}\{|[a-zA-Z]["']?$))/;

/** @param before the character before the name and its dashes: a parameter of a URL is no setting */
function isNameOfSetting(before: string, dashes: string, name: string, separator: string): boolean {
  if (separator === '=') return !/[?&/%:@]/.test(before);
  if (separator.startsWith('"')) return before === '"' && dashes === '';
  // An option whose value is the next word.
  return dashes === '--' && !name.startsWith('no-') && /^\s?$/.test(before);
}

/** Named after a form of login, which takes the name of a user and a password: `BASIC_AUTH=user:password`, `NEO4J_AUTH=neo4j/password`. */
function isPair(words: string, text: string): boolean {
  if (!/(?:^|_)(?:basic_?)?auth$/.test(words)) return false;
  const [, user, password] = (/(?:^|_)neo4_?j_auth$/.test(words) ? USER_AND_PASSWORD_OF_NEO4J : USER_AND_PASSWORD).exec(text) ?? [];
  return user !== undefined && !SCHEME.test(user) && isWritten(password);
}

const MAY_BE_PAIR = /auth$/i;
const USER_AND_PASSWORD_OF_NEO4J = /^(neo4j)\/(\S{1,256})$/;
/** Not a host with a port, and perhaps a path, nor a URL. */
const USER_AND_PASSWORD = /^([\w.@+-]{1,64}):(?!\d{2,5}(?:\/|$)|\/\/)(\S{1,256})$/;
/** What decides who logs in, or what that is looked up by, in front of the name of one: `oidc:google`, `role:web`. */
const SCHEME =
  /^(?:none|sasl|role|group|header|provider|oidc|oauth2?|ldaps?|saml2?|basic|bearer|digest|token|jwt|kubernetes|file|env|cert|mtls|https?|arn|vault|ssm|sm)$/i;

/** In characters. Long texts are configuration files; a credential in a URL stands at its beginning. */
const LONGEST = 4096;

/** In characters. Only the end of a name counts; anybody can write a longer one. */
const LONGEST_NAME = 128;

/** Most names are none of a credential, which needs no words. */
const MAY_BE_CREDENTIAL = /pass|pwd|token|key|secret|credential|cookie|(?:redis|valkey|keydb)_?auth/i;

/** The words of a name in lower case with `_` between them: `githubToken` is `github_token`. */
function wordsOf(name: string): string {
  return (name.length > LONGEST_NAME ? name.slice(-LONGEST_NAME) : name)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[-.]/g, '_');
}
