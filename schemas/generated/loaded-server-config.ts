// Made by `npm run generate:types` from schemas/server-config.schema.json. Do not edit.
import type {Secret} from '../secret.ts';

export type Path = string;
/**
 * Where users come from.
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
 * Any source, as the top-level `source`.
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
 * The configuration of `user-info serve`, as YAML or JSON. Paths are relative to the file's folder. Secrets are references, `${env:NAME}` or `${file:PATH}`. An environment variable overrides an option: USER_INFO__LISTENER__PORT=9443 stands for listener.port.
 */
export interface LoadedServerConfig {
  /**
   * Where an editor finds this schema; the server does not read it. Left out: nowhere.
   */
  $schema?: string;
  listener: ListenerConfig;
  authentication: AuthenticationConfig;
  userid: UseridConfig;
  answer: AnswerConfig;
  source: SourceConfig;
  guards?: GuardsConfig1;
  /**
   * Maximum time of a lookup, in milliseconds; after it the response is 504. Credentials whose password hash does not get its turn to be verified within the same time are refused with 503.
   */
  deadlineMs: number;
  /**
   * Processes that serve on the one port; 0: one for each processor. Each has the source for itself: connections, caches and, for csv, the users in memory are there once a process. Failed logins are counted, and verified ones known, to all together. Can't change while the server runs.
   */
  workers: number;
  /**
   * With several workers, seconds: one that does nothing for so long, not even say that it is there, is ended, and another one takes its place. Far above the longest pause that a module of yours, or taking up a big file, makes.
   */
  workerTimeoutSeconds: number;
  logging: LoggingConfig;
  audit?: AuditConfig;
  administration?: AdministrationConfig;
  reload: ReloadConfig;
  shutdown: ShutdownConfig;
}
/**
 * Where the endpoint listens.
 */
export interface ListenerConfig {
  /**
   * Address to listen on. Without `tls` only a loopback address is accepted.
   */
  host: string;
  /**
   * TCP port; 0 takes a free one.
   */
  port: number;
  /**
   * The path of the endpoint, compared exactly.
   */
  path: string;
  tls?: TlsConfig;
  /**
   * How long a request's headers may take to arrive, and how long a client may leave its answers waiting, in milliseconds.
   */
  headersTimeoutMs: number;
  /**
   * How long an idle kept-alive connection stays open, in milliseconds; longer than the idle time-out of a load balancer in front.
   */
  keepAliveTimeoutMs: number;
  /**
   * Limit of a request's target and of its headers' names and values, in bytes; more gets 431. All bytes of the head together, with spaces and line breaks, may be 64 KiB more.
   */
  maxHeaderBytes: number;
  /**
   * Limit of the number of a request's headers; more get 431.
   */
  maxHeaderCount: number;
  /**
   * Limit of open connections; further ones are closed at once.
   */
  maxConnections: number;
  /**
   * Requests that one connection may bring; with the answer to the last it is closed. It has callers with long-lived connections spread over replicas anew. 0: no limit.
   */
  maxRequestsPerSocket: number;
  /**
   * How long requests may wait before the server gets to them, smoothed, in milliseconds. Above it a share of them is turned away with 503 and Retry-After, at twice of it all, so that the others are answered in time. 0: none is.
   */
  maxEventLoopDelayMs: number;
  /**
   * Limit of requests a second from one address, counted over whole seconds; more is answered with 429. 0: no limit.
   */
  maxRequestsPerSecond: number;
  trustProxy?: TrustProxyConfig;
}
/**
 * HTTPS. Left out: plain HTTP, which only a loopback address may serve.
 */
export interface TlsConfig {
  /**
   * PEM file: the server's certificate, then its intermediate CAs.
   */
  certificate: string;
  /**
   * PEM file: the server's private key.
   */
  key: string;
  /**
   * Passphrase of an encrypted key, by reference. Left out: the key is not encrypted.
   */
  keyPassphrase?: Secret;
  /**
   * PEM files: the CAs that client certificates must come from. Needed by the modes that use client certificates.
   */
  clientCa: Path[];
  /**
   * PEM files: certificate revocation lists. With one, each CA of `clientCa` needs its own.
   */
  crl: Path[];
  /**
   * The lowest TLS version accepted; 1.3 is preferred in any case.
   */
  minVersion: 'TLSv1.2' | 'TLSv1.3';
}
/**
 * The proxies in front, named by hand: what they tell of their clients is believed, from nobody else. Left out: none, and every request counts for the address that its connection comes from.
 */
export interface TrustProxyConfig {
  /**
   * Addresses and networks that the proxies connect from. Whoever else can connect from there could claim any address.
   *
   * @minItems 1
   */
  addresses: [string, ...string[]];
  /**
   * Client certificates of the proxies, of the CAs of `listener.tls.clientCa`: a connection is a proxy's when it also shows one that matches an entry. Empty: the address alone tells.
   */
  certificates: AllowedCertificateConfig[];
  /**
   * The header in which the proxy tells its client's address, at the end of a list. It must be one that the proxy writes itself, and not only hands on.
   */
  clientAddress: 'X-Forwarded-For' | 'Forwarded';
}
/**
 * One name or fingerprint, compared exactly (DNS names and the host of e-mail addresses without letter case).
 */
export interface AllowedCertificateConfig {
  /**
   * A DNS subject alternative name.
   */
  dns?: string;
  /**
   * An e-mail subject alternative name.
   */
  email?: string;
  /**
   * A URI subject alternative name.
   */
  uri?: string;
  /**
   * The subject's common name, for certificates without alternative names.
   */
  subjectCn?: string;
  /**
   * SHA-256 fingerprint of the certificate, hexadecimal with or without colons.
   */
  fingerprint256?: string;
}
/**
 * Who may ask.
 */
export interface AuthenticationConfig {
  /**
   * basic: user name and password. mtls: a client certificate. both: each must hold. either: one is enough. none: nobody is asked, which only a loopback address may do.
   */
  mode: 'basic' | 'mtls' | 'both' | 'either' | 'none';
  /**
   * The realm named in the challenge; shown to callers.
   */
  realm: string;
  basic?: BasicConfig;
  clientCertificate?: ClientCertificateConfig;
  failedLogins: FailedLoginsConfig;
}
/**
 * The credentials that are accepted; several at once, so that a rotation has no gap. Needed by the modes that use a password; left out in the others.
 */
export interface BasicConfig {
  /**
   * User names, each with a password or a hash. One user name may stand here twice, with the old and the new password.
   */
  credentials: CredentialConfig[];
  /**
   * An htpasswd file with bcrypt hashes (`htpasswd -B`). Left out: none.
   */
  htpasswdFile?: string;
  /**
   * How long an accepted credential is remembered, so that its hash is not computed for each request, in seconds.
   */
  verifiedForSeconds: number;
}
export interface CredentialConfig {
  /**
   * The user name; it can't have a colon (RFC 7617, 2).
   */
  username: string;
  /**
   * The password, by reference. Left out where `passwordHash` stands.
   */
  password?: Secret;
  /**
   * Made by `user-info hash-password`: bcrypt ($2a$, $2b$, $2y$) or scrypt ($scrypt$…). Itself or by reference. Left out where `password` stands.
   */
  passwordHash?: Secret;
}
/**
 * Which client certificates are accepted, after the chain and the dates were verified against `listener.tls.clientCa`. Needed by the modes that use client certificates; left out in the others.
 */
export interface ClientCertificateConfig {
  /**
   * required: a handshake without a valid certificate fails (its caller sees a TLS error, not an HTTP status). optional: the handshake goes on, and a request that needs one gets 403. none: no certificate is asked for. Left out, the mode decides: required for mtls and both, optional for either, none else.
   */
  request?: 'required' | 'optional' | 'none';
  /**
   * A certificate is accepted when it matches one entry. Needed by the modes that use client certificates.
   */
  allow: AllowedCertificateConfig[];
  forwarded?: ForwardedCertificateConfig;
}
/**
 * A proxy that ends TLS forwards its client's certificate in a header. It is believed from `listener.trustProxy` alone, and its path is verified here. The header from anybody else is answered with 400. Left out: certificates come by TLS only.
 */
export interface ForwardedCertificateConfig {
  /**
   * nginx: percent-encoded PEM ($ssl_client_escaped_cert, also of ingress-nginx and AWS load balancers). envoy: Cert or Chain of x-forwarded-client-cert, one element. rfc9440: Client-Cert and Client-Cert-Chain.
   */
  format: 'nginx' | 'envoy' | 'rfc9440';
  /**
   * The header. Left out: ssl-client-cert, x-forwarded-client-cert or client-cert, by the format. The proxy must replace or remove it when its client sends it.
   */
  header?: string;
  /**
   * PEM files: the CAs that forwarded certificates must come from, and intermediate CAs that the proxy does not send.
   *
   * @minItems 1
   */
  clientCa: [Path, ...Path[]];
  /**
   * PEM files: certificate revocation lists. With one, each CA needs its own.
   */
  crl: Path[];
}
/**
 * Wrong credentials before whoever sends them has to wait; then 429 with Retry-After. Right credentials are never counted.
 */
export interface FailedLoginsConfig {
  /**
   * Wrong credentials from one address within the window; 0: no limit. Of IPv6 a /64 is one address.
   */
  max: number;
  /**
   * The window, and the wait that follows, in seconds.
   */
  windowSeconds: number;
  /**
   * Wrong credentials for one user name within the window, from all addresses together that never had right ones for it; then these have to wait, and nobody else. 0: no limit.
   */
  maxByUsername: number;
  /**
   * Addresses and networks that your callers ask from: `maxByUsername` leaves them alone, also after a restart, when nobody is known yet.
   */
  callerNetworks: string[];
}
/**
 * What is done to the userid before it is looked up. By default nothing: it is compared exactly.
 */
export interface UseridConfig {
  /**
   * Limit of the decoded userid, in bytes of UTF-8.
   */
  maxBytes: number;
  /**
   * Take white space off both ends.
   */
  trim: boolean;
  /**
   * Turn it into lower case (Unicode default mapping). For a source that keeps its user names in lower case.
   */
  foldCase: boolean;
}
/**
 * What stands around the body of an answer.
 */
export interface AnswerConfig {
  /**
   * Send a strong ETag and answer If-None-Match with 304. Off by default: the platform treats everything but 200 as a failure.
   */
  etag: boolean;
}
/**
 * Users that stand in the configuration itself: for trials and for a handful of technical accounts.
 */
export interface StaticSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'static';
  /**
   * userid → groups and authorizations.
   */
  users: {
    [k: string]: StaticUserConfig;
  };
}
export interface StaticUserConfig {
  /**
   * A disabled user is answered with 404, as an unknown one.
   */
  disabled: boolean;
  /**
   * Names of the user's groups.
   */
  groups: string[];
  /**
   * Attribute name → its values.
   */
  authorizations: {
    [k: string]: string[];
  };
}
/**
 * A CSV file (RFC 4180), read whole, reloaded when it changes.
 */
export interface CsvSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'csv';
  /**
   * The file.
   */
  path: string;
  /**
   * Between fields: one ASCII character, another than `quote`.
   */
  delimiter: string;
  /**
   * Around a field that has delimiters, quotes or line breaks; doubled inside: one ASCII character.
   */
  quote: string;
  /**
   * utf-8 is strict (a byte order mark is accepted); others by their WHATWG name.
   */
  encoding: string;
  /**
   * The first row names the columns. Without, columns are named by their number, 1 being the first.
   */
  header: boolean;
  /**
   * Take white space off both ends of each field, value and group.
   */
  trim: boolean;
  /**
   * wide: a row is a user. long: a row is one membership or one attribute value.
   */
  layout: 'wide' | 'long';
  columns: CsvColumnsConfig;
  /**
   * Two rows with one userid, in the wide layout: an error, or merged into one user (groups and values joined; disabled when one row says so).
   */
  duplicates: 'error' | 'merge';
  /**
   * userids that differ in letter case only are the same user (Unicode default lower case).
   */
  caseInsensitive: boolean;
  /**
   * How many faults of a file are reported before the report ends; the file is refused at the first.
   */
  maxErrors: number;
  /**
   * A new file with fewer users than this leaves of the last one is refused, in percent of the users; 100 turns the guard off.
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
 * Several sources as one. All are asked at once; the answer is complete only when each that is required has answered.
 */
export interface MergeSourceConfig {
  /**
   * Chooses this kind of source.
   */
  type: 'merge';
  /**
   * Who decides that a user exists: the name of one source; any (one that knows the user is enough); all (each has to). Else the answer is 404.
   */
  identity: string;
  /**
   * What happens to a user who is disabled in one of the sources that are asked. any: the user does not exist (404), whoever else knows the user. identity: only the sources that decide by `identity` count; another one gives nothing, as for an unknown user. The source module cannot tell a disabled user from an unknown one.
   */
  disabled: 'any' | 'identity';
  /**
   * The sources; the order is that of precedence.
   */
  sources: MergedSourceConfig[];
  /**
   * union: the groups of all. precedence: those of the first source that knows the user.
   */
  groups: 'union' | 'precedence';
  /**
   * The same for each authorization. precedence: the values of the first source that has an authorization of this name.
   */
  authorizations: 'union' | 'precedence';
  /**
   * Authorization name → union or precedence, where one differs from `authorizations`.
   */
  authorizationsByName: {
    [k: string]: 'union' | 'precedence';
  };
}
export interface MergedSourceConfig {
  /**
   * Names it in messages, metrics and other options. Not any, all or whole.
   */
  name: string;
  source: SourceConfig1;
  guards?: GuardsConfig;
  /**
   * true: when it fails, the lookup fails. false: the answer goes without it, which `mayShrinkAccess` has to allow in so many words.
   */
  required: boolean;
  /**
   * Says that users may lose what this source gives for as long as it fails. Needed by `required: false`.
   */
  mayShrinkAccess: boolean;
  /**
   * The name of the source that this one stands in for when that one fails; it is not asked otherwise. Left out: it is asked each time.
   */
  fallbackFor?: string;
  /**
   * Of a fallback, when it stands in: unavailable (a slow or a bad answer is not), or also when the other one does not know the user.
   */
  fallbackOn: 'unavailable' | 'unavailable-or-not-found';
  userid?: MergedUseridConfig;
  /**
   * What is taken of its answers.
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
 * What stands around it alone, as the top-level `guards`. Left out: none.
 */
export interface GuardsConfig {
  cache?: CacheConfig;
  /**
   * Equal lookups that are under way at the same time ask the source once.
   */
  coalesce: boolean;
  shrink?: ShrinkConfig;
  answers?: AnswerRulesConfig;
  breaker?: BreakerConfig;
  /**
   * How long this source may take for a lookup, in milliseconds, inside the deadline of all; then it is too slow. For a source that a merge can do without. Left out: as long as the lookup may.
   */
  deadlineMs?: number;
  bulkhead?: BulkheadConfig;
  retry?: RetryConfig;
}
/**
 * Answers are remembered by exact userid; errors never are. A change in the source, a withdrawn group too, is seen that much later. Left out: none.
 */
export interface CacheConfig {
  /**
   * How long an answer is remembered, counted from when its lookup began, in seconds.
   */
  ttlSeconds: number;
  /**
   * How long it is remembered that a user is not known, in seconds; a user who is made meanwhile is refused that long. 0: not at all.
   */
  negativeTtlSeconds: number;
  /**
   * Limit of remembered answers; the least recently used leave first.
   */
  maxEntries: number;
  /**
   * Limit of what they take in memory, in bytes, counted with what stands around each.
   */
  maxBytes: number;
  staleIfError?: StaleIfErrorConfig;
  shared?: SharedCacheConfig;
}
/**
 * While the source is unavailable or too slow, an answer past its time stands in, marked by the header User-Info-Stale-Seconds. Never after a 404 or a bad answer. Left out: the failure is answered.
 */
export interface StaleIfErrorConfig {
  /**
   * How long past `ttlSeconds` an answer may stand in, in seconds. A withdrawn group is kept that much longer when the source is down.
   */
  maxStaleSeconds: number;
}
/**
 * A cache in Redis, behind that of each server, for replicas with the same configuration. What stands there is encrypted and authenticated, and the names are hashes. When Redis is down or slow, each server remembers alone. Left out: none.
 */
export interface SharedCacheConfig {
  /**
   * Where Redis is; rediss is TLS.
   */
  url: string;
  /**
   * User name of Redis' access control list. Left out: the default user.
   */
  username?: string;
  /**
   * Its password, by reference. Left out: none.
   */
  password?: Secret;
  /**
   * PEM file: the CAs that the certificate of Redis must come from. Left out: those that Node trusts.
   */
  ca?: string;
  /**
   * Encrypts and authenticates the entries: at least 32 characters, the same for all replicas, by reference. `openssl rand -base64 48` makes one.
   */
  key: Secret;
  /**
   * What the names of entries begin with.
   */
  prefix: string;
  /**
   * How long Redis may take, in milliseconds; then the source is asked, and Redis is left alone for a second.
   */
  timeoutMs: number;
}
/**
 * An answer that lost much of what the same user had in the last one is not believed at once. Left out: every answer is.
 */
export interface ShrinkConfig {
  /**
   * How much may be missing, in percent of the groups, or of the attribute values, in the last answer.
   */
  maxLossPercent: number;
  /**
   * Users who had fewer groups (or values) than this are not judged by them.
   */
  minSeen: number;
  /**
   * ask-again: a second lookup, which has to say the same. hold-back: 502 until the source has said the same for `holdSeconds`.
   */
  action: 'ask-again' | 'hold-back';
  /**
   * hold-back: for how long the shrunk answer has to come out the same before it is given, in seconds.
   */
  holdSeconds: number;
  /**
   * Limit of users whose last answer is remembered (as hashes, 4 bytes a group); the least recently asked leave first.
   */
  maxUsers: number;
}
/**
 * What an answer must be beside valid; one that is not is 502. Left out: the schema alone.
 */
export interface AnswerRulesConfig {
  /**
   * A user who is found without any group. allow: the response has no groups. error: 502, for sources in which every user has a group. Left out: the response has no groups, but `ldap` and `ldif` do not start, and are not ready, while nobody in a sample of users has a membership that the bind account can read; `allow` turns this check off.
   */
  onNoGroups?: 'allow' | 'error';
  /**
   * Limit of groups in an answer.
   */
  maxGroups: number;
  /**
   * Limit of an answer's JSON, in bytes.
   */
  maxBytes: number;
}
/**
 * A source that failed several times in a row is left alone for a while: lookups get 503 with Retry-After at once. Left out: each lookup tries.
 */
export interface BreakerConfig {
  /**
   * How many lookups in a row have to be unavailable or too slow.
   */
  failures: number;
  /**
   * How long it stays open before one lookup may try, in seconds.
   */
  openSeconds: number;
}
/**
 * How many lookups the source has to bear at once; more get 503 with Retry-After. Left out: no limit but the adapter's own.
 */
export interface BulkheadConfig {
  /**
   * Lookups under way.
   */
  concurrent: number;
  /**
   * Lookups that wait for a place; the deadline goes on counting for them.
   */
  queued: number;
}
/**
 * Asks again when the source was unavailable, never after a slow or a bad answer, and only inside the deadline. Left out: no retry.
 */
export interface RetryConfig {
  /**
   * How often beside the first time.
   */
  attempts: number;
  /**
   * Wait before the first retry, with jitter, in milliseconds; later ones wait longer.
   */
  delayMs: number;
}
/**
 * The userid that this source is asked for. Left out: the one that the platform asked for.
 */
export interface MergedUseridConfig {
  /**
   * An earlier source; the userid is the value of its `authorization`. Left out: the platform's userid.
   */
  from?: string;
  /**
   * The authorization of `from`, as that source names it; two values are an error. Left out where `from` is.
   */
  authorization?: string;
  /**
   * A regular expression (ECMAScript) that the whole text has to match. Left out: the text is taken as it is.
   */
  pattern?: string;
  /**
   * What a match becomes; $1 is the first group of `pattern`.
   */
  template: string;
  /**
   * When there is no value or no match: an error (502), or the source does not know the user.
   */
  whenMissing: 'error' | 'not-found';
}
/**
 * What is done to the names of its groups.
 */
export interface NameRulesConfig {
  /**
   * Regular expressions (ECMAScript); a name that one matches as a whole is left out.
   */
  drop: string[];
  /**
   * Name → new name.
   */
  rename: {
    [k: string]: string;
  };
  /**
   * Put before each name, after `rename`.
   */
  prefix: string;
}
/**
 * What is done to the names of its authorizations.
 */
export interface NameRulesConfig1 {
  /**
   * Regular expressions (ECMAScript); a name that one matches as a whole is left out.
   */
  drop: string[];
  /**
   * Name → new name.
   */
  rename: {
    [k: string]: string;
  };
  /**
   * Put before each name, after `rename`.
   */
  prefix: string;
}
/**
 * What stands around a source; each guard stands only where it is configured. docs/guides/guards.md says what each promises and costs. Left out: none.
 */
export interface GuardsConfig1 {
  cache?: CacheConfig;
  /**
   * Equal lookups that are under way at the same time ask the source once.
   */
  coalesce: boolean;
  shrink?: ShrinkConfig;
  answers?: AnswerRulesConfig;
  breaker?: BreakerConfig;
  /**
   * How long this source may take for a lookup, in milliseconds, inside the deadline of all; then it is too slow. For a source that a merge can do without. Left out: as long as the lookup may.
   */
  deadlineMs?: number;
  bulkhead?: BulkheadConfig;
  retry?: RetryConfig;
}
/**
 * What is logged, and where.
 */
export interface LoggingConfig {
  /**
   * The least severe message that is logged.
   */
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /**
   * One JSON line for each request.
   */
  accessLog: boolean;
  /**
   * `stdout`, `stderr`, or a file that is appended to. It is opened anew on SIGHUP and `user-info reload`, for logrotate.
   */
  destination: string;
  /**
   * How user ids stand in the log: shown as they are, hashed (the first 32 digits of SHA-256 over `useridHashKey` and the userid, so that equal ones can be found), or hidden.
   */
  userid: 'shown' | 'hashed' | 'hidden';
  /**
   * Key of the hash, by reference. Left out, a random one is made at each start, and hashes can't be compared across starts.
   */
  useridHashKey?: Secret;
  /**
   * A request header whose well-formed value becomes the request id; only for callers that are trusted. Left out, an id is made for each request.
   */
  requestIdHeader?: string;
}
/**
 * The audit trail: one JSON line for each request in a file of its own, of the shape of `audit-entry.schema.json`: who asked about whom, what was decided, from which generation of configuration and data. Left out: none.
 */
export interface AuditConfig {
  /**
   * The file, which is appended to; made with mode 0640. Opened anew on SIGHUP and `user-info reload`, for logrotate. Can't change while the server runs.
   */
  file: string;
  /**
   * How user ids stand in it: hashed (the first 32 digits of SHA-256 over `useridHashKey` and the userid), or shown as they are.
   */
  userid: 'hashed' | 'shown';
  /**
   * Key of the hash, by reference. Left out: that of `logging`, and where that has none, a random one of each start, so that hashes can't be compared across starts.
   */
  useridHashKey?: Secret;
  /**
   * serve: a response does not wait for its line. While the file cannot be written, requests are served, up to 64 MiB of lines are kept for when it can be, and readiness is degraded. refuse: a response leaves only after the operating system has accepted its line; otherwise the request gets 503.
   */
  whenUnwritable: 'serve' | 'refuse';
  /**
   * Have each write reach the disk (fdatasync) before the lines count as written: no line is lost when the machine fails. With `whenUnwritable: refuse` responses wait for it. Needs a regular file. Can't change while the server runs.
   */
  fsync: boolean;
}
/**
 * A second listener for probes and metrics: /healthz, /readyz, /metrics, /version, over plain HTTP; and POST /reload, from this machine only. Left out: none.
 */
export interface AdministrationConfig {
  /**
   * Address to listen on. It shows no user's data, but its numbers are not for everybody.
   */
  host: string;
  /**
   * TCP port; 0 takes a free one.
   */
  port: number;
}
/**
 * How the running server takes up changes: of this file, of certificates, keys, CAs and CRLs, of htpasswd and secret files, and of every other file that it names. SIGHUP and `user-info reload` do it at any time. What is broken is refused as a whole, and what is in use goes on.
 */
export interface ReloadConfig {
  /**
   * Take up changes of these files by themselves. The files of `csv`, `ldif` and `sqlite` sources are followed in any case.
   */
  watch: boolean;
  /**
   * How often the files' content is compared although no change was seen (mounts that tell of none), in seconds; also how often a change is tried again that was refused since a source was down.
   */
  pollSeconds: number;
  /**
   * How long a reload may take to open the new configuration and its source, in seconds. Then it is rejected, and what is in use goes on.
   */
  timeoutSeconds: number;
}
/**
 * How the server shuts down after SIGTERM or SIGINT.
 */
export interface ShutdownConfig {
  /**
   * After SIGTERM: how long the server still accepts connections while readiness fails, in milliseconds. Each response closes its connection. Set it to the time that a load balancer needs to notice.
   */
  drainMs: number;
  /**
   * After that: how long requests in flight may take before their connections are cut, in milliseconds. Connections without a request are closed after a second, or after half of this time where that is shorter.
   */
  deadlineMs: number;
}
