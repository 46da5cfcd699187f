// Made by `npm run generate:types` from schemas/iam-settings.schema.json. Do not edit.

/**
 * Settings of a simulated IAM: the platform's settings, named as in its API, and, under `guesses`, assumptions about undocumented behavior. Secrets are references to a variable or a file.
 */
export interface LoadedIamSettings {
  externalUserInfo: ExternalUserInfo;
  supportedActions: SupportedActions;
  /**
   * Convert user ids of this IAM to lower case before they are stored and requested.
   */
  normalizeUserId: boolean;
  /**
   * IAM from which a user with the same user id is migrated when a login or a sync with a user list creates that user. Disabled users are not migrated. Default: no user is migrated. On the platform, this can be an IAM other than the built-in one.
   */
  migrateFrom?: 'bim';
  profileSchema?: ProfileSchema;
  userList?: UserListSettings;
  sync: SyncSettings;
  blastRadius: BlastRadius;
  guesses: Guesses;
  platformProfile?: AppliedProfile;
}
/**
 * External Groups and Authorizations Endpoint.
 */
export interface ExternalUserInfo {
  /**
   * External User Info URI: http or https, without the parameter userid.
   */
  uri: string;
  /**
   * Use Authentication: send a Basic header.
   */
  useAuth: boolean;
  authentication?: BasicAuthentication;
  /**
   * Enable SSL. Must be true for an https URI.
   */
  useSSL: boolean;
  /**
   * Require SSL Request Cert: send a client certificate. Requires sslKeyFile, sslCertFile and sslCaFile.
   */
  sslRequestCert: boolean;
  /**
   * SSL key file, PEM.
   */
  sslKeyFile?: string;
  /**
   * SSL cert file, PEM.
   */
  sslCertFile?: string;
  /**
   * SSL CA file, PEM, for verifying the server's certificate. Default: the CAs that Node trusts.
   */
  sslCaFile?: string;
}
/**
 * User name and password of the Basic header; required with useAuth.
 */
export interface BasicAuthentication {
  /**
   * The user name, without a colon.
   */
  username: string;
  /**
   * Environment variable with the password.
   */
  passwordEnv?: string;
  /**
   * File with the password. A line break at its end is ignored.
   */
  passwordFile?: string;
}
/**
 * Which data is read from the identity provider, and which from the endpoint. Data of a source that is switched off remains unchanged.
 */
export interface SupportedActions {
  /**
   * Sync groups: read groups from the identity provider if the user list contains them.
   */
  syncGroups: boolean;
  /**
   * Sync attributes: read attributes from the identity provider if the user list contains them.
   */
  syncAuthorizations: boolean;
  /**
   * Read groups from the endpoint.
   */
  syncRestGroups: boolean;
  /**
   * Read attributes from the endpoint.
   */
  syncRestAuthorizations: boolean;
}
/**
 * Profile Schema: the attribute of the identity provider that contains a user's name on a data platform. Names that are mapped here cannot be set by hand.
 */
export interface ProfileSchema {
  /**
   * User's Databricks Username.
   */
  databricksUser?: string;
  /**
   * User's Snowflake Username.
   */
  snowflakeUser?: string;
  /**
   * User's Trino Username.
   */
  prestoUser?: string;
  /**
   * User's Azure Synapse Analytics Username.
   */
  asaUser?: string;
  /**
   * User's Redshift Username.
   */
  redshiftUser?: string;
  /**
   * User's BigQuery Username.
   */
  bigqueryUser?: string;
  /**
   * User's PostgreSQL Username. The name of this option is an assumption.
   */
  postgresqlUser?: string;
  /**
   * User's Teradata Username.
   */
  teradataUser?: string;
  /**
   * User's AWS User. The name of this option is an assumption.
   */
  awsUser?: string;
  /**
   * Select AWS User Type: the type of the values of awsUser. none: the user name is used as the AWS name. identity-center: the User ID of IAM Identity Center, not the e-mail address.
   */
  awsUserType: 'none' | 'iam-user' | 'iam-role' | 'identity-center';
}
/**
 * Where the identity provider lists its users: a file or an LDAP directory, read for each sync. New users are created, and a sync of all users disables missing users. An incomplete list is rejected. Default: the users in the store. The platform offers this for LDAP.
 */
export interface UserListSettings {
  /**
   * CSV file with the columns userid, name, email, group, attribute and value, separated by commas. Only userid is required. A file whose name ends in .ldif is read as LDIF.
   */
  file?: string;
  /**
   * LDAP URL of a directory: ldaps://host/base?attribute?scope?filter. With ldap://, a password is sent to a loopback address only.
   */
  url?: string;
  /**
   * Column, or LDIF or LDAP attribute, with the user name. An attribute in the url takes precedence.
   */
  useridColumn: string;
  /**
   * Columns of a CSV file to ignore. Any other unknown column is an error.
   */
  ignoreColumns: string[];
  /**
   * Bind DN for the LDAP directory. If omitted, the bind is anonymous.
   */
  bindDn?: string;
  /**
   * Environment variable with the password of bindDn.
   */
  bindPasswordEnv?: string;
  /**
   * File with the password of bindDn.
   */
  bindPasswordFile?: string;
  /**
   * CA of the directory's certificate, PEM. Default: the CAs that Node trusts.
   */
  caFile?: string;
}
/**
 * Sync of all users.
 */
export interface SyncSettings {
  /**
   * Sync schedule: when all users are synchronized, as a cron pattern with five fields (minute, hour, day, month, weekday), or six with seconds first. `simulate serve` and `simulate sync --schedule` follow it. Default: only manual syncs. The platform offers this for LDAP, with the default 0 * /1 * * * (every hour).
   */
  cronRule?: string;
  /**
   * Maximum number of users that are read and written in one transaction. While the endpoint is requested, the maximum is 100, even if this value is higher.
   */
  pageSize: number;
  /**
   * Number of concurrent requests.
   */
  concurrency: number;
  /**
   * Number of consecutive users without any response from the endpoint (connection, TLS, timeout) after which the run is interrupted.
   */
  maxFailuresInARow: number;
}
/**
 * Guard of a sync: when a run is stopped before anything is applied. The guard counts the access that users have in the IAM, from every origin. A group is identified by its IAM and its name.
 */
export interface BlastRadius {
  /**
   * Percentage of the IAM's enabled users that may lose a group or an attribute value, or be disabled, within windowDays.
   */
  maxLosingPercent: number;
  /**
   * Number of users that may lose access within windowDays. Applies in addition to maxLosingPercent: the run is stopped if either limit is exceeded. Default: no limit.
   */
  maxLosingUsers?: number;
  /**
   * Number of users that may always lose access within windowDays, even if they exceed maxLosingPercent. Intended for IAMs in which one user is a large share of all users. maxLosingUsers and protectedUsers still apply.
   */
  toleratedLosingUsers: number;
  /**
   * Days over which the losses of applied runs add up, so that many small runs count as one large run. 0: each run is evaluated separately. A run whose losses were accepted starts a new window.
   */
  windowDays: number;
  /**
   * Whether a group may lose its last member in a run.
   */
  mayEmptyGroups: boolean;
  /**
   * Percentage of a group's enabled members that may lose the group in one run. Applies to groups of at least minGroupSize members.
   */
  maxGroupLosingPercent: number;
  /**
   * Minimum number of enabled members of a group for maxGroupLosingPercent to apply.
   */
  minGroupSize: number;
  /**
   * Percentage of the users who were enabled in the IAM before the run that may gain the same group in one run.
   */
  maxGainingPercent: number;
  /**
   * Minimum number of such users who gain a group for maxGainingPercent to apply to the group.
   */
  minGainingUsers: number;
  /**
   * Names of groups of this IAM that must not gain or lose a member. A group that carries a permission must not gain a member, whether it is listed or not.
   */
  protectedGroups: string[];
  /**
   * User names that must not lose access.
   */
  protectedUsers: string[];
}
/**
 * Assumptions about behavior that the platform's documentation does not describe. Each report lists the assumptions of its run.
 */
export interface Guesses {
  /**
   * Time limit for one request, including connection and body, in ms.
   */
  timeoutMs: number;
  /**
   * Number of retries after a missing response, a 429 or a 5xx. A TLS failure is not retried. The delay starts at retryDelayMs and doubles each time.
   */
  retries: number;
  /**
   * Delay before the first retry, in ms.
   */
  retryDelayMs: number;
  /**
   * Follow at most five redirects within the same origin. Any other redirect is a failure, and without this option, every redirect is.
   */
  followRedirects: boolean;
  /**
   * Reject a server whose certificate cannot be verified.
   */
  verifyServerCertificate: boolean;
  /**
   * Send the Basic header with the first request, instead of only after a 401.
   */
  basicWithoutChallenge: boolean;
  /**
   * How a space in a user id is encoded in the query.
   */
  spaceAs: '%20' | '+';
  /**
   * Maximum size of a response body, in bytes. A larger body is a failure.
   */
  maxBodyBytes: number;
  /**
   * lenient: keys that are not part of the contract are ignored. strict: they are a failure.
   */
  bodyProfile: 'lenient' | 'strict';
  /**
   * any: the content type of a 200 is ignored. json: a content type other than JSON is a failure.
   */
  contentType: 'any' | 'json';
  /**
   * How a response is merged with data from the identity provider. union: both apply. attribute-override: an attribute in the response replaces the identity provider's values of this attribute. override: a response replaces all data from the identity provider.
   */
  mergeRule: 'union' | 'attribute-override' | 'override';
  /**
   * What happens to a group or value that the endpoint returned before and no longer returns. remove: it is removed. keep: it is kept.
   */
  removalRule: 'remove' | 'keep';
  /**
   * Letter case in which group names are stored.
   */
  groupCase: 'keep' | 'lower' | 'upper';
  /**
   * Letter case in which attribute names are stored. Values are stored as received.
   */
  attributeCase: 'keep' | 'lower' | 'upper';
  /**
   * What a 404 does. keep: the data from the endpoint remains unchanged. clear: the groups and values from the endpoint are removed. disable: as keep, and the user is disabled. fail: as keep, but a new user is not created, and a login is refused.
   */
  onNotFound: 'keep' | 'clear' | 'disable' | 'fail';
  /**
   * What any other failure does, including a missing response; the values have the same meaning as for onNotFound.
   */
  onFailure: 'keep' | 'clear' | 'disable' | 'fail';
  /**
   * Time zone of sync.cronRule, as a name in the IANA database.
   */
  scheduleTimeZone: string;
  /**
   * What happens to scheduled times at which no sync could run, because no process executed the schedule or the previous run was still in progress. skip: they are skipped. run-once: one run replaces all of them, as soon as possible.
   */
  missedRuns: 'skip' | 'run-once';
  /**
   * Disable users of the IAM who are no longer in the user list. Documented for LDAP; an assumption for other types.
   */
  disableGoneUsers: boolean;
  /**
   * Enable users that a sync disabled, once the user list contains them again or the endpoint returns user info for them.
   */
  enableReturnedUsers: boolean;
}
/**
 * The platform profile from which `guesses` were taken. Reports mark a guess as measured if it still has the value of the profile. `simulate iam create --profile` writes it.
 */
export interface AppliedProfile {
  /**
   * Name and version of the platform.
   */
  platform: string;
  facts: AppliedFacts;
}
/**
 * The facts of the profile, by the name that each has under `guesses`.
 */
export interface AppliedFacts {
  [k: string]: AppliedFact;
}
export interface AppliedFact {
  value: string | number | boolean;
  /**
   * Day of the experiment, in UTC.
   */
  date: string;
  /**
   * Last day on which the fact is considered valid, in UTC. Afterwards, reports mark the fact as expired.
   */
  validUntil: string;
  /**
   * Whether a proxy or load balancer was involved in the experiment, so that the fact may describe that intermediary instead of the platform. Default: false.
   */
  throughIntermediary?: boolean;
}
