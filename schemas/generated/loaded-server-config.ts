// Made by `npm run generate:types` from schemas/server-config.schema.json. Do not edit.
import type {Secret} from '../secret.ts';

export type Path = string;
/**
 * The data source of the users.
 */
export type SourceConfig =
  | StaticSourceConfig
  | CsvSourceConfig
  | MergeSourceConfig
  | LdapSourceConfig
  | LdifSourceConfig
  | SqlSourceConfig
  | HttpProxySourceConfig
  | ModuleSourceConfig;
/**
 * A source of any type, as in the top-level `source`.
 */
export type SourceConfig1 =
  | StaticSourceConfig
  | CsvSourceConfig
  | MergeSourceConfig
  | LdapSourceConfig
  | LdifSourceConfig
  | SqlSourceConfig
  | HttpProxySourceConfig
  | ModuleSourceConfig;
/**
 * The vendor, whose usual ways are used for what is left out below. For another directory take `openldap` and give what differs.
 */
export type DirectoryPreset = 'openldap' | '389ds' | 'freeipa' | 'active-directory';
/**
 * The database.
 */
export type SqlConnectionConfig = PostgresqlConfig | MysqlConfig | SqliteConfig;
/**
 * How the server proves to the upstream who it is. A client certificate stands in `tls`.
 */
export type HttpAuthConfig = HttpNoAuthConfig | HttpBasicAuthConfig | HttpBearerAuthConfig | HttpOauth2Config;
/**
 * How a list goes on. Next pages must have the origin of `baseUrl`; all pages are read, or the lookup fails.
 */
export type HttpPaginationConfig =
  HttpOnePageConfig | HttpOdataPagesConfig | HttpLinkPagesConfig | HttpScimPagesConfig | HttpCursorPagesConfig;
/**
 * How a list goes on. Next pages must have the origin of `baseUrl`; all pages are read, or the lookup fails.
 */
export type HttpPaginationConfig1 =
  HttpOnePageConfig | HttpOdataPagesConfig | HttpLinkPagesConfig | HttpScimPagesConfig | HttpCursorPagesConfig;

/**
 * The configuration of `user-info serve`, as YAML or JSON. Paths are relative to the directory of this file. Secrets are references: `${env:NAME}` or `${file:PATH}`. Environment variables override options: USER_INFO__LISTENER__PORT=9443 sets `listener.port`.
 */
export interface LoadedServerConfig {
  /**
   * Location of this schema, for editors. The server ignores it. Default: none.
   */
  $schema?: string;
  listener: ListenerConfig;
  authentication: AuthenticationConfig;
  userid: UseridConfig;
  answer: AnswerConfig;
  source: SourceConfig;
  guards?: GuardsConfig1;
  /**
   * Maximum time of a lookup, in milliseconds. When it expires, the server responds with 504. If the server cannot start to verify a password hash within the same time, it responds with 503.
   */
  deadlineMs: number;
  /**
   * Number of processes that serve the port. 0: one per processor. Each process has its own source connections and caches and, for `csv`, its own copy of the users in memory. All processes share the counts of failed logins and the credential cache. A change requires a restart.
   */
  workers: number;
  /**
   * With several workers: how long a worker may be unresponsive, in seconds. After that, the server terminates the worker and starts a new one. Set it far above the longest pause caused by a custom module or by loading a large file.
   */
  workerTimeoutSeconds: number;
  logging: LoggingConfig;
  audit?: AuditConfig;
  administration?: AdministrationConfig;
  reload: ReloadConfig;
  shutdown: ShutdownConfig;
}
/**
 * The listener of the endpoint.
 */
export interface ListenerConfig {
  /**
   * Address to listen on. Without `tls`, the server accepts only a loopback address.
   */
  host: string;
  /**
   * TCP port. 0: a free port.
   */
  port: number;
  /**
   * Path of the endpoint, compared exactly.
   */
  path: string;
  tls?: TlsConfig;
  /**
   * Maximum time for a request's headers to arrive, in milliseconds. Also the maximum time that a client may leave responses unread.
   */
  headersTimeoutMs: number;
  /**
   * How long an idle keep-alive connection stays open, in milliseconds. Set it above the idle timeout of a load balancer in front of the server.
   */
  keepAliveTimeoutMs: number;
  /**
   * Maximum size of the request target and of all header names and values together, in bytes. The server responds to larger requests with 431. The whole request head, including spaces and line breaks, may be 64 KiB larger.
   */
  maxHeaderBytes: number;
  /**
   * Maximum number of headers in a request. The server responds to requests with more headers with 431.
   */
  maxHeaderCount: number;
  /**
   * Maximum number of open connections. The server closes further connections immediately.
   */
  maxConnections: number;
  /**
   * Maximum number of requests on one connection. The server closes the connection with the response to the last one. Clients with long-lived connections then reconnect and spread over the replicas again. 0: no limit.
   */
  maxRequestsPerSocket: number;
  /**
   * Maximum time that requests wait before the server processes them, smoothed, in milliseconds. Above it, the server rejects a share of the requests with 503 and Retry-After, so that it responds to the others in time. From twice this time on, it rejects all requests. 0: no limit.
   */
  maxEventLoopDelayMs: number;
  /**
   * Maximum number of requests per second from one address, counted over whole seconds. The server responds to further requests with 429. 0: no limit.
   */
  maxRequestsPerSecond: number;
  trustProxy?: TrustProxyConfig;
}
/**
 * HTTPS settings. If omitted, the server uses plain HTTP, which is allowed only on a loopback address.
 */
export interface TlsConfig {
  /**
   * PEM file with the server's certificate, followed by its intermediate CAs.
   */
  certificate: string;
  /**
   * PEM file with the server's private key.
   */
  key: string;
  /**
   * Passphrase of an encrypted private key, by reference. If omitted, the key must not be encrypted.
   */
  keyPassphrase?: Secret;
  /**
   * PEM files with the CAs that client certificates must chain to. Required in the modes that use client certificates.
   */
  clientCa: Path[];
  /**
   * PEM files with certificate revocation lists. If you set one, each CA in `clientCa` needs its own list.
   */
  crl: Path[];
  /**
   * The lowest accepted TLS version. The server prefers 1.3 in any case.
   */
  minVersion: 'TLSv1.2' | 'TLSv1.3';
}
/**
 * The trusted proxies in front of the server. The server accepts forwarded client addresses and forwarded certificates from these proxies only. Default: none. The client address of a request is then the address of its connection.
 */
export interface TrustProxyConfig {
  /**
   * Addresses and networks that the proxies connect from. Any other client that can connect from one of them can forge its client address.
   *
   * @minItems 1
   */
  addresses: [string, ...string[]];
  /**
   * Client certificates of the proxies, issued by the CAs in `listener.tls.clientCa`. The server treats a connection as a proxy's only if it also presents a certificate that matches an entry. Empty: the server checks the address only.
   */
  certificates: AllowedCertificateConfig[];
  /**
   * The header that carries the client address. The proxy must append the address of its client to the list in this header itself, and not only pass the header through.
   */
  clientAddress: 'X-Forwarded-For' | 'Forwarded';
}
/**
 * One name or fingerprint, compared exactly. DNS names and the host of e-mail addresses are compared case-insensitively.
 */
export interface AllowedCertificateConfig {
  /**
   * DNS subject alternative name.
   */
  dns?: string;
  /**
   * E-mail subject alternative name.
   */
  email?: string;
  /**
   * URI subject alternative name.
   */
  uri?: string;
  /**
   * Common name of the subject, for certificates without subject alternative names.
   */
  subjectCn?: string;
  /**
   * SHA-256 fingerprint of the certificate, in hexadecimal with or without colons.
   */
  fingerprint256?: string;
}
/**
 * How clients authenticate.
 */
export interface AuthenticationConfig {
  /**
   * basic: user name and password. mtls: client certificate. both: both are required. either: one of them is enough. none: no authentication, allowed only on a loopback address.
   */
  mode: 'basic' | 'mtls' | 'both' | 'either' | 'none';
  /**
   * The realm in the authentication challenge. Clients can see it.
   */
  realm: string;
  basic?: BasicConfig;
  clientCertificate?: ClientCertificateConfig;
  failedLogins: FailedLoginsConfig;
}
/**
 * The accepted credentials. Set several at once to rotate them without interruption. Required in the modes that use a password. Omit it in the others.
 */
export interface BasicConfig {
  /**
   * User names, each with a password or a hash. A user name may be listed twice, with the old and the new password.
   */
  credentials: CredentialConfig[];
  /**
   * An htpasswd file with bcrypt hashes (`htpasswd -B`). Default: none.
   */
  htpasswdFile?: string;
  /**
   * How long the server caches accepted credentials, in seconds, so that it does not compute a password hash for each request.
   */
  verifiedForSeconds: number;
}
export interface CredentialConfig {
  /**
   * The user name. It must not contain a colon (RFC 7617, 2).
   */
  username: string;
  /**
   * The password, by reference. Omit it if you set `passwordHash`.
   */
  password?: Secret;
  /**
   * A hash made by `user-info hash-password`: bcrypt ($2a$, $2b$, $2y$) or scrypt ($scrypt$…). The value is the hash or a reference to it. Omit it if you set `password`.
   */
  passwordHash?: Secret;
}
/**
 * Which client certificates the server accepts after it has verified chain and validity dates against `listener.tls.clientCa`. Required in the modes that use client certificates. Omit it in the others.
 */
export interface ClientCertificateConfig {
  /**
   * required: the TLS handshake fails without a valid certificate. The client sees a TLS error and no HTTP status. optional: the handshake succeeds, and a request that needs a certificate gets 403. none: the server does not request a certificate. If omitted, the mode decides: required for mtls and both, optional for either, none otherwise.
   */
  request?: 'required' | 'optional' | 'none';
  /**
   * The accepted certificates. A certificate is accepted if it matches one entry. Required in the modes that use client certificates.
   */
  allow: AllowedCertificateConfig[];
  forwarded?: ForwardedCertificateConfig;
}
/**
 * Client certificates that a TLS-terminating proxy forwards in a header. The server accepts the header from `listener.trustProxy` only, and verifies the certificate path itself. It responds with 400 if any other client sends the header. If omitted, the server accepts client certificates over TLS only.
 */
export interface ForwardedCertificateConfig {
  /**
   * Format of the header. nginx: percent-encoded PEM ($ssl_client_escaped_cert, also of ingress-nginx and AWS load balancers). envoy: Cert or Chain of x-forwarded-client-cert, one element. rfc9440: Client-Cert and Client-Cert-Chain.
   */
  format: 'nginx' | 'envoy' | 'rfc9440';
  /**
   * Name of the header. Default: ssl-client-cert, x-forwarded-client-cert or client-cert, depending on `format`. The proxy must replace or remove this header if its client sends it.
   */
  header?: string;
  /**
   * PEM files with the CAs that forwarded certificates must chain to, and with intermediate CAs that the proxy does not send.
   *
   * @minItems 1
   */
  clientCa: [Path, ...Path[]];
  /**
   * PEM files with certificate revocation lists. If you set one, each CA needs its own list.
   */
  crl: Path[];
}
/**
 * Limits on wrong credentials. A client above a limit gets 429 with Retry-After. The server never counts correct credentials.
 */
export interface FailedLoginsConfig {
  /**
   * Maximum number of wrong credentials from one address within the window. 0: no limit. An IPv6 /64 counts as one address.
   */
  max: number;
  /**
   * Length of the window, and of the wait that follows, in seconds.
   */
  windowSeconds: number;
  /**
   * Maximum number of wrong credentials for one user name within the window, from all addresses together that never sent correct credentials for it. Above the limit, only these addresses must wait. 0: no limit.
   */
  maxByUsername: number;
  /**
   * Addresses and networks of your clients. `maxByUsername` does not apply to them, not even after a restart, when the server does not know any client yet.
   */
  callerNetworks: string[];
}
/**
 * How the server normalizes the userid before a lookup. By default, it compares the userid exactly.
 */
export interface UseridConfig {
  /**
   * Maximum length of the decoded userid, in bytes of UTF-8.
   */
  maxBytes: number;
  /**
   * Remove white space from both ends of the userid.
   */
  trim: boolean;
  /**
   * Convert the userid to lower case (Unicode default mapping). Use it with a source that stores user names in lower case.
   */
  foldCase: boolean;
}
/**
 * Response options other than the body.
 */
export interface AnswerConfig {
  /**
   * Send a strong ETag and respond to a matching If-None-Match with 304. Off by default, because the platform treats every status other than 200 as a failure.
   */
  etag: boolean;
}
/**
 * Users defined in the configuration itself, for trials and for a small number of technical accounts.
 */
export interface StaticSourceConfig {
  /**
   * Selects this type of source.
   */
  type: 'static';
  /**
   * Map of userid to groups and authorizations.
   */
  users: {
    [k: string]: StaticUserConfig;
  };
}
export interface StaticUserConfig {
  /**
   * Whether the user is disabled. The server responds with 404, as for an unknown user.
   */
  disabled: boolean;
  /**
   * Names of the user's groups.
   */
  groups: string[];
  /**
   * Map of attribute names to their values.
   */
  authorizations: {
    [k: string]: string[];
  };
}
/**
 * A CSV file (RFC 4180). The server reads the whole file, and reloads it when it changes.
 */
export interface CsvSourceConfig {
  /**
   * Selects this type of source.
   */
  type: 'csv';
  /**
   * The CSV file.
   */
  path: string;
  /**
   * Character between fields: one ASCII character, different from `quote`.
   */
  delimiter: string;
  /**
   * Character around fields that contain delimiters, quotes or line breaks: one ASCII character. It is doubled inside such a field.
   */
  quote: string;
  /**
   * Encoding of the file, by its WHATWG name. With utf-8, invalid bytes are an error, and a byte order mark is accepted.
   */
  encoding: string;
  /**
   * Whether the first row contains the column names. If false, columns are named by their number, starting at 1.
   */
  header: boolean;
  /**
   * Remove white space from both ends of each field, value and group.
   */
  trim: boolean;
  /**
   * wide: each row is a user. long: each row is one membership or one attribute value.
   */
  layout: 'wide' | 'long';
  columns: CsvColumnsConfig;
  /**
   * How the server treats two rows with the same userid in the wide layout. error: the server rejects the file. merge: it merges them into one user: groups and values are joined, and the user is disabled if one row says so.
   */
  duplicates: 'error' | 'merge';
  /**
   * Treat userids that differ only in letter case as the same user (Unicode default lower case).
   */
  caseInsensitive: boolean;
  /**
   * Maximum number of errors reported for a file. The server rejects a file that has any error.
   */
  maxErrors: number;
  /**
   * Maximum decrease in the number of users between the current file and a new one, in percent. The server rejects a new file that exceeds it. 100: no limit.
   */
  maxShrinkPercent: number;
  /**
   * How often the file's content is compared although no change was seen (mounts that tell of none), in seconds.
   */
  pollSeconds: number;
}
/**
 * Which column means what. Each name must exist in the file.
 */
export interface CsvColumnsConfig {
  /**
   * Column of the userid.
   */
  userid: string;
  /**
   * Column that says whether the user is disabled: true, yes, 1, y, disabled (any case) mean it is; false, no, 0, n, enabled or empty mean it is not; anything else is a fault. Left out: nobody is disabled.
   */
  disabled?: string;
  /**
   * Wide: the columns that hold groups. With a separator a field holds several.
   */
  groups: CsvGroupColumnConfig[];
  /**
   * Wide: the columns that hold attributes.
   */
  authorizations: CsvAuthorizationColumnConfig[];
  /**
   * Long: column of a group's name; empty where the row is none. Left out: the file has no groups.
   */
  group?: string;
  /**
   * Long: column of an attribute's name; empty where the row is none. Left out: the file has no attributes.
   */
  attribute?: string;
  /**
   * Long: column of the attribute's value. Left out where `attribute` is.
   */
  value?: string;
  /**
   * Long: attribute in the file → authorization's name.
   */
  rename: {
    [k: string]: string;
  };
}
export interface CsvGroupColumnConfig {
  /**
   * The column's name.
   */
  column: string;
  /**
   * Between groups in one field. Left out: the whole field is one group.
   */
  separator?: string;
}
export interface CsvAuthorizationColumnConfig {
  /**
   * The column's name.
   */
  column: string;
  /**
   * The authorization's name; left out, the column's.
   */
  name?: string;
  /**
   * Between values in one field. Left out: the whole field is one value.
   */
  separator?: string;
}
/**
 * Combines several sources. The server queries all of them at the same time. A result is complete only when every required source has returned one.
 */
export interface MergeSourceConfig {
  /**
   * Selects this type of source.
   */
  type: 'merge';
  /**
   * Which source decides whether a user exists. The name of a source: only that source. any: one source that knows the user is enough. all: every source must know the user. Otherwise the server responds with 404.
   */
  identity: string;
  /**
   * How the server treats a user who is disabled in one of the queried sources. any: the user does not exist (404), even if another source knows the user. identity: only the sources that decide by `identity` count. Any other source contributes nothing, as for an unknown user. The `module` source cannot distinguish a disabled user from an unknown one.
   */
  disabled: 'any' | 'identity';
  /**
   * The sources, in order of precedence.
   */
  sources: MergedSourceConfig[];
  /**
   * How groups are combined. union: the groups of all sources. precedence: the groups of the first source that knows the user.
   */
  groups: 'union' | 'precedence';
  /**
   * How the values of each authorization are combined. union: the values of all sources. precedence: the values of the first source that has an authorization of this name.
   */
  authorizations: 'union' | 'precedence';
  /**
   * Map of authorization names to union or precedence, for those that differ from `authorizations`.
   */
  authorizationsByName: {
    [k: string]: 'union' | 'precedence';
  };
}
export interface MergedSourceConfig {
  /**
   * Name of the source in messages, metrics and other options. It must not be any, all or whole.
   */
  name: string;
  source: SourceConfig1;
  guards?: GuardsConfig;
  /**
   * true: if this source fails, the lookup fails. false: the server responds without this source, which also requires `mayShrinkAccess: true`.
   */
  required: boolean;
  /**
   * Confirms that users may lose the groups and authorizations of this source while it fails. Required by `required: false`.
   */
  mayShrinkAccess: boolean;
  /**
   * Name of the source that this one replaces if that source fails. The server does not query this source otherwise. If omitted, the server queries this source for every lookup.
   */
  fallbackFor?: string;
  /**
   * When the server uses this fallback. unavailable: only if the other source is unavailable, not if it is too slow or returns an invalid result. unavailable-or-not-found: also if the other source does not know the user.
   */
  fallbackOn: 'unavailable' | 'unavailable-or-not-found';
  userid?: MergedUseridConfig;
  /**
   * Which part of the source's results the server uses.
   */
  gives: 'both' | 'groups' | 'authorizations';
  groups: NameRulesConfig;
  authorizations: NameRulesConfig1;
}
/**
 * An LDAP directory, asked for each lookup.
 */
export interface LdapSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'ldap';
  preset: DirectoryPreset;
  /**
   * Servers that hold the same directory, the preferred one first: `ldaps://HOST[:636]`, or `ldap://HOST[:389]`. The next one is asked when a server can't be reached, and never because of what it answered.
   */
  urls: string[];
  /**
   * Allows `ldap://` without StartTLS to another machine: the password of `bind` and every answer can be read and changed on the way. For networks that encrypt by themselves.
   */
  allowPlaintext: boolean;
  tls: LdapTlsConfig;
  bind: LdapBindConfig;
  /**
   * Limit of connections that are open at a time; each carries many searches at once.
   */
  connections: number;
  /**
   * How long connecting, TLS and bind to one server may take, in milliseconds; then the next server is tried.
   */
  connectTimeoutMs: number;
  /**
   * How long one search may take, in milliseconds; the server is told it in seconds, rounded up. A lookup is several searches at most, and `deadlineMs` limits it as a whole.
   */
  operationTimeoutMs: number;
  /**
   * A connection without a search for so long is closed, in seconds; shorter than what servers and firewalls in between allow (900 in Active Directory).
   */
  idleSeconds: number;
  /**
   * Entries a page (RFC 2696) in searches of groups; not above the server's own limit (1000 in Active Directory). 0: no pages.
   */
  pageSize: number;
  /**
   * References to other servers among the results. ignore: what lies there is no part of this directory. error: 502. They are never followed.
   */
  referrals: 'ignore' | 'error';
  batching: LdapBatchingConfig;
  user: DirectoryUserConfig;
  groups: DirectoryGroupsConfig;
  /**
   * What becomes of the user's attributes.
   */
  authorizations: DirectoryAuthorizationConfig[];
}
/**
 * How connections are encrypted. The server's certificate is always verified: chain, dates and name.
 */
export interface LdapTlsConfig {
  /**
   * Turn `ldap://` connections into TLS before anything else is sent.
   */
  startTls: boolean;
  /**
   * PEM files: the CAs that the servers' certificates must come from. Empty: those that Node trusts.
   */
  ca: Path[];
  /**
   * PEM file: a client certificate. Left out: none.
   */
  certificate?: string;
  /**
   * PEM file: its private key. Left out where `certificate` is.
   */
  key?: string;
  /**
   * Passphrase of an encrypted key, by reference. Left out: the key is not encrypted.
   */
  keyPassphrase?: Secret;
  /**
   * The name that the certificate must have. Left out: the host of the URL.
   */
  serverName?: string;
  /**
   * The lowest TLS version accepted.
   */
  minVersion: 'TLSv1.2' | 'TLSv1.3';
}
/**
 * As whom the directory is asked. The account needs to read users and groups, and nothing else.
 */
export interface LdapBindConfig {
  /**
   * simple: `dn` and `password`. external: the client certificate of `tls` (SASL EXTERNAL). anonymous: as nobody; directories often show less then, without saying so.
   */
  method: 'simple' | 'external' | 'anonymous';
  /**
   * The account; in Active Directory also `name@domain`. Left out where the method is another than simple.
   */
  dn?: string;
  /**
   * Its password, by reference. Left out where the method is another than simple.
   */
  password?: Secret;
}
/**
 * Lookups that arrive together search their users with one filter. Each entry is matched back to its user by the exact userid; whenever that leaves a doubt, each user is searched alone.
 */
export interface LdapBatchingConfig {
  /**
   * Limit of users in one search; 1 turns batching off.
   */
  maxUsers: number;
  /**
   * How long a lookup waits for others while a search is under way, in milliseconds; the first one never waits.
   */
  windowMs: number;
}
/**
 * How a user's entry is found. Exactly one has to match; several are an error.
 */
export interface DirectoryUserConfig {
  /**
   * Where users are searched.
   */
  base: string;
  /**
   * sub: at any depth below the base. one: directly below it.
   */
  scope: 'sub' | 'one';
  /**
   * Attributes of the entry that hold the userid; one of them has to equal it. Left out: `mail`, in Active Directory `userPrincipalName`.
   */
  attributes?: string[];
  /**
   * RFC 4515; `{userid}` stands for the userid, which can't become syntax. It may stand in several lines. Left out: the preset's object class, and any of `attributes` equal to the userid.
   */
  filter?: string;
  /**
   * RFC 4515, evaluated on the entry that was found, in addition to the preset's filter for locked accounts (`pwdAccountLockedTime`, `nsAccountLock` or `userAccountControl`): a user whose entry does not match both is disabled, and unknown to clients (404). Left out: the preset's filter alone.
   */
  enabledFilter?: string;
  /**
   * true: `enabledFilter` replaces the preset's filter, so that accounts which the directory has locked are served; an empty `enabledFilter` then disables nobody. The start logs a warning.
   */
  replacePresetEnabledFilter: boolean;
  /**
   * userids that differ in letter case only are the same user (Unicode default lower case). Off: the entry's attribute has to equal the userid in every letter, although directories compare without case.
   */
  caseInsensitive: boolean;
}
/**
 * How a user's groups are found, and what they are called.
 */
export interface DirectoryGroupsConfig {
  /**
   * memberOf: what the user's entry names. search: groups that name the user. recursive: those, and the groups that name them, a level at a time. inChain: the same, walked by Active Directory. tokenGroups: Active Directory's own list of security groups. none: no groups. Left out: search, for 389ds and freeipa memberOf, for active-directory tokenGroups.
   */
  strategy?: 'memberOf' | 'search' | 'recursive' | 'inChain' | 'tokenGroups' | 'none';
  /**
   * Where groups are searched; with memberOf, groups elsewhere are dropped. Left out: with memberOf all groups are kept, else it is needed. In Active Directory give the domain, and narrow with `bases`.
   */
  base?: string;
  /**
   * sub: at any depth below the base. one: directly below it.
   */
  scope: 'sub' | 'one';
  /**
   * RFC 4515: what a group's entry has to match. Left out: the preset's object class; with memberOf nothing is asked.
   */
  filter?: string;
  /**
   * Attribute of a group that names its members. Left out: `member`.
   */
  memberAttribute?: string;
  /**
   * By what it names them: `dn`, or an attribute of the user's entry (with `search` only). Left out: `dn`.
   */
  memberValue?: string;
  /**
   * What a group is called in the answer: an attribute of its entry, `dn`, or `sid`. Left out: `cn`.
   */
  name?: string;
  /**
   * Add the primary group of Active Directory, which stands in no membership attribute. Left out: true for active-directory, else false.
   */
  primaryGroup?: boolean;
  /**
   * A group has to lie below one of these; others are dropped. Empty: all are kept.
   */
  bases: string[];
  /**
   * Regular expression (JavaScript); groups whose name it does not match are dropped. Left out: none is.
   */
  include?: string;
  /**
   * Regular expression (JavaScript); groups whose name it matches are dropped. Left out: none is.
   */
  exclude?: string;
  /**
   * Replacements in the names that are left, one after the other.
   */
  rename: DirectoryRenameConfig[];
  /**
   * Letter case of the names, after the replacements. Names that become equal are one group.
   */
  case: 'keep' | 'lower' | 'upper';
  /**
   * How deep groups may be nested with `recursive`; deeper is an error, never a part.
   */
  maxDepth: number;
  /**
   * How many groups a user may have; more is an error.
   */
  maxGroups: number;
}
export interface DirectoryRenameConfig {
  /**
   * Regular expression (JavaScript); its first match is replaced.
   */
  pattern: string;
  /**
   * What stands there instead; `$1` is the first group of the pattern.
   */
  replacement: string;
}
/**
 * One authorization; several of one name are joined.
 */
export interface DirectoryAuthorizationConfig {
  /**
   * The authorization's name.
   */
  name: string;
  /**
   * Attribute of the user's entry, or `dn`. Left out where `constant` stands.
   */
  attribute?: string;
  /**
   * A value that every user has. Left out where `attribute` stands.
   */
  constant?: string;
  /**
   * Splits each value in several. Left out: a value is one.
   */
  separator?: string;
  /**
   * Regular expression (JavaScript): its first group, or all that it matches, is the value; what it does not match is left out. Left out: values are taken whole.
   */
  pattern?: string;
  /**
   * How bytes become text: text (UTF-8; anything else is an error), base64, hex, guid (objectGUID) or sid (objectSid).
   */
  encoding: 'text' | 'base64' | 'hex' | 'guid' | 'sid';
  /**
   * A user without a value is an error, instead of a user without this authorization.
   */
  required: boolean;
}
/**
 * An LDIF file (RFC 2849), or what `ldapsearch` prints, in place of a directory: to try the options of `ldap` before anything is connected. Read whole, reloaded when it changes.
 */
export interface LdifSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'ldif';
  preset: DirectoryPreset;
  /**
   * The file.
   */
  path: string;
  user: DirectoryUserConfig;
  groups: DirectoryGroupsConfig;
  /**
   * What becomes of the user's attributes.
   */
  authorizations: DirectoryAuthorizationConfig[];
  /**
   * A new file with fewer users, or fewer entries, than this leaves of the last one is refused, in percent of them; 100 turns the guard off.
   */
  maxShrinkPercent: number;
  /**
   * How often the file's content is compared although no change was seen (mounts that tell of none), in seconds.
   */
  pollSeconds: number;
}
/**
 * A database that is asked for each lookup: PostgreSQL, MySQL and MariaDB, or an SQLite file. All queries of a lookup see one state of the data.
 */
export interface SqlSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'sql';
  connection: SqlConnectionConfig;
  /**
   * Finds the user: one row, or none when there is no such user; two are an error. It returns the userid as it is stored. `:userid` stands for the userid, and is bound, never written into the text.
   */
  userQuery: string;
  /**
   * Returns one column: a row for each of the user's groups. Left out: nobody has groups.
   */
  groupsQuery?: string;
  /**
   * Returns the user's attributes, as `attributeLayout` says. Left out: nobody has attributes.
   */
  attributesQuery?: string;
  /**
   * rows: `attributesQuery` returns two columns, name and value, and a row for each value. columns: each column is an attribute of its name, each row gives one more value, and NULL gives none.
   */
  attributeLayout: 'rows' | 'columns';
  /**
   * Column of `userQuery` that has the userid as it is stored; it must equal the asked one. A column of this name in the other queries is compared as well.
   */
  useridColumn: string;
  /**
   * Column of `userQuery` that says whether the user is disabled: true, yes, 1, y, t, disabled (any case) mean it is; false, no, 0, n, f, enabled mean it is not; anything else, NULL included, is an error. Left out: nobody is disabled.
   */
  disabledColumn?: string;
  /**
   * userids that differ in letter case only are the same user (Unicode default lower case). The query has to find them: WHERE lower(login) = lower(:userid).
   */
  caseInsensitive: boolean;
  /**
   * Limit of the rows of one query; more is an error, since a part of a user's groups is a wrong answer.
   */
  maxRows: number;
  /**
   * How long a query may run in the database, in milliseconds; then it is ended there and the answer is 504.
   */
  statementTimeoutMs: number;
  /**
   * How long a query may wait for a lock, in milliseconds; for SQLite: for a writer to finish. MySQL and MariaDB count whole seconds, rounded up.
   */
  lockTimeoutMs: number;
}
/**
 * A PostgreSQL server, 12 or later.
 */
export interface PostgresqlConfig {
  /**
   * Chooses this kind of database.
   */
  system: 'postgresql';
  /**
   * Name or address of the server; a path that begins with / is the folder of its socket. Without `tls` only a loopback address or a path is accepted.
   */
  host: string;
  /**
   * TCP port; without meaning for a path.
   */
  port: number;
  /**
   * Name of the database.
   */
  database: string;
  /**
   * Role of the database that may read the tables of the queries, and nothing else.
   */
  user: string;
  /**
   * Password of the role, by reference. Left out: the server needs none (a client certificate, or trust in the socket).
   */
  password?: Secret;
  tls?: SqlTlsConfig;
  /**
   * Limit of open connections. Each runs one lookup at a time.
   */
  poolSize: number;
  /**
   * How long a lookup waits for a connection, also for a new one, in milliseconds; then the answer is 504.
   */
  acquireTimeoutMs: number;
}
/**
 * TLS to the database, its certificate and name verified. Left out: no TLS, which only a loopback address or a socket may do without.
 */
export interface SqlTlsConfig {
  /**
   * PEM files: the CAs that the server's certificate may come from. Empty: the public ones that Node knows.
   */
  ca: Path[];
  /**
   * Name that the server's certificate must have. Left out: `host`.
   */
  serverName?: string;
  /**
   * PEM file: the client certificate, then its intermediate CAs. Left out: none is sent.
   */
  certificate?: string;
  /**
   * PEM file: the key of `certificate`. Left out where it is.
   */
  key?: string;
  /**
   * Passphrase of an encrypted key, by reference. Left out: the key is not encrypted.
   */
  keyPassphrase?: Secret;
}
/**
 * A MySQL server, 8 or later, or a MariaDB server, 10.5 or later.
 */
export interface MysqlConfig {
  /**
   * Chooses this kind of database.
   */
  system: 'mysql';
  /**
   * Name or address of the server; a path that begins with / is the path of its socket. Without `tls` only a loopback address or a path is accepted.
   */
  host: string;
  /**
   * TCP port; without meaning for a path.
   */
  port: number;
  /**
   * Name of the database.
   */
  database: string;
  /**
   * Role of the database that may read the tables of the queries, and nothing else.
   */
  user: string;
  /**
   * Password of the role, by reference. Left out: the server needs none (a client certificate, or trust in the socket).
   */
  password?: Secret;
  tls?: SqlTlsConfig;
  /**
   * Limit of open connections. Each runs one lookup at a time.
   */
  poolSize: number;
  /**
   * How long a lookup waits for a connection, also for a new one, in milliseconds; then the answer is 504.
   */
  acquireTimeoutMs: number;
}
/**
 * An SQLite file. A private copy is read, made anew when the file changes.
 */
export interface SqliteConfig {
  /**
   * Chooses this kind of database.
   */
  system: 'sqlite';
  /**
   * The file; its journal mode must not be WAL.
   */
  path: string;
}
/**
 * A JSON API over HTTPS that is asked for each user: SCIM 2.0, Microsoft Graph, Okta, Keycloak, another endpoint of this contract, or an API of your own.
 */
export interface HttpProxySourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'http-proxy';
  /**
   * Gives `user`, `groups` and `mapping` for a well-known API; each of them can still be written. passthrough: an upstream that answers as this endpoint does. custom: none is given.
   */
  preset: 'custom' | 'scim2' | 'microsoft-graph' | 'okta' | 'keycloak' | 'passthrough';
  /**
   * What all paths begin with. Plain http is for a loopback address only: credentials go with each request.
   */
  baseUrl: string;
  auth: HttpAuthConfig;
  tls: HttpTlsConfig;
  /**
   * Headers sent with each request: name → value. Not for secrets.
   */
  headers: {
    [k: string]: string;
  };
  /**
   * Headers sent with each request whose values are secrets, by reference: name → reference.
   */
  secretHeaders: {
    /**
     * The header's value, by reference.
     */
    [k: string]: Secret;
  };
  user?: HttpUserRequestConfig;
  groups?: HttpGroupsRequestConfig;
  mapping?: HttpMappingConfig;
  /**
   * userids that differ in letter case only are the same user. For an upstream that compares so, as most do; by default a user found under another spelling is not found.
   */
  caseInsensitive: boolean;
  /**
   * How long a connection may take to be made, TLS included, in milliseconds.
   */
  connectTimeoutMs: number;
  /**
   * How long an answer may take to begin, in milliseconds. `deadlineMs` of the server bounds the whole lookup besides.
   */
  headersTimeoutMs: number;
  /**
   * How long an answer may pause, in milliseconds.
   */
  bodyTimeoutMs: number;
  /**
   * The longest wait that is accepted when the upstream throttles us (429 or 503 with Retry-After), in milliseconds; a longer one fails at once. Below `deadlineMs`. 0: never wait.
   */
  maxRetryAfterMs: number;
  /**
   * Limit of the pages read for one lookup; more is an error.
   */
  maxPages: number;
  /**
   * Limit of all answers for one lookup, unpacked, in bytes; more is an error.
   */
  maxBytes: number;
  /**
   * Limit of connections to the upstream; further lookups wait for a free one.
   */
  maxConnections: number;
}
/**
 * No header Authorization is sent.
 */
export interface HttpNoAuthConfig {
  /**
   * Chooses this kind.
   */
  type: 'none';
}
/**
 * User name and password (RFC 7617), in UTF-8.
 */
export interface HttpBasicAuthConfig {
  /**
   * Chooses this kind.
   */
  type: 'basic';
  /**
   * The user name; it can't have a colon.
   */
  username: string;
  /**
   * The password, by reference.
   */
  password: Secret;
}
/**
 * A token that does not change, for example an API token.
 */
export interface HttpBearerAuthConfig {
  /**
   * Chooses this kind.
   */
  type: 'bearer';
  /**
   * The word in front of the token.
   */
  scheme: string;
  /**
   * The token, by reference.
   */
  token: Secret;
}
/**
 * An access token by OAuth 2 client credentials (RFC 6749, 4.4), kept until shortly before it expires; all lookups share one renewal.
 */
export interface HttpOauth2Config {
  /**
   * Chooses this kind.
   */
  type: 'oauth2';
  /**
   * The token endpoint. Plain http is for a loopback address only.
   */
  tokenUrl: string;
  /**
   * The client's id.
   */
  clientId: string;
  /**
   * The client's secret, by reference.
   */
  clientSecret: Secret;
  /**
   * Where the secret is sent: in the header (client_secret_basic) or in the form (client_secret_post).
   */
  clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  /**
   * The scopes asked for, separated by blanks. Left out: the server's default.
   */
  scope?: string;
  /**
   * What the token endpoint wants besides: name → value. Not for secrets.
   */
  parameters: {
    [k: string]: string;
  };
  /**
   * How long before its end a token is renewed, in seconds; at most half of its life.
   */
  expiryMarginSeconds: number;
  /**
   * How long a token request may take, in milliseconds. A lookup that waits for it ends at its own deadline.
   */
  timeoutMs: number;
}
/**
 * Whom the server trusts, and its own client certificate. Holds for `baseUrl` and `tokenUrl`.
 */
export interface HttpTlsConfig {
  /**
   * PEM files: the CAs that the upstream's certificate must come from, and no others. Empty: the public ones that Node brings.
   */
  ca: Path[];
  /**
   * PEM file: the client certificate, then its intermediate CAs. Left out: none.
   */
  certificate?: string;
  /**
   * PEM file: the client certificate's key. Left out where `certificate` is.
   */
  key?: string;
  /**
   * Passphrase of an encrypted key, by reference. Left out: the key is not encrypted.
   */
  keyPassphrase?: Secret;
}
/**
 * The request that asks for the user. Left out, the preset gives it; needed by the preset custom.
 */
export interface HttpUserRequestConfig {
  /**
   * GET, or POST for a search whose criteria stand in `body`.
   */
  method: 'GET' | 'POST';
  /**
   * Path and query below `baseUrl`. {userid} may stand in the path, as the whole value of a parameter, or in a value inside "…" (SCIM) or '…' (OData); it is escaped for the place.
   */
  path: string;
  /**
   * JSON body of a POST; a text in it may be {userid}, or have it inside quotes. Left out: none.
   */
  body?: {
    [k: string]: unknown;
  };
  /**
   * Where the answer has the list of users that match: a JSON Pointer ("": the answer itself) or a JMESPath expression. An empty list means no such user, two users are an error. Left out: the answer is the user.
   */
  list?: string;
  notFound?: HttpNotFoundConfig;
  pagination: HttpPaginationConfig;
}
/**
 * Which answers mean that there is no such user. Left out: an empty `list` only; without `list`, status 404.
 */
export interface HttpNotFoundConfig {
  /**
   * The statuses; a body that comes with one must be JSON, so that a gateway's error page is none.
   */
  statuses: number[];
  /**
   * Where the answer says so: a JSON Pointer or a JMESPath expression. Left out: the status is enough.
   */
  path?: string;
  /**
   * What stands there. Left out where `path` is.
   */
  equals?: string;
}
/**
 * One answer has all. An answer that speaks of a next page is an error.
 */
export interface HttpOnePageConfig {
  /**
   * Chooses this kind.
   */
  type: 'none';
}
/**
 * `@odata.nextLink` in the answer leads to the next page.
 */
export interface HttpOdataPagesConfig {
  /**
   * Chooses this kind.
   */
  type: 'odata';
}
/**
 * The header Link with rel="next" (RFC 8288) leads to the next page.
 */
export interface HttpLinkPagesConfig {
  /**
   * Chooses this kind.
   */
  type: 'link-header';
}
/**
 * startIndex and count are sent (RFC 7644, 3.4.2.4); totalResults must be reached exactly.
 */
export interface HttpScimPagesConfig {
  /**
   * Chooses this kind.
   */
  type: 'scim';
  /**
   * Entries asked for at a time; the server may give fewer.
   */
  pageSize: number;
}
/**
 * A value in the answer is sent back as a parameter; the last page has none, null, false or an empty text.
 */
export interface HttpCursorPagesConfig {
  /**
   * Chooses this kind.
   */
  type: 'cursor';
  /**
   * Where the answer has it: a JSON Pointer or a JMESPath expression.
   */
  path: string;
  /**
   * The parameter of the query that it is sent in.
   */
  parameter: string;
}
/**
 * A second request, for the groups of the user who was found. Left out, the preset gives it; with none the user's own entry has the groups.
 */
export interface HttpGroupsRequestConfig {
  /**
   * As `user.path`; pointers like {/id} stand for values of the user's entry.
   */
  path: string;
  /**
   * Where the answer has the list: a JSON Pointer ("": the answer itself) or a JMESPath expression.
   */
  list: string;
  pagination: HttpPaginationConfig1;
}
/**
 * What the answers mean. A path is a JSON Pointer when it begins with a slash, else a JMESPath expression. A path that leads to nothing, or to a value of the wrong kind, is an error: never an empty list. Left out, the preset gives it; what is written here goes before the preset's.
 */
export interface HttpMappingConfig {
  /**
   * Where the user's entry has the userid. It is compared, so that an upstream that ignores the filter is found out. Left out, the preset gives it; the preset custom may do without it when {userid} does not stand in the path and there is no `list`.
   */
  identity?: string;
  enabled?: HttpEnabledConfig;
  /**
   * Where names of groups are; all of them together are the user's groups. Empty: as the preset has it.
   */
  groups: HttpGroupsMappingConfig[];
  /**
   * Name of the authorization → where its values are.
   */
  authorizations: {
    [k: string]: HttpValueMappingConfig;
  };
  allAttributes?: HttpAllAttributesConfig;
}
/**
 * Which users are enabled; a disabled one is answered with 404. A value in neither list is an error. Left out, the preset gives it; with none every user who is found is enabled.
 */
export interface HttpEnabledConfig {
  /**
   * Where the user's entry says so.
   */
  path: string;
  /**
   * Texts (of true, false and numbers: as they are written in JSON) that mean enabled.
   */
  values: string[];
  /**
   * Texts that mean disabled.
   */
  disabledValues: string[];
  /**
   * A user without the value is enabled.
   */
  optional: boolean;
}
export interface HttpGroupsMappingConfig {
  /**
   * groups: each item of the request `groups`. user: a list in the user's entry.
   */
  from: 'groups' | 'user';
  /**
   * Where the user's entry has the list. Left out where `from` is groups.
   */
  list?: string;
  /**
   * Where an item has the group's name ("": the item is the name).
   */
  name: string;
  where?: HttpWhereConfig;
  /**
   * A user's entry without the list has no groups. A name is never optional.
   */
  optional: boolean;
}
/**
 * Only items that have this value count. An item without any value there is an error. Left out: all items.
 */
export interface HttpWhereConfig {
  /**
   * Where an item has the value.
   */
  path: string;
  /**
   * The text that counts.
   */
  equals: string;
}
export interface HttpValueMappingConfig {
  /**
   * user: the user's entry. groups: each item of the request `groups`.
   */
  from: 'user' | 'groups';
  /**
   * Where the value is, or a list of values.
   */
  path: string;
  /**
   * Between values in one text. Left out: the whole text is one value.
   */
  separator?: string;
  /**
   * Accept true, false and whole numbers as texts.
   */
  scalars: boolean;
  /**
   * Nothing there, null or an empty text is no value, instead of an error.
   */
  optional: boolean;
}
/**
 * A map in the user's entry whose every key becomes an authorization, its values texts or lists of texts. Left out, the preset gives it; with none only `authorizations` count.
 */
export interface HttpAllAttributesConfig {
  /**
   * Where the user's entry has the map.
   */
  path: string;
  /**
   * A user's entry without the map has no attributes.
   */
  optional: boolean;
}
/**
 * A source of your own: a file in JavaScript whose default export makes it. See server/adapters/module/README.md.
 */
export interface ModuleSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'module';
  /**
   * The file, an ECMAScript module: default export `createUserSource(options, context)`.
   */
  path: string;
  /**
   * What the module is given; it alone knows what may stand here.
   */
  options: {
    [k: string]: unknown;
  };
  /**
   * Secrets that the module is given, by a name each.
   */
  secrets: {
    /**
     * A secret, by reference.
     */
    [k: string]: Secret;
  };
  /**
   * How long loading the module and its `createUserSource` may take, in milliseconds. Then the start, or the reload, fails.
   */
  loadTimeoutMs: number;
  /**
   * How long a `check()` of the module may take, in milliseconds. Then the start, the reload or the readiness probe fails.
   */
  checkTimeoutMs: number;
}
/**
 * Guards for this source only, as in the top-level `guards`. Default: none.
 */
export interface GuardsConfig {
  cache?: CacheConfig;
  /**
   * Combine concurrent lookups of the same user into one query to the source.
   */
  coalesce: boolean;
  shrink?: ShrinkConfig;
  answers?: AnswerRulesConfig;
  breaker?: BreakerConfig;
  /**
   * Maximum time of a lookup in this source, in milliseconds, within the top-level `deadlineMs`. After that, the source counts as too slow. Use it for an optional source of a merge. If omitted, only the top-level `deadlineMs` applies.
   */
  deadlineMs?: number;
  bulkhead?: BulkheadConfig;
  retry?: RetryConfig;
}
/**
 * A cache of results by exact userid. Errors are never cached. A change in the source, including a withdrawn group, takes effect only when the cached result expires. Default: none.
 */
export interface CacheConfig {
  /**
   * How long the server caches a result, in seconds, counted from the start of its lookup.
   */
  ttlSeconds: number;
  /**
   * How long the server caches that a user is unknown, in seconds. A user who is created in the meantime remains unknown for that time. 0: not cached.
   */
  negativeTtlSeconds: number;
  /**
   * Maximum number of cached results. The server evicts the least recently used results first.
   */
  maxEntries: number;
  /**
   * Maximum memory for cached results, in bytes, including the overhead of each entry.
   */
  maxBytes: number;
  staleIfError?: StaleIfErrorConfig;
  shared?: SharedCacheConfig;
}
/**
 * While the source is unavailable or too slow, the server responds with an expired cached result and the header User-Info-Stale-Seconds. It never does so if the user is unknown (404) or the source returned an invalid result. If omitted, the server responds with the failure.
 */
export interface StaleIfErrorConfig {
  /**
   * How long after `ttlSeconds` the server may use an expired result, in seconds. While the source is down, a withdrawn group is kept that much longer.
   */
  maxStaleSeconds: number;
}
/**
 * A shared cache in Redis, behind the cache of each server, for replicas with the same configuration. Entries are encrypted and authenticated, and their names are hashes. If Redis is down or slow, each server uses only its own cache. Default: none.
 */
export interface SharedCacheConfig {
  /**
   * URL of Redis. rediss: TLS.
   */
  url: string;
  /**
   * User name in the access control list of Redis. Default: the default user of Redis.
   */
  username?: string;
  /**
   * Password of Redis, by reference. Default: none.
   */
  password?: Secret;
  /**
   * PEM file with the CAs that the certificate of Redis must chain to. Default: the CAs that Node.js trusts.
   */
  ca?: string;
  /**
   * Key that encrypts and authenticates the entries, by reference. At least 32 characters, the same for all replicas. Create one with `openssl rand -base64 48`.
   */
  key: Secret;
  /**
   * Prefix of the names of all entries.
   */
  prefix: string;
  /**
   * Maximum time for a response from Redis, in milliseconds. After that, the server queries the source and does not use Redis for one second.
   */
  timeoutMs: number;
}
/**
 * Checks a result that lost much compared with the previous result for the same user, before the server uses it. If omitted, the server accepts every result.
 */
export interface ShrinkConfig {
  /**
   * Maximum loss, in percent of the groups, or of the attribute values, in the previous result.
   */
  maxLossPercent: number;
  /**
   * The server does not compare groups (or values) if the user had fewer of them than this.
   */
  minSeen: number;
  /**
   * ask-again: the server repeats the lookup and accepts the loss only if the second result is the same. hold-back: the server responds with 502 until the source has returned the same result for `holdSeconds`.
   */
  action: 'ask-again' | 'hold-back';
  /**
   * For hold-back: how long the source must return the same reduced result before the server uses it, in seconds.
   */
  holdSeconds: number;
  /**
   * Maximum number of users whose previous result is kept (as hashes, 4 bytes per group). The server evicts the least recently requested users first.
   */
  maxUsers: number;
}
/**
 * Requirements on results, in addition to the schema. The server responds with 502 to a lookup whose result violates one. If omitted, only the schema applies.
 */
export interface AnswerRulesConfig {
  /**
   * How the server treats a user who is found without any group. allow: the response has no groups. error: 502, for sources in which every user has a group. If omitted, the response has no groups, and `ldap` and `ldif` sources check a sample of users. They do not start, and are not ready, while no user in the sample has a membership that the bind account can read. `allow` turns this check off.
   */
  onNoGroups?: 'allow' | 'error';
  /**
   * Maximum number of groups in a result.
   */
  maxGroups: number;
  /**
   * Maximum size of a result as JSON, in bytes.
   */
  maxBytes: number;
}
/**
 * Circuit breaker. After several failures of the source in a row, lookups fail at once for a while: the server responds with 503 and Retry-After. If omitted, the server queries the source for every lookup.
 */
export interface BreakerConfig {
  /**
   * Number of lookups in a row that must be unavailable or too slow to open the breaker.
   */
  failures: number;
  /**
   * How long the breaker stays open before it lets one lookup through, in seconds.
   */
  openSeconds: number;
}
/**
 * Limits on concurrent lookups in the source. The server responds to further lookups with 503 and Retry-After. If omitted, only the adapter's own limit applies.
 */
export interface BulkheadConfig {
  /**
   * Maximum number of lookups in flight.
   */
  concurrent: number;
  /**
   * Maximum number of lookups that wait for a free place. The deadline includes the waiting time.
   */
  queued: number;
}
/**
 * Repeats a lookup if the source was unavailable. The server does not retry if the source was too slow or returned an invalid result, nor after the deadline. If omitted, the server does not retry.
 */
export interface RetryConfig {
  /**
   * Maximum number of retries after the first attempt.
   */
  attempts: number;
  /**
   * Delay before the first retry, with jitter, in milliseconds. Later retries wait longer.
   */
  delayMs: number;
}
/**
 * The userid that the server looks up in this source. Default: the userid of the request.
 */
export interface MergedUseridConfig {
  /**
   * Name of an earlier source. The userid is the value of its `authorization`. Default: the userid of the request.
   */
  from?: string;
  /**
   * Name of the authorization in the source `from`. Two values are an error. Omit it if you omit `from`.
   */
  authorization?: string;
  /**
   * A regular expression (ECMAScript) that must match the whole text. If omitted, the server uses the text unchanged.
   */
  pattern?: string;
  /**
   * Replacement for a match. $1 is the first capture group of `pattern`.
   */
  template: string;
  /**
   * What happens if there is no value or no match. error: the lookup fails (502). not-found: the source does not know the user.
   */
  whenMissing: 'error' | 'not-found';
}
/**
 * Rules for the names of the source's groups.
 */
export interface NameRulesConfig {
  /**
   * Regular expressions (ECMAScript). The server drops a name if one of them matches the whole name.
   */
  drop: string[];
  /**
   * Map of old names to new names.
   */
  rename: {
    [k: string]: string;
  };
  /**
   * Prefix that the server adds to each name, after `rename`.
   */
  prefix: string;
}
/**
 * Rules for the names of the source's authorizations.
 */
export interface NameRulesConfig1 {
  /**
   * Regular expressions (ECMAScript). The server drops a name if one of them matches the whole name.
   */
  drop: string[];
  /**
   * Map of old names to new names.
   */
  rename: {
    [k: string]: string;
  };
  /**
   * Prefix that the server adds to each name, after `rename`.
   */
  prefix: string;
}
/**
 * Guards around a source. Each guard is active only if it is configured. docs/guides/guards.md describes the effect and the cost of each. Default: none.
 */
export interface GuardsConfig1 {
  cache?: CacheConfig;
  /**
   * Combine concurrent lookups of the same user into one query to the source.
   */
  coalesce: boolean;
  shrink?: ShrinkConfig;
  answers?: AnswerRulesConfig;
  breaker?: BreakerConfig;
  /**
   * Maximum time of a lookup in this source, in milliseconds, within the top-level `deadlineMs`. After that, the source counts as too slow. Use it for an optional source of a merge. If omitted, only the top-level `deadlineMs` applies.
   */
  deadlineMs?: number;
  bulkhead?: BulkheadConfig;
  retry?: RetryConfig;
}
/**
 * What the server logs, and where.
 */
export interface LoggingConfig {
  /**
   * The lowest severity that the server logs.
   */
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /**
   * Write one JSON line for each request.
   */
  accessLog: boolean;
  /**
   * `stdout`, `stderr`, or a file that the server appends to. The server reopens the file on SIGHUP and `user-info reload`, for logrotate.
   */
  destination: string;
  /**
   * How userids appear in the log. shown: unchanged. hashed: the first 32 digits of SHA-256 over `useridHashKey` and the userid, so that equal userids can be found. hidden: not shown.
   */
  userid: 'shown' | 'hashed' | 'hidden';
  /**
   * Key of the userid hash, by reference. If omitted, the server generates a random key at each start. Hashes are then not comparable across starts.
   */
  useridHashKey?: Secret;
  /**
   * Request header whose well-formed value becomes the request id. Set it only if the clients are trusted. If omitted, the server generates an id for each request.
   */
  requestIdHeader?: string;
}
/**
 * The audit trail: one JSON line for each request, in a separate file, in the format of `audit-entry.schema.json`. Each line records the client, the userid, the decision, and the generation of configuration and data. Default: none.
 */
export interface AuditConfig {
  /**
   * The file that the server appends to, created with mode 0640. The server reopens it on SIGHUP and `user-info reload`, for logrotate. A change of this option requires a restart.
   */
  file: string;
  /**
   * How userids appear in the audit trail. hashed: the first 32 digits of SHA-256 over `useridHashKey` and the userid. shown: unchanged.
   */
  userid: 'hashed' | 'shown';
  /**
   * Key of the userid hash, by reference. Default: the key from `logging`. If that is omitted too, the server generates a random key at each start. Hashes are then not comparable across starts.
   */
  useridHashKey?: Secret;
  /**
   * serve: a response does not wait for its audit line. While the file is not writable, the server keeps serving requests, keeps up to 64 MiB of lines to write later, and reports degraded readiness. refuse: the server sends a response only after the operating system has accepted its audit line. Otherwise the request gets 503.
   */
  whenUnwritable: 'serve' | 'refuse';
  /**
   * Flush each write to disk (fdatasync) before its lines count as written, so that no line is lost if the machine fails. With `whenUnwritable: refuse`, responses wait for the flush. Requires a regular file. A change requires a restart.
   */
  fsync: boolean;
}
/**
 * A second listener for probes and metrics over plain HTTP: /healthz, /readyz, /metrics and /version. It also serves POST /reload, from this machine only. Default: none.
 */
export interface AdministrationConfig {
  /**
   * Address to listen on. This listener shows no user data, but its metrics are not meant for the public.
   */
  host: string;
  /**
   * TCP port. 0: a free port.
   */
  port: number;
}
/**
 * How the running server applies changes to this file and to every file named in it: certificates, keys, CAs, CRLs, htpasswd files, secret files and others. SIGHUP and `user-info reload` trigger a reload at any time. The server rejects an invalid change as a whole and keeps the current configuration.
 */
export interface ReloadConfig {
  /**
   * Reload automatically when one of these files changes. The server watches the files of `csv`, `ldif` and `sqlite` sources in any case.
   */
  watch: boolean;
  /**
   * How often the server compares the content of the files if it received no change event, in seconds. Some mounts send no events. At the same interval, the server retries a change that it rejected because a source was down.
   */
  pollSeconds: number;
  /**
   * Maximum time for a reload to open the new configuration and its source, in seconds. After that, the server rejects the reload and keeps the current configuration.
   */
  timeoutSeconds: number;
}
/**
 * How the server shuts down after SIGTERM or SIGINT.
 */
export interface ShutdownConfig {
  /**
   * After SIGTERM: how long the server accepts connections while readiness fails, in milliseconds. Each response closes its connection. Set it to the time that a load balancer needs to detect the failing readiness.
   */
  drainMs: number;
  /**
   * After the drain time: how long requests in flight may take, in milliseconds, before the server closes their connections. The server closes connections without a request after one second, or after half of this time if that is shorter.
   */
  deadlineMs: number;
}
