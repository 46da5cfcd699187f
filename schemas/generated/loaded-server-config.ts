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
 * Vendor of the LDAP directory. The usual settings of this vendor apply to all omitted options. For any other LDAP directory, select `openldap` and set the options that differ.
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
  source: SourceConfig;
  guards?: GuardsConfig1;
  /**
   * Maximum duration of a lookup, in milliseconds. When it expires, the server responds with 504. If the server cannot start to verify a password hash within the same time, it responds with 503.
   */
  deadlineMs: number;
  /**
   * Number of processes that serve the port. 0: one per processor. Each process has its own source connections and caches and, for `csv` and `ldif`, its own copy of the users in memory. All processes share the counts of failed logins and the credential cache. All other limits apply to each process. A change requires a restart.
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
   * Maximum time for a request's headers to arrive, in milliseconds. A client that leaves responses unread is disconnected after this time, or at most twice this time.
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
   * Maximum number of open connections of each worker. The server closes further connections immediately.
   */
  maxConnections: number;
  /**
   * Maximum number of requests on one connection. The server closes the connection with the response to the last one. Clients with long-lived connections then reconnect and spread over the replicas again. 0: no limit.
   */
  maxRequestsPerSocket: number;
  /**
   * Maximum time that requests wait before the server processes them, as a smoothed value in milliseconds. Above it, the server rejects a share of the requests with 503 and Retry-After, so that it responds to the others in time. At twice this time or more, it rejects all requests. 0: no limit.
   */
  maxEventLoopDelayMs: number;
  /**
   * Maximum number of requests per second from one address, counted over whole seconds by each worker. The server responds to further requests with 429. 0: no limit.
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
   * PEM files with the CAs that client certificates must chain to. Required for `listener.trustProxy.certificates`, and in the modes that use client certificates, unless a proxy forwards them.
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
 * The trusted proxies in front of the server. The server accepts forwarded client addresses and forwarded certificates from these proxies only. Default: none, and the client address of a request is the address of its connection.
 */
export interface TrustProxyConfig {
  /**
   * Addresses and networks that the proxies connect from. Any other client that can connect from one of these addresses can forge its client address.
   *
   * @minItems 1
   */
  addresses: [string, ...string[]];
  /**
   * Client certificates of the proxies, issued by the CAs in `listener.tls.clientCa`. The server treats a client as a proxy only if the client also presents a certificate that matches an entry. Empty: the server checks the address only.
   */
  certificates: AllowedCertificateConfig[];
  /**
   * The header that carries the client address. The proxy itself must append the address of its client to the list in this header, instead of only passing the header through.
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
   * The user name. It must not contain a colon (RFC 7617, section 2).
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
 * Which client certificates the server accepts, after it has verified their chain and validity dates. The trusted CAs are in `listener.tls.clientCa` or, for forwarded certificates, in `forwarded.clientCa`. Required in the modes that use client certificates. Omit it in the others, unless `listener.trustProxy.certificates` needs `request`.
 */
export interface ClientCertificateConfig {
  /**
   * required: the TLS handshake fails without a valid certificate. The client sees a TLS error and no HTTP status. optional: the handshake succeeds, and a request that needs a certificate gets 403. none: the server does not request a certificate. If omitted, the mode decides: required for mtls and both, optional for either, none otherwise. If omitted with `forwarded`, optional if `listener.tls.clientCa` is set, otherwise none.
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
   * Format of the header. nginx: percent-encoded PEM ($ssl_client_escaped_cert, also used by ingress-nginx and AWS load balancers). envoy: Cert or Chain of x-forwarded-client-cert, one element. rfc9440: Client-Cert and Client-Cert-Chain.
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
 * Limits on wrong credentials. A client that exceeds a limit gets 429 with Retry-After. The server never counts correct credentials.
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
   * Maximum number of wrong credentials for one user name within the window. It counts all addresses that never sent correct credentials for that user name. Above the limit, only these addresses must wait. 0: no limit.
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
   * Whether the user is disabled. For a disabled user, the server responds with 404, as for an unknown user.
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
   * Encoding of the file, by its WHATWG name. Invalid bytes are an error, and a byte order mark is accepted.
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
   * How the server treats two rows with the same userid in the wide layout. error: the server rejects the file. merge: the server merges the rows into one user. Groups and values are joined, and the user is disabled if one of the rows says so.
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
   * Interval at which the server checks the file's content for changes even if none was reported, in seconds. Some mounts do not report changes.
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
 * Combines several sources. The server queries them at the same time, except fallbacks and sources with `userid.from`. If a required source fails, the lookup fails.
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
   * How the server treats a user who is disabled in one of the queried sources. any: the user does not exist (404), even if another source knows the user. identity: only the sources selected by `identity` count. Any other source in which the user is disabled contributes nothing, as for an unknown user. A `module` source can distinguish a disabled user from an unknown user only if it implements `isDisabled`.
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
   * Name of the source in messages, metrics and other options. The names `any`, `all` and `whole` are reserved.
   */
  name: string;
  source: SourceConfig1;
  guards?: GuardsConfig;
  /**
   * true: if this source and its fallback, if any, fail, the lookup fails. false: the server responds without this source, which also requires `mayShrinkAccess: true`.
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
 * An LDAP directory, searched on each lookup.
 */
export interface LdapSourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'ldap';
  preset: DirectoryPreset;
  /**
   * LDAP servers that serve the same LDAP directory, in order of preference: `ldaps://HOST[:636]` or `ldap://HOST[:389]`. The server connects to the next LDAP server only if the connection to the previous one fails. A rejected bind, or a search that an LDAP server rejects, is no reason.
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
   * Maximum duration of one search, or of one page of a paged search, in milliseconds. The LDAP server receives it as a time limit in seconds, rounded up. A lookup can require several searches; `deadlineMs` limits the lookup as a whole.
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
   * Filter (RFC 4515) that the server evaluates on the entry that was found. It applies in addition to the preset's filter for locked accounts (`pwdAccountLockedTime`, `nsAccountLock` or `userAccountControl`). A user whose entry fails to match either filter is disabled, and the server responds with 404. If omitted, only the preset's filter applies.
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
   * Filter (RFC 4515) that a group's entry must match. If omitted, the entry must match the preset's object class; with memberOf, no filter applies. With tokenGroups, a group that does not match is an error.
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
   * Add the primary group of Active Directory, which is not listed in any membership attribute. If omitted, true for active-directory, otherwise false. No effect with tokenGroups, which always contains this group.
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
   * Interval at which the server checks the file's content for changes even if none was reported, in seconds. Some mounts do not report changes.
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
   * Column of `userQuery` that contains the userid as stored. Its value must equal the requested userid. If another query returns a column with this name, the server compares it too.
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
   * TCP port. If `host` is a path, the port is part of the socket's file name (.s.PGSQL.PORT).
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
   * Name that the database server's certificate must contain. If omitted, `host`. Required for `mysql` if `host` is an IP address or a path.
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
 * A JSON API over HTTPS, queried on each lookup: SCIM 2.0, Microsoft Graph, Okta, Keycloak, another endpoint that implements this contract, or a custom API.
 */
export interface HttpProxySourceConfig {
  /**
   * Selects this type of data source.
   */
  type: 'http-proxy';
  /**
   * Provides `user`, `groups` and `mapping` for a well-known API. Each of them can be overridden. passthrough: the upstream responds in the format of this endpoint, and only `user` can be set. custom: nothing is provided.
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
   * Path and query relative to `baseUrl`. {userid} is allowed in the path, as the whole value of a query parameter, or in a value inside "…" (SCIM) or '…' (OData). The server escapes it as its position requires.
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
 * Maps responses to user info. A path that starts with a slash is a JSON Pointer; any other path is a JMESPath expression. A path that finds nothing is an error, unless `optional` is true. A value of the wrong type is an error. If omitted, the preset provides the mapping. Options set here override those of the preset.
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
   * Maximum duration of a lookup in this source, in milliseconds, within the top-level `deadlineMs`. After that, the source counts as too slow. Use it for an optional source of a merge. If omitted, only the top-level `deadlineMs` applies.
   */
  deadlineMs?: number;
  bulkhead?: BulkheadConfig;
  retry?: RetryConfig;
}
/**
 * A cache of results by exact userid. Errors are never cached. A change in the source, including a withdrawn group, takes effect when the cached result expires. Only a source that loads files (`csv`, `ldif`) clears the cache when it loads new data. Default: none.
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
 * Checks a result that lacks many groups or values of the previous result for the same user, before the server uses it. If omitted, the server accepts every result.
 */
export interface ShrinkConfig {
  /**
   * Maximum loss, as a percentage of the groups, or of the attribute values, in the previous result. Fewer than four groups, or fewer than four values, are not compared.
   */
  maxLossPercent: number;
  /**
   * ask-again: the server repeats the lookup and accepts the loss only if the second result is the same. hold-back: the server responds with 502 until the source has returned the same result for `holdSeconds`.
   */
  action: 'ask-again' | 'hold-back';
  /**
   * For hold-back: how long the source must return the same reduced result before the server uses it, in seconds.
   */
  holdSeconds: number;
  /**
   * Maximum number of users whose previous result is kept (as hashes of groups and values). The server evicts the least recently requested users first.
   */
  maxUsers: number;
}
/**
 * Requirements on results, in addition to the schema. The server responds with 502 to a lookup whose result violates one. If omitted, only the schema applies.
 */
export interface AnswerRulesConfig {
  /**
   * How the server treats a user who is found without any group. allow: the response has no groups. error: 502, for sources in which every user has a group. If omitted, the response has no groups. Unless set to allow, `ldap` and `ldif` sources check a sample of memberships at startup, and do not start if they can read none. `ldap` repeats the check for readiness, and `ldif` for each new file.
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
 * Circuit breaker. After several failures of the source in a row, lookups fail immediately for a while: the server responds with 503 and Retry-After. If omitted, the server queries the source for every lookup.
 */
export interface BreakerConfig {
  /**
   * Number of consecutive lookups for which the source must be unavailable or too slow before the breaker opens.
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
   * Maximum number of lookups that wait for a free slot. The deadline includes the waiting time.
   */
  queued: number;
}
/**
 * Repeats a lookup if the source was unavailable. The server does not retry after the deadline, or if the source was too slow, returned an invalid result, or stated when to retry. If omitted, the server does not retry.
 */
export interface RetryConfig {
  /**
   * Maximum number of retries after the first attempt.
   */
  attempts: number;
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
   * Maximum duration of a lookup in this source, in milliseconds, within the top-level `deadlineMs`. After that, the source counts as too slow. Use it for an optional source of a merge. If omitted, only the top-level `deadlineMs` applies.
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
   * How userids appear in the log. shown: unchanged. hashed: the first 32 hexadecimal digits of the SHA-256 hash of `useridHashKey` and the userid, so that entries for the same userid can be matched. hidden: not shown.
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
 * The audit trail: one JSON line for each request, in a separate file, in the format of `audit-entry.schema.json`. Each line records the client, the userid, the decision, and the generation of the configuration and data. Default: none.
 */
export interface AuditConfig {
  /**
   * The file that the server appends to, created with mode 0640. The server reopens it on SIGHUP and `user-info reload`, for logrotate. A change to this option requires a restart.
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
   * Reload automatically when one of these files changes. The sources `csv`, `ldif` and `sqlite` detect changes of their files in any case.
   */
  watch: boolean;
  /**
   * How often the server checks the content of the files if it received no change event, in seconds. Some mounts send no events. At the same interval, the server retries a change that it rejected because a source was down.
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
