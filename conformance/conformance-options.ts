// Options of a conformance run: applies defaults and reports all errors at once.
import { createPrivateKey, randomBytes, randomInt } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ConformanceReport, RuleSet } from '../schemas/generated/conformance-report.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { isLoopbackHost } from '../schemas/loopback.ts';
import { areExtraKeysTolerated } from '../schemas/platform-assumptions.ts';
import { describeTimeLimit, isTimeLimit } from '../schemas/time-limit.ts';
import { validateUserInfo } from '../schemas/validators.ts';
import { findExploreFaults, maxSeed } from './explore-options.ts';
import { ruleSets } from './fail-on.ts';
import { type FixedAddress, findAddressFault, hostOf } from './http/endpoint-address.ts';
import { findProxyRoute, type ProxyRoute } from './http/proxy-route.ts';

/** Authentication that an endpoint requires; `both`: both are required; `either`: one is sufficient. */
export type AuthMode = ConformanceReport['target']['auth'];

/** The form of a 200 body; replaced by `strictKeys`. */
export type Profile = 'strict' | 'lenient';

/** Progress of a run. */
export interface Progress {
  /** Finished checks. */
  readonly done: number;
  readonly total: number;
  /** The title of the check that is starting. */
  readonly title: string;
}

/** The endpoint to test, and the credentials. Certificates and keys are PEM texts. */
export interface ConformanceOptions {
  /** http: or https: URL without query, fragment or user information; the kit adds `?userid=…`. */
  readonly url: string;
  /** Address to connect to in place of the URL's host, regardless of DNS. Names in certificates, SNI and Host remain those of the URL. */
  readonly resolve?: FixedAddress | undefined;
  /**
   * The URL of an HTTP proxy, which may contain credentials, or `none`. Default: the proxy in HTTPS_PROXY or HTTP_PROXY, depending on the scheme of
   * the URL, otherwise in ALL_PROXY (all in lower or upper case). No proxy is used for hosts in NO_PROXY and for an endpoint on loopback.
   */
  readonly proxy?: string | undefined;
  /** The authentication that the endpoint is declared to require. */
  readonly auth: AuthMode;
  /** Basic credentials, RFC 7617. The user name must not contain a colon. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The client certificate, with its chain if necessary, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Both in one PKCS #12 file (.pfx, .p12), as bytes, instead of `cert` and `key`. */
  readonly pfx?: Buffer | undefined;
  /** Passphrase of an encrypted `key` or `pfx`. */
  readonly passphrase?: string | undefined;
  /** The CA that issued the server's certificate. Default: the roots that Node trusts. */
  readonly ca?: string | undefined;
  /** User ids that the endpoint knows. Without one, nearly every check is skipped; with two, responses are compared. */
  readonly knownUsers?: readonly string[] | undefined;
  /** A user id that the endpoint does not know. Default: a random one. */
  readonly unknownUser?: string | undefined;
  /** Whether keys other than `groups`, `authorizations` and `name` in a 200 are a failure. Default: false, as in platform-assumptions.ts. */
  readonly strictKeys?: boolean | undefined;
  /** Deprecated: use `strictKeys`; `strict` means true, `lenient` means false. */
  readonly profile?: Profile | undefined;
  /** Which rule sets fail a run: `standards` includes `contract`, `hardening` both. Default: contract. */
  readonly failOn?: RuleSet | undefined;
  /** Whether letter case matters in user ids. Default: undeclared; the behavior is then reported but not evaluated. */
  readonly useridCase?: 'sensitive' | 'insensitive' | undefined;
  /** Whether spaces around a user id are part of it. Default: undeclared; a check at level SHOULD then requires that they are significant. */
  readonly useridSpaces?: 'kept' | 'trimmed' | undefined;
  /** For one request. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Maximum number of requests in the whole run. Default: 400. */
  readonly maxRequests?: number | undefined;
  /** Time limit of the whole run in seconds; the last request may end later, by its own limit. Default: 120. */
  readonly maxDuration?: number | undefined;
  /** Maximum number of requests with wrong credentials for one user name. Default: 5; 0 sends none. */
  readonly maxFailedLogins?: number | undefined;
  /** Pause between two requests with wrong credentials, in ms. Default: 10 on loopback, otherwise 500. */
  readonly failedLoginSpacingMs?: number | undefined;
  /** Number of requests in flight when many are sent together, 1 to 24. Default: 4. */
  readonly concurrency?: number | undefined;
  /** Limit for the 95th-percentile response time in ms, measured at `concurrency`. Default: no limit. */
  readonly maxP95Ms?: number | undefined;
  /** Whether requests that write, flood or stall may also be sent. Default: false. */
  readonly intrusive?: boolean | undefined;
  /** Whether the report may show user ids, groups and values; it never shows credentials. Default: false. */
  readonly showData?: boolean | undefined;
  /**
   * A CA that the endpoint trusts for client certificates, and its key. The kit uses it to issue certificates with one defect each, e.g. an expired
   * one. Intended for test systems.
   */
  readonly clientCa?: { readonly certificate: string; readonly key: string } | undefined;
  /**
   * Directory to which the bad client certificates of the run are written, with their keys, mode 0600; curl lines then name the files. It is
   * created if it does not exist. Default: they are not written.
   */
  readonly keepCertificates?: string | undefined;
  /** Expected responses by user id, for at most 50 users. */
  readonly expectedData?: Readonly<Record<string, UserInfo>> | undefined;
  /** Shell commands that stop and restore the endpoint's data source. */
  readonly hook?:
    | {
        readonly breakCommand: string;
        readonly restoreCommand: string;
        /** Time limit of each command and of its effect. Default: 30,000. */
        readonly timeoutMs?: number | undefined;
      }
    | undefined;
  /** Ids of checks and titles of topics, as shown by `user-info explain` (also as `an-unknown-user`): only these are run. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Ids of checks and names of topics that are not run. */
  readonly skip?: readonly string[] | undefined;
  /** Inputs to generate for each check of the topic “Generated inputs”: 1 to 10,000. Default: none, and these checks do not apply. */
  readonly explore?: number | undefined;
  /** Repeats the generated inputs of an earlier run, whose report contains the seed: 0 to 2,147,483,647. Default: random. */
  readonly seed?: number | undefined;
  /** Called before each check, to show the progress of a long run. Must not throw. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Commands that stop and restore the data source, with defaults. */
export interface CheckedHook {
  readonly breakCommand: string;
  readonly restoreCommand: string;
  readonly timeoutMs: number;
}

/** Validated options, with defaults. */
export interface CheckedOptions extends Omit<ConformanceOptions, 'url' | 'hook' | 'proxy' | 'profile'> {
  readonly proxy: ProxyRoute;
  readonly hook?: CheckedHook | undefined;
  readonly url: URL;
  readonly knownUsers: readonly string[];
  readonly unknownUser: string;
  /** Whether the name of the unknown user is random instead of given. */
  readonly isUnknownUserRandom: boolean;
  readonly strictKeys: boolean;
  readonly failOn: RuleSet;
  readonly timeoutMs: number;
  readonly maxRequests: number;
  readonly maxDuration: number;
  readonly maxFailedLogins: number;
  readonly failedLoginSpacingMs: number;
  readonly concurrency: number;
  readonly intrusive: boolean;
  readonly showData: boolean;
  readonly seed: number;
}

/** Thrown before anything is sent. `faults` lists all errors with their remedies; option names are written as flags. */
export class ConformanceOptionsError extends Error {
  override readonly name = 'ConformanceOptionsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

const authModes: readonly AuthMode[] = ['basic', 'mtls', 'both', 'either', 'none'];
const profiles: readonly Profile[] = ['strict', 'lenient'];
const useridCases: readonly ConformanceOptions['useridCase'][] = ['sensitive', 'insensitive', undefined];
const useridSpaceRules: readonly ConformanceOptions['useridSpaces'][] = ['kept', 'trimmed', undefined];

/** Returns the proxy of a run, or what is wrong with its declaration. */
function findRoute(url: URL, { proxy, resolve }: ConformanceOptions) {
  return findProxyRoute(url, proxy, resolve?.address, process.env);
}

function* findUrlFaults(url: URL | null, options: ConformanceOptions): Generator<string> {
  if (!url) {
    yield 'The URL is invalid. Use a complete URL, e.g. https://users.example.com/user-info.';
    return;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') yield 'The URL must begin with http:// or https://.';
  if (url.username !== '' || url.password !== '') {
    yield 'The URL contains credentials. Remove them, and add --username with --password-env or --password-file.';
  }
  if (url.search !== '' || url.hash !== '') yield 'The URL has a query or a fragment. Remove it: the kit adds userid.';
  const addressFault = options.resolve && findAddressFault(url, options.resolve);
  if (addressFault) yield addressFault;
  const { fault: proxyFault } = findRoute(url, options);
  if (proxyFault) yield proxyFault;
  if (url.protocol === 'http:') {
    const given = (['cert', 'key', 'pfx', 'ca'] as const).filter((name) => options[name] !== undefined);
    if (given.length > 0) {
      yield `${given.map((name) => `--${name}`).join(', ')} cannot be used with an http:// URL: use https://.`;
    }
    if (options.auth === 'mtls' || options.auth === 'both') {
      yield `--auth ${options.auth} requires a client certificate, which is not possible with an http:// URL. Use https://.`;
    }
  }
}

/** Returns whether there is a client certificate, in any form. */
export function hasClientCertificate({ cert, pfx }: Pick<ConformanceOptions, 'cert' | 'pfx'>): boolean {
  return cert !== undefined || pfx !== undefined;
}

function* findCertificateFaults(options: ConformanceOptions): Generator<string> {
  const { auth, cert, key, pfx, passphrase, keepCertificates } = options;
  if (cert !== undefined && key === undefined) yield '--cert requires its private key. Add --key FILE.';
  if (key !== undefined && cert === undefined) yield '--key requires its certificate. Add --cert FILE.';
  if (pfx !== undefined && (cert !== undefined || key !== undefined)) {
    yield '--pfx contains both the certificate and the key. Remove --cert and --key, or --pfx.';
  }
  if (keepCertificates === '') yield '--keep-certificates must not be empty. Specify a directory.';
  if (keepCertificates !== undefined && !hasClientCertificate(options)) {
    yield '--keep-certificates has no effect without a client certificate. Remove it, or add --cert and --key, or --pfx.';
  }
  if (passphrase !== undefined && key === undefined && pfx === undefined) {
    yield 'A passphrase has no effect without --key or --pfx. Remove it, or add one of them.';
  }
  if ((cert !== undefined || key !== undefined || pfx !== undefined) && (auth === 'basic' || auth === 'none')) {
    yield `${pfx === undefined ? '--cert and --key have' : '--pfx has'} no effect with --auth ${auth}. Remove ${pfx === undefined ? 'them' : 'it'}, or use --auth mtls or both.`;
  }
}

function* findCredentialFaults(options: ConformanceOptions): Generator<string> {
  const { auth, username, password } = options;
  const hasCertificate = hasClientCertificate(options);
  if (!authModes.includes(auth)) {
    yield `--auth names the authentication that the endpoint requires. Use one of ${authModes.join(', ')}.`;
    return;
  }
  if ((auth === 'basic' || auth === 'both') && username === undefined) yield `--auth ${auth} requires --username.`;
  if ((auth === 'mtls' || auth === 'both') && !hasCertificate)
    yield `--auth ${auth} requires --cert and --key, or --pfx.`;
  if (auth === 'either' && username === undefined && !hasCertificate) {
    yield 'With --auth either, specify --username, a client certificate (--cert and --key, or --pfx), or both.';
  }
  if (username !== undefined && password === undefined) {
    yield '--username requires the password. Add --password-env VAR or --password-file FILE.';
  }
  if (username === undefined && password !== undefined)
    yield 'A password has no effect without --username. Remove it, or add --username.';
  if (username?.includes(':')) yield '--username must not contain a colon (RFC 7617, section 2).';
  if (username !== undefined && (auth === 'mtls' || auth === 'none')) {
    yield `--username has no effect with --auth ${auth}. Remove it, or use --auth basic or both.`;
  }
  yield* findCertificateFaults(options);
}

function isUsableTls(options: Parameters<typeof createSecureContext>[0]): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}

/** Returns the errors in the PEM texts. */
export function* findPemFaults({
  cert,
  key,
  ca,
  clientCa,
  pfx,
  passphrase,
}: Pick<ConformanceOptions, 'cert' | 'key' | 'ca' | 'clientCa' | 'pfx' | 'passphrase'>): Generator<string> {
  if (clientCa !== undefined && !isUsableTls({ cert: clientCa.certificate, key: clientCa.key })) {
    yield '--client-ca and --client-ca-key are not a PEM certificate with its private key.';
  }
  if (ca !== undefined && !isUsableTls({ ca }))
    yield '--ca is not a certificate in PEM format (-----BEGIN CERTIFICATE-----).';
  // OpenSSL accepts any text, treats it as an empty list of certificates, and would then trust no certificate.
  else if (ca !== undefined && !ca.includes('-----BEGIN ')) yield '--ca contains no certificate in PEM format.';
  if (pfx !== undefined && !isUsableTls({ pfx, passphrase })) {
    yield passphrase === undefined
      ? '--pfx is not a PKCS #12 file, or it needs a passphrase: add --passphrase-env VAR or --passphrase-file FILE.'
      : '--pfx is not a PKCS #12 file, its passphrase is wrong, or its ciphers are obsolete. Export it again with current ciphers.';
  }
  if (cert === undefined || key === undefined) return;
  if (!isUsableTls({ cert })) yield '--cert is not a certificate in PEM format (-----BEGIN CERTIFICATE-----).';
  else if (/ENCRYPTED/.test(key) && passphrase === undefined)
    yield '--key needs a passphrase: add --passphrase-env VAR or --passphrase-file FILE.';
  else if (!isUsableTls({ key, passphrase }))
    yield '--key is not a private key in PEM format, or its passphrase is wrong.';
  else if (!isUsableTls({ cert, key, passphrase })) yield '--key is not the private key of --cert.';
}

/** One day. */
const maxSeconds = 86_400;

function* findNumberFaults(options: ConformanceOptions): Generator<string> {
  const { timeoutMs = 1, maxRequests = 1, maxDuration = 1, maxFailedLogins = 0, failedLoginSpacingMs = 0 } = options;
  if (!isTimeLimit(timeoutMs)) yield describeTimeLimit('--timeout-ms', timeoutMs);
  if (!Number.isInteger(maxRequests) || maxRequests < 1) yield '--max-requests must be a whole number of at least 1.';
  if (!Number.isInteger(maxDuration) || maxDuration < 1 || maxDuration > maxSeconds) {
    yield `--max-duration must be a whole number of seconds from 1 to ${maxSeconds}.`;
  }
  if (!Number.isInteger(maxFailedLogins) || maxFailedLogins < 0) {
    yield '--max-failed-logins must be a whole number of at least 0.';
  }
  if (!isTimeLimit(failedLoginSpacingMs, 0)) {
    yield describeTimeLimit('failedLoginSpacingMs', failedLoginSpacingMs, 0);
  }
}

/** Each user is requested, and the requests count against the budget of the run. */
const maxKnownUsers = 50;

function* findUserFaults(options: ConformanceOptions): Generator<string> {
  const { knownUsers = [], unknownUser, profile, strictKeys, failOn = 'contract' } = options;
  if (knownUsers.some((userid) => userid === '')) yield '--known-user must not be empty.';
  if (new Set(knownUsers).size < knownUsers.length) yield '--known-user names the same user twice. Remove one of them.';
  if (knownUsers.length > maxKnownUsers) {
    yield `--known-user is used ${knownUsers.length} times, and the maximum is ${maxKnownUsers}. Use a sample of the users.`;
  }
  if (unknownUser === '') yield '--unknown-user must not be empty.';
  if (unknownUser !== undefined && knownUsers.includes(unknownUser)) {
    yield '--unknown-user names a user of --known-user. Use a user that the endpoint does not know.';
  }
  if (profile !== undefined && !profiles.includes(profile)) yield `--profile must be one of ${profiles.join(', ')}.`;
  if (profile !== undefined && strictKeys !== undefined) {
    yield '--profile and --strict-keys are mutually exclusive. --profile is deprecated: remove it.';
  }
  if (!ruleSets.includes(failOn)) yield `--fail-on must be one of ${ruleSets.join(', ')}.`;
  if (!useridCases.includes(options.useridCase)) yield '--userid-case must be sensitive or insensitive.';
  if (!useridSpaceRules.includes(options.useridSpaces)) yield '--userid-spaces must be kept or trimmed.';
}

function* findLatencyFaults({ concurrency = 1, maxP95Ms = 1 }: ConformanceOptions): Generator<string> {
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 24) {
    yield '--concurrency must be a whole number from 1 to 24.';
  }
  if (!isTimeLimit(maxP95Ms)) yield describeTimeLimit('--max-p95-ms', maxP95Ms);
}

/** Each user is requested, and the requests count against the budget of the run. */
const maxExpectedUsers = 50;

function* findSourceFaults({ expectedData, hook }: ConformanceOptions): Generator<string> {
  const users = Object.entries(expectedData ?? {});
  if (expectedData !== undefined && (users.length === 0 || users.length > maxExpectedUsers)) {
    yield `--expect must contain 1 to ${maxExpectedUsers} users. It contains ${users.length}: use a sample of the users.`;
  }
  const wrong = users.findIndex(([, user]) => !validateUserInfo(user));
  if (wrong >= 0) {
    yield `--expect: the expected data of user ${wrong + 1} is not valid user info. The required form is {"groups": [{"name": "…"}], "authorizations": {"…": ["…"]}}.`;
  }
  if (hook === undefined) return;
  if (hook.breakCommand.trim() === '' || hook.restoreCommand.trim() === '')
    yield '--break and --restore must not be empty.';
  if (hook.timeoutMs !== undefined && !isTimeLimit(hook.timeoutMs)) {
    yield describeTimeLimit('--hook-timeout-ms', hook.timeoutMs);
  }
}

/** Returns the errors in the options, except in the content of PEM texts, which only have to be present. */
export function findCombinationFaults(options: ConformanceOptions): string[] {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  return [
    ...findUrlFaults(url, options),
    ...findCredentialFaults(options),
    ...findUserFaults(options),
    ...findNumberFaults(options),
    ...findLatencyFaults(options),
    ...findExploreFaults(options),
    ...findSourceFaults(options),
  ];
}

/** Returns the key without its passphrase. */
function openKey({ key, passphrase }: ConformanceOptions): string | undefined {
  if (key === undefined || passphrase === undefined) return key;
  return createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Returns the options with defaults. Throws ConformanceOptionsError with all errors, including `otherFaults`. */
export function checkOptions(options: ConformanceOptions, otherFaults: readonly string[] = []): CheckedOptions {
  const faults = [...findCombinationFaults(options), ...findPemFaults(options), ...otherFaults];
  if (faults.length > 0) throw new ConformanceOptionsError(faults);
  const url = new URL(options.url);
  const { profile, ...others } = options;
  return {
    ...others,
    key: openKey(options),
    hook: options.hook && { ...options.hook, timeoutMs: options.hook.timeoutMs ?? 30_000 },
    url,
    proxy: findRoute(url, options).proxy,
    knownUsers: options.knownUsers ?? [],
    unknownUser: options.unknownUser ?? `nobody-${randomBytes(12).toString('hex')}`,
    isUnknownUserRandom: options.unknownUser === undefined,
    strictKeys: options.strictKeys ?? (profile === undefined ? !areExtraKeysTolerated : profile === 'strict'),
    failOn: options.failOn ?? 'contract',
    timeoutMs: options.timeoutMs ?? 10_000,
    maxRequests: options.maxRequests ?? 400,
    maxDuration: options.maxDuration ?? 120,
    maxFailedLogins: options.maxFailedLogins ?? 5,
    failedLoginSpacingMs: options.failedLoginSpacingMs ?? (isLoopbackHost(hostOf(url)) ? 10 : 500),
    concurrency: options.concurrency ?? 4,
    intrusive: options.intrusive ?? false,
    showData: options.showData ?? false,
    seed: options.seed ?? randomInt(maxSeed),
  };
}
