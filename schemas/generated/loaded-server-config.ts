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
 * Vendor of the LDAP directory. Its usual settings apply to the options omitted below. For any other LDAP directory, select `openldap` and set the options that differ.
 */
export type DirectoryPreset = 'openldap' | '389ds' | 'freeipa' | 'active-directory';
/**
 * Database to connect to.
 */
export type SqlConnectionConfig = PostgresqlConfig | MysqlConfig | SqliteConfig;
/**
 * How the server authenticates to the upstream. For a client certificate, see `tls`.
 */
export type HttpAuthConfig = HttpNoAuthConfig | HttpBasicAuthConfig | HttpBearerAuthConfig | HttpOauth2Config;
/**
 * How the server reads the further pages of a list. Next pages must have the same origin as `baseUrl`. The lookup fails unless all pages are read.
 */
export type HttpPaginationConfig =
  HttpOnePageConfig | HttpOdataPagesConfig | HttpLinkPagesConfig | HttpScimPagesConfig | HttpCursorPagesConfig;
/**
 * How the server reads the further pages of a list. Next pages must have the same origin as `baseUrl`. The lookup fails unless all pages are read.
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
   * Interval at which the server compares the file's content even if no change was reported, in seconds. Some mounts do not report changes.
   */
  pollSeconds: number;
}
/**
 * Maps the columns of the file to their meaning. Each column name must exist in the file.
 */
export interface CsvColumnsConfig {
  /**
   * Column that contains the userid.
   */
  userid: string;
  /**
   * Column that states whether the user is disabled. true, yes, 1, y and disabled (in any letter case) mean disabled. false, no, 0, n, enabled and an empty field mean enabled. Any other value is an error. If omitted, no user is disabled.
   */
  disabled?: string;
  /**
   * Wide layout: columns that contain groups. A column with a separator can contain several groups in one field.
   */
  groups: CsvGroupColumnConfig[];
  /**
   * Wide layout: columns that contain attributes.
   */
  authorizations: CsvAuthorizationColumnConfig[];
  /**
   * Long layout: column that contains the group name. The field is empty in rows that do not describe a group. If omitted, the file contains no groups.
   */
  group?: string;
  /**
   * Long layout: column that contains the attribute name. The field is empty in rows that do not describe an attribute. If omitted, the file contains no attributes.
   */
  attribute?: string;
  /**
   * Long layout: column that contains the attribute value. Set it together with `attribute`. Default: none.
   */
  value?: string;
  /**
   * Long layout: renames attributes, as attribute name in the file → authorization name.
   */
  rename: {
    [k: string]: string;
  };
}
export interface CsvGroupColumnConfig {
  /**
   * Column name.
   */
  column: string;
  /**
   * Separator between groups in one field. If omitted, the whole field is one group.
   */
  separator?: string;
}
export interface CsvAuthorizationColumnConfig {
  /**
   * Column name.
   */
  column: string;
  /**
   * Name of the authorization. If omitted, the column name.
   */
  name?: string;
  /**
   * Separator between values in one field. If omitted, the whole field is one value.
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
 * An LDAP directory, searched on each lookup.
 */
export interface LdapSourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'ldap';
  preset: DirectoryPreset;
  /**
   * LDAP servers that hold the same LDAP directory, in order of preference: `ldaps://HOST[:636]` or `ldap://HOST[:389]`. The server connects to the next one only if an LDAP server cannot be reached, never because of a response it sent.
   */
  urls: string[];
  /**
   * Allow `ldap://` without StartTLS to another host. Anyone on the network path can then read and modify the password of `bind` and every response. Use it only on networks that provide encryption themselves.
   */
  allowPlaintext: boolean;
  tls: LdapTlsConfig;
  bind: LdapBindConfig;
  /**
   * Maximum number of open connections. Each connection carries many concurrent searches.
   */
  connections: number;
  /**
   * Maximum time to connect to one LDAP server, including the TLS handshake and bind, in milliseconds. When it expires, the server tries the next LDAP server.
   */
  connectTimeoutMs: number;
  /**
   * Maximum duration of one search, in milliseconds. The LDAP server receives it as a time limit in seconds, rounded up. A lookup can require several searches; `deadlineMs` limits the lookup as a whole.
   */
  operationTimeoutMs: number;
  /**
   * Idle time after which the server closes a connection without a search, in seconds. Set it below the idle timeouts of the LDAP servers and of firewalls on the path (900 in Active Directory).
   */
  idleSeconds: number;
  /**
   * Number of entries per page (RFC 2696) in group searches. It must not exceed the LDAP server's own limit (1000 in Active Directory). 0: no paging.
   */
  pageSize: number;
  /**
   * How referrals to other servers in search results are handled. The server never follows them. ignore: entries behind a referral are not part of this LDAP directory. error: the server responds with 502.
   */
  referrals: 'ignore' | 'error';
  batching: LdapBatchingConfig;
  user: DirectoryUserConfig;
  groups: DirectoryGroupsConfig;
  /**
   * Maps the user's attributes to authorizations.
   */
  authorizations: DirectoryAuthorizationConfig[];
}
/**
 * How connections are encrypted. The server always verifies the chain, validity dates and name of the LDAP server's certificate.
 */
export interface LdapTlsConfig {
  /**
   * Upgrade `ldap://` connections to TLS (StartTLS) before anything else is sent.
   */
  startTls: boolean;
  /**
   * PEM files of the CAs trusted to issue the LDAP servers' certificates. If empty, the server trusts the CAs that Node.js trusts by default.
   */
  ca: Path[];
  /**
   * PEM file with the client certificate. Default: none.
   */
  certificate?: string;
  /**
   * PEM file with the private key of `certificate`. Set both or neither. Default: none.
   */
  key?: string;
  /**
   * Passphrase of the private key, by reference. If omitted, the key must not be encrypted.
   */
  keyPassphrase?: Secret;
  /**
   * Name that the LDAP server's certificate must contain. If omitted, the host of the URL.
   */
  serverName?: string;
  /**
   * Minimum TLS version.
   */
  minVersion: 'TLSv1.2' | 'TLSv1.3';
}
/**
 * Account that the server uses to search the LDAP directory. The account needs read access to users and groups, and nothing else.
 */
export interface LdapBindConfig {
  /**
   * Bind method. simple: `dn` and `password`. external: the client certificate of `tls` (SASL EXTERNAL). anonymous: no credentials; LDAP directories often return less data to anonymous clients, without any indication.
   */
  method: 'simple' | 'external' | 'anonymous';
  /**
   * DN of the account; in Active Directory also `name@domain`. Required with the method simple, not allowed with others. Default: none.
   */
  dn?: string;
  /**
   * Password of the account, by reference. Required with the method simple, not allowed with others. Default: none.
   */
  password?: Secret;
}
/**
 * Combines lookups that arrive together into one search with one filter. The server assigns each entry to its user by the exact userid. If an assignment is ambiguous, the server searches for each user separately.
 */
export interface LdapBatchingConfig {
  /**
   * Maximum number of users in one search. 1 disables batching.
   */
  maxUsers: number;
  /**
   * Maximum time a lookup waits for others while a search is in progress, in milliseconds. The first lookup never waits.
   */
  windowMs: number;
}
/**
 * How the server finds a user's entry. Exactly one entry must match; several matching entries are an error.
 */
export interface DirectoryUserConfig {
  /**
   * Base DN of user searches.
   */
  base: string;
  /**
   * Scope of the search. sub: entries at any depth below the base. one: entries directly below the base.
   */
  scope: 'sub' | 'one';
  /**
   * Attributes of the entry that contain the userid. At least one of them must equal the userid. If omitted, `mail`; in Active Directory, `userPrincipalName`.
   */
  attributes?: string[];
  /**
   * Search filter (RFC 4515) in which `{userid}` is replaced with the userid. The server escapes the userid, so it cannot change the filter's syntax. The filter can span several lines. If omitted, it matches the preset's object class and a userid in any of `attributes`.
   */
  filter?: string;
  /**
   * Filter (RFC 4515) that the server evaluates on the entry that was found. It applies in addition to the preset's filter for locked accounts (`pwdAccountLockedTime`, `nsAccountLock` or `userAccountControl`). A user whose entry does not match both filters is disabled, and the server responds with 404. If omitted, only the preset's filter applies.
   */
  enabledFilter?: string;
  /**
   * If true, `enabledFilter` replaces the preset's filter, so that the server also serves accounts locked in the LDAP directory. An empty `enabledFilter` then disables no user. The server logs a warning when it starts.
   */
  replacePresetEnabledFilter: boolean;
  /**
   * Treat userids that differ only in letter case as the same user (Unicode default lower case). If false, the entry's attribute must equal the userid exactly, although LDAP directories ignore letter case.
   */
  caseInsensitive: boolean;
}
/**
 * How the server finds a user's groups, and how it names them.
 */
export interface DirectoryGroupsConfig {
  /**
   * How groups are found. memberOf: groups listed in the user's entry. search: groups that list the user as a member. recursive: these groups and the groups that contain them, one level at a time. inChain: the same, resolved by Active Directory. tokenGroups: Active Directory's own list of security groups. none: no groups. If omitted, memberOf for 389ds and freeipa, tokenGroups for active-directory, and search for openldap.
   */
  strategy?: 'memberOf' | 'search' | 'recursive' | 'inChain' | 'tokenGroups' | 'none';
  /**
   * Base DN of group searches. With memberOf, the server drops groups outside this base. If omitted with memberOf, the server keeps all groups; the preset freeipa requires it. The strategies search, recursive, inChain and tokenGroups require it too. In Active Directory, set it to the domain and restrict the groups with `bases`.
   */
  base?: string;
  /**
   * Scope of the search. sub: entries at any depth below the base. one: entries directly below the base.
   */
  scope: 'sub' | 'one';
  /**
   * Filter (RFC 4515) that a group's entry must match. If omitted, the entry must match the preset's object class; with memberOf, no filter applies.
   */
  filter?: string;
  /**
   * Attribute of a group that lists its members. If omitted, `member`.
   */
  memberAttribute?: string;
  /**
   * How `memberAttribute` identifies members: `dn`, or an attribute of the user's entry (only with `search`). If omitted, `dn`.
   */
  memberValue?: string;
  /**
   * Source of the group name in the response: an attribute of the group's entry, `dn` or `sid`. If omitted, `cn`.
   */
  name?: string;
  /**
   * Add the primary group of Active Directory, which is not listed in any membership attribute. If omitted, true for active-directory, otherwise false.
   */
  primaryGroup?: boolean;
  /**
   * Base DNs of the groups to keep. The server drops groups that are not below one of them. If empty, it keeps all groups.
   */
  bases: string[];
  /**
   * Regular expression (JavaScript). The server drops groups whose name does not match. If omitted, it drops none.
   */
  include?: string;
  /**
   * Regular expression (JavaScript). The server drops groups whose name matches. If omitted, it drops none.
   */
  exclude?: string;
  /**
   * Replacements applied in order to the names of the remaining groups.
   */
  rename: DirectoryRenameConfig[];
  /**
   * Letter case of the names, applied after the replacements. Names that become equal are merged into one group.
   */
  case: 'keep' | 'lower' | 'upper';
  /**
   * Maximum nesting depth of groups with `recursive`. Deeper nesting is an error, never a partial result.
   */
  maxDepth: number;
  /**
   * Maximum number of groups per user. More groups are an error.
   */
  maxGroups: number;
}
export interface DirectoryRenameConfig {
  /**
   * Regular expression (JavaScript). The server replaces its first match.
   */
  pattern: string;
  /**
   * Replacement text. `$1` inserts the first capture group of the pattern.
   */
  replacement: string;
}
/**
 * One authorization. The values of several authorizations with the same name are merged.
 */
export interface DirectoryAuthorizationConfig {
  /**
   * Name of the authorization.
   */
  name: string;
  /**
   * Attribute of the user's entry, or `dn`. If omitted, `constant` is required.
   */
  attribute?: string;
  /**
   * Fixed value for every user. If omitted, `attribute` is required.
   */
  constant?: string;
  /**
   * Separator that splits each value into several values. If omitted, values are not split.
   */
  separator?: string;
  /**
   * Regular expression (JavaScript). The value is its first capture group, or the whole match if it has none. The server drops values that do not match. If omitted, values are used unchanged.
   */
  pattern?: string;
  /**
   * How the bytes of a value are converted to text: text (UTF-8; anything else is an error), base64, hex, guid (objectGUID) or sid (objectSid).
   */
  encoding: 'text' | 'base64' | 'hex' | 'guid' | 'sid';
  /**
   * If true, a user without a value is an error. If false, such a user does not have this authorization.
   */
  required: boolean;
}
/**
 * An LDIF file (RFC 2849) or the output of `ldapsearch`, used in place of an LDAP directory. It lets you test the options of `ldap` before connecting to an LDAP directory. The server reads the whole file and reloads it when it changes.
 */
export interface LdifSourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'ldif';
  preset: DirectoryPreset;
  /**
   * Path of the LDIF file.
   */
  path: string;
  user: DirectoryUserConfig;
  groups: DirectoryGroupsConfig;
  /**
   * Maps the user's attributes to authorizations.
   */
  authorizations: DirectoryAuthorizationConfig[];
  /**
   * Maximum decrease in the number of users or entries when the file is reloaded, in percent. If either decreases by more, the server rejects the new file. 100 disables the guard.
   */
  maxShrinkPercent: number;
  /**
   * Interval at which the server compares the file's content even if no change was reported, in seconds. Some mounts do not report changes.
   */
  pollSeconds: number;
}
/**
 * A database queried on each lookup: PostgreSQL, MySQL, MariaDB or an SQLite file. All queries of a lookup read the same snapshot of the data.
 */
export interface SqlSourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'sql';
  connection: SqlConnectionConfig;
  /**
   * Query that finds the user. It must return one row, or no row if the user does not exist; more than one row is an error. It must return the userid as stored. `:userid` is a bind parameter for the requested userid and is never inserted into the query text.
   */
  userQuery: string;
  /**
   * Query that returns the user's groups, as one column with one row per group. If omitted, users have no groups.
   */
  groupsQuery?: string;
  /**
   * Query that returns the user's attributes in the layout set by `attributeLayout`. If omitted, users have no attributes.
   */
  attributesQuery?: string;
  /**
   * Layout of the `attributesQuery` result. rows: two columns, name and value, with one row per value. columns: each column is an attribute named after the column, and each row adds one value. NULL adds no value.
   */
  attributeLayout: 'rows' | 'columns';
  /**
   * Column of `userQuery` that contains the userid as stored. It must equal the requested userid. If another query returns a column with this name, the server compares it too.
   */
  useridColumn: string;
  /**
   * Column of `userQuery` that states whether the user is disabled. true, yes, 1, y, t and disabled (in any letter case) mean disabled. false, no, 0, n, f and enabled mean enabled. Any other value, including NULL, is an error. If omitted, no user is disabled.
   */
  disabledColumn?: string;
  /**
   * Treat userids that differ only in letter case as the same user (Unicode default lower case). The query must match them too: WHERE lower(login) = lower(:userid).
   */
  caseInsensitive: boolean;
  /**
   * Maximum number of rows per query. More rows are an error, because a response with only some of the user's groups would be wrong.
   */
  maxRows: number;
  /**
   * Maximum execution time of a query in the database, in milliseconds. When it expires, the query is canceled in the database and the server responds with 504.
   */
  statementTimeoutMs: number;
  /**
   * Maximum time a query waits for a lock, in milliseconds. For SQLite: maximum time to wait for a writer to finish. MySQL and MariaDB use whole seconds; the value is rounded up.
   */
  lockTimeoutMs: number;
}
/**
 * PostgreSQL server, version 12 or later.
 */
export interface PostgresqlConfig {
  /**
   * Selects this type of database.
   */
  system: 'postgresql';
  /**
   * Host name or IP address of the database server. A path that starts with / is the directory of its Unix socket. Without `tls`, only a loopback address or a path is allowed.
   */
  host: string;
  /**
   * TCP port. If `host` is a path, it is part of the socket's file name (.s.PGSQL.PORT).
   */
  port: number;
  /**
   * Name of the database.
   */
  database: string;
  /**
   * Database user. Grant it read access to the tables of the queries, and nothing else.
   */
  user: string;
  /**
   * Password of the database user, by reference. If omitted, the database server must accept the user without a password (client certificate or a trusted socket).
   */
  password?: Secret;
  tls?: SqlTlsConfig;
  /**
   * Maximum number of open connections. Each connection runs one lookup at a time.
   */
  poolSize: number;
  /**
   * Maximum time a lookup waits for a connection, including a new one, in milliseconds. When it expires, the server responds with 504.
   */
  acquireTimeoutMs: number;
}
/**
 * TLS for the database connection. The server always verifies the database server's certificate and name. If omitted, the connection does not use TLS, which is allowed only for a loopback address or a socket.
 */
export interface SqlTlsConfig {
  /**
   * PEM files of the CAs trusted to issue the database server's certificate. If empty, the public CAs built into Node.js are trusted.
   */
  ca: Path[];
  /**
   * Name that the database server's certificate must contain. If omitted, `host`.
   */
  serverName?: string;
  /**
   * PEM file with the client certificate, followed by its intermediate CAs. If omitted, no client certificate is sent.
   */
  certificate?: string;
  /**
   * PEM file with the private key of `certificate`. Set both or neither. Default: none.
   */
  key?: string;
  /**
   * Passphrase of the private key, by reference. If omitted, the key must not be encrypted.
   */
  keyPassphrase?: Secret;
}
/**
 * MySQL server, version 8 or later, or MariaDB server, version 10.5 or later.
 */
export interface MysqlConfig {
  /**
   * Selects this type of database.
   */
  system: 'mysql';
  /**
   * Host name or IP address of the database server. A path that starts with / is the path of its Unix socket. Without `tls`, only a loopback address or a path is allowed.
   */
  host: string;
  /**
   * TCP port. Ignored if `host` is a path.
   */
  port: number;
  /**
   * Name of the database.
   */
  database: string;
  /**
   * Database user. Grant it read access to the tables of the queries, and nothing else.
   */
  user: string;
  /**
   * Password of the database user, by reference. If omitted, the database server must accept the user without a password (client certificate or a trusted socket).
   */
  password?: Secret;
  tls?: SqlTlsConfig;
  /**
   * Maximum number of open connections. Each connection runs one lookup at a time.
   */
  poolSize: number;
  /**
   * Maximum time a lookup waits for a connection, including a new one, in milliseconds. When it expires, the server responds with 504.
   */
  acquireTimeoutMs: number;
}
/**
 * SQLite file. The server reads a private copy and renews it when the file changes.
 */
export interface SqliteConfig {
  /**
   * Selects this type of database.
   */
  system: 'sqlite';
  /**
   * Path of the SQLite file. Its journal mode must not be WAL.
   */
  path: string;
}
/**
 * A JSON API over HTTPS, requested on each lookup: SCIM 2.0, Microsoft Graph, Okta, Keycloak, another endpoint that implements this contract, or a custom API.
 */
export interface HttpProxySourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'http-proxy';
  /**
   * Provides `user`, `groups` and `mapping` for a well-known API. Each of them can be overridden. passthrough: the upstream responds in the format of this endpoint. custom: nothing is provided.
   */
  preset: 'custom' | 'scim2' | 'microsoft-graph' | 'okta' | 'keycloak' | 'passthrough';
  /**
   * Base URL of all request paths. Plain http is allowed only for a loopback address, because each request carries credentials.
   */
  baseUrl: string;
  auth: HttpAuthConfig;
  tls: HttpTlsConfig;
  /**
   * Headers sent with each request, as name → value. Do not put secrets here; use `secretHeaders`.
   */
  headers: {
    [k: string]: string;
  };
  /**
   * Headers with secret values sent with each request, as name → reference.
   */
  secretHeaders: {
    /**
     * Value of the header, by reference.
     */
    [k: string]: Secret;
  };
  user?: HttpUserRequestConfig;
  groups?: HttpGroupsRequestConfig;
  mapping?: HttpMappingConfig;
  /**
   * Treat userids that differ only in letter case as the same user. Set it for an upstream that ignores letter case, as most do. By default, a user whose stored userid is spelled differently counts as not found.
   */
  caseInsensitive: boolean;
  /**
   * Maximum time to establish a connection, including the TLS handshake, in milliseconds.
   */
  connectTimeoutMs: number;
  /**
   * Maximum time until a response begins, in milliseconds. `deadlineMs` of the server additionally limits the whole lookup.
   */
  headersTimeoutMs: number;
  /**
   * Maximum pause within a response body, in milliseconds.
   */
  bodyTimeoutMs: number;
  /**
   * Maximum Retry-After that the server honors when the upstream throttles it (429 or 503), in milliseconds. If the upstream requires a longer wait, the lookup fails immediately. Set it below `deadlineMs`. 0: never wait.
   */
  maxRetryAfterMs: number;
  /**
   * Maximum number of pages read for one lookup. More pages are an error.
   */
  maxPages: number;
  /**
   * Maximum total size of all responses for one lookup, after decompression, in bytes. A larger total is an error.
   */
  maxBytes: number;
  /**
   * Maximum number of connections to the upstream. Further lookups wait for a free connection.
   */
  maxConnections: number;
}
/**
 * The server sends no Authorization header.
 */
export interface HttpNoAuthConfig {
  /**
   * Selects this type.
   */
  type: 'none';
}
/**
 * User name and password (HTTP Basic, RFC 7617), encoded in UTF-8.
 */
export interface HttpBasicAuthConfig {
  /**
   * Selects this type.
   */
  type: 'basic';
  /**
   * User name. It must not contain a colon.
   */
  username: string;
  /**
   * Password, by reference.
   */
  password: Secret;
}
/**
 * A static token, for example an API token.
 */
export interface HttpBearerAuthConfig {
  /**
   * Selects this type.
   */
  type: 'bearer';
  /**
   * Authentication scheme sent before the token.
   */
  scheme: string;
  /**
   * Token, by reference.
   */
  token: Secret;
}
/**
 * An access token obtained with the OAuth 2 client credentials grant (RFC 6749, section 4.4). The server keeps the token until shortly before it expires. All lookups share one renewal.
 */
export interface HttpOauth2Config {
  /**
   * Selects this type.
   */
  type: 'oauth2';
  /**
   * URL of the token endpoint. Plain http is allowed only for a loopback address.
   */
  tokenUrl: string;
  /**
   * Client ID.
   */
  clientId: string;
  /**
   * Client secret, by reference.
   */
  clientSecret: Secret;
  /**
   * Where the client secret is sent: in the Authorization header (client_secret_basic) or in the form body (client_secret_post).
   */
  clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  /**
   * Requested scopes, separated by spaces. If omitted, the authorization server's default applies.
   */
  scope?: string;
  /**
   * Additional parameters of the token request, as name → value. Do not put secrets here.
   */
  parameters: {
    [k: string]: string;
  };
  /**
   * Time before expiry at which the server renews a token, in seconds. It is limited to half of the token's lifetime.
   */
  expiryMarginSeconds: number;
  /**
   * Maximum duration of a token request, in milliseconds. A lookup that waits for the token ends at its own deadline.
   */
  timeoutMs: number;
}
/**
 * CAs that the server trusts, and the client certificate it presents. Applies to `baseUrl` and `tokenUrl`.
 */
export interface HttpTlsConfig {
  /**
   * PEM files of the CAs trusted to issue the upstream's certificate; no other CA is trusted. If empty, the public CAs built into Node.js are trusted.
   */
  ca: Path[];
  /**
   * PEM file with the client certificate, followed by its intermediate CAs. Default: none.
   */
  certificate?: string;
  /**
   * PEM file with the private key of `certificate`. Set both or neither. Default: none.
   */
  key?: string;
  /**
   * Passphrase of the private key, by reference. If omitted, the key must not be encrypted.
   */
  keyPassphrase?: Secret;
}
/**
 * Request that looks up the user. If omitted, the preset provides it. The preset custom requires it.
 */
export interface HttpUserRequestConfig {
  /**
   * GET, or POST for a search with its criteria in `body`.
   */
  method: 'GET' | 'POST';
  /**
   * Path and query relative to `baseUrl`. {userid} is allowed in the path, as the whole value of a query parameter, or in a value inside "…" (SCIM) or '…' (OData). The server escapes it for its position.
   */
  path: string;
  /**
   * JSON body of a POST request. A string in it can be {userid}, or contain {userid} inside quotes. If omitted, no body is sent.
   */
  body?: {
    [k: string]: unknown;
  };
  /**
   * Path of the list of matching users in the response: a JSON Pointer ("": the response itself) or a JMESPath expression. An empty list means that the user does not exist. More than one user is an error. If omitted, the response is the user.
   */
  list?: string;
  notFound?: HttpNotFoundConfig;
  pagination: HttpPaginationConfig;
}
/**
 * Responses that mean that the user does not exist. If omitted: with `list`, only an empty list; without `list`, status 404.
 */
export interface HttpNotFoundConfig {
  /**
   * Status codes of these responses. If the response has a body, it must be JSON, so that a gateway's error page does not count.
   */
  statuses: number[];
  /**
   * Path of a value that the response must contain: a JSON Pointer or a JMESPath expression. If omitted, the status is sufficient.
   */
  path?: string;
  /**
   * Value required at `path`. Set both or neither. Default: none.
   */
  equals?: string;
}
/**
 * One response contains the whole list. A response that indicates a next page is an error.
 */
export interface HttpOnePageConfig {
  /**
   * Selects this type.
   */
  type: 'none';
}
/**
 * `@odata.nextLink` in the response links to the next page.
 */
export interface HttpOdataPagesConfig {
  /**
   * Selects this type.
   */
  type: 'odata';
}
/**
 * The Link header with rel="next" (RFC 8288) links to the next page.
 */
export interface HttpLinkPagesConfig {
  /**
   * Selects this type.
   */
  type: 'link-header';
}
/**
 * The server sends startIndex and count (RFC 7644, section 3.4.2.4). The number of entries read must equal totalResults.
 */
export interface HttpScimPagesConfig {
  /**
   * Selects this type.
   */
  type: 'scim';
  /**
   * Number of entries requested per page. The upstream may return fewer.
   */
  pageSize: number;
}
/**
 * The server sends a value from the response back as a query parameter. On the last page, the value is missing, null, false or an empty string.
 */
export interface HttpCursorPagesConfig {
  /**
   * Selects this type.
   */
  type: 'cursor';
  /**
   * Path of the cursor in the response: a JSON Pointer or a JMESPath expression.
   */
  path: string;
  /**
   * Query parameter in which the cursor is sent.
   */
  parameter: string;
}
/**
 * Second request, for the groups of the user that was found. If omitted, the preset provides it. If the preset has none, the groups must be in the user's entry.
 */
export interface HttpGroupsRequestConfig {
  /**
   * Same as `user.path`. JSON Pointers such as {/id} are replaced with values from the user's entry.
   */
  path: string;
  /**
   * Path of the list in the response: a JSON Pointer ("": the response itself) or a JMESPath expression.
   */
  list: string;
  pagination: HttpPaginationConfig1;
}
/**
 * Maps responses to user info. A path that starts with a slash is a JSON Pointer; any other path is a JMESPath expression. A path that finds nothing, or a value of the wrong type, is an error, never an empty list. If omitted, the preset provides the mapping. Options set here override those of the preset.
 */
export interface HttpMappingConfig {
  /**
   * Path of the userid in the user's entry. The server compares it with the requested userid to detect an upstream that ignores the filter. If omitted, the preset provides it. With the preset custom, it is required if {userid} is in the path before the query, or if `list` is set.
   */
  identity?: string;
  enabled?: HttpEnabledConfig;
  /**
   * Rules that find group names. The user's groups are the names found by all rules. If empty, the preset's rules apply.
   */
  groups: HttpGroupsMappingConfig[];
  /**
   * Authorizations, as name → where to find the values.
   */
  authorizations: {
    [k: string]: HttpValueMappingConfig;
  };
  allAttributes?: HttpAllAttributesConfig;
}
/**
 * Determines which users are enabled. The server responds with 404 for a disabled user. A value in neither list is an error. If omitted, the preset provides it. If the preset has none, every user that is found is enabled.
 */
export interface HttpEnabledConfig {
  /**
   * Path of the status value in the user's entry.
   */
  path: string;
  /**
   * Values that mean enabled. Booleans and numbers are compared as written in JSON.
   */
  values: string[];
  /**
   * Values that mean disabled.
   */
  disabledValues: string[];
  /**
   * If true, a user without the value is enabled.
   */
  optional: boolean;
}
export interface HttpGroupsMappingConfig {
  /**
   * Where the group names come from. groups: each item of the `groups` response. user: a list in the user's entry.
   */
  from: 'groups' | 'user';
  /**
   * Path of the list in the user's entry. Set it only if `from` is user. Default: none.
   */
  list?: string;
  /**
   * Path of the group name in an item ("": the item itself is the name).
   */
  name: string;
  where?: HttpWhereConfig;
  /**
   * If true, a user whose entry lacks the list has no groups. A name is always required.
   */
  optional: boolean;
}
/**
 * Only items whose value at `path` equals `equals` are used. An item without a value at `path` is an error. If omitted, all items are used.
 */
export interface HttpWhereConfig {
  /**
   * Path of the value in an item.
   */
  path: string;
  /**
   * Value that an item must have.
   */
  equals: string;
}
export interface HttpValueMappingConfig {
  /**
   * Where the values come from. user: the user's entry. groups: each item of the `groups` response.
   */
  from: 'user' | 'groups';
  /**
   * Path of the value or of a list of values.
   */
  path: string;
  /**
   * Separator between values in one string. If omitted, the whole string is one value.
   */
  separator?: string;
  /**
   * If true, the server accepts booleans and integers and converts them to strings.
   */
  scalars: boolean;
  /**
   * If true, a missing value, null or an empty string means no value. If false, it is an error.
   */
  optional: boolean;
}
/**
 * Map in the user's entry. Each key becomes an authorization; its values are strings or lists of strings. If omitted, the preset provides it. If the preset has none, only `authorizations` apply.
 */
export interface HttpAllAttributesConfig {
  /**
   * Path of the map in the user's entry.
   */
  path: string;
  /**
   * If true, a user whose entry lacks the map has no attributes.
   */
  optional: boolean;
}
/**
 * A custom data source: a JavaScript file whose default export creates it. See server/adapters/module/README.md.
 */
export interface ModuleSourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'module';
  /**
   * Path of the file, an ECMAScript module with the default export `createUserSource(options, context)`.
   */
  path: string;
  /**
   * Options passed to the module. Only the module defines which options are allowed.
   */
  options: {
    [k: string]: unknown;
  };
  /**
   * Secrets passed to the module, as name → reference.
   */
  secrets: {
    /**
     * A secret, by reference.
     */
    [k: string]: Secret;
  };
  /**
   * Maximum time to load the module and run its `createUserSource`, in milliseconds. When it expires, the start or the reload fails.
   */
  loadTimeoutMs: number;
  /**
   * Maximum duration of the module's `check()`, in milliseconds. When it expires, the start, the reload or the readiness probe fails.
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
