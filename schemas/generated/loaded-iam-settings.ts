// Made by `npm run generate:types` from schemas/iam-settings.schema.json. Do not edit.

/**
 * Settings with which the simulator plays an IAM of the platform. Options that the platform has are named as in its API. `guesses` contains assumptions about undocumented behaviour. Secrets are references to an environment variable or a file.
 */
export interface LoadedIamSettings {
  externalUserInfo: ExternalUserInfo;
  supportedActions: SupportedActions;
  /**
   * Store user ids of this IAM in lower case, and send them to the endpoint in lower case.
   */
  normalizeUserId: boolean;
  /**
   * IAM from which users are migrated to this one. The simulator migrates a user with the same user id when this IAM first creates that user, at a login or in a sync of all users. Default: no user is migrated. The platform also supports IAMs other than the built-in one.
   */
  migrateFrom?: 'bim';
  profileSchema?: ProfileSchema;
  userList?: UserListSettings;
  sync: SyncSettings;
  blastRadius: BlastRadius;
  guesses: Guesses;
}
/**
 * External Groups and Authorizations Endpoint.
 */
export interface ExternalUserInfo {
  /**
   * External User Info URI: an http or https URL, without userid.
   */
  uri: string;
  /**
   * Use Authentication: send a Basic Authorization header.
   */
  useAuth: boolean;
  authentication?: BasicAuthentication;
  /**
   * Enable SSL. Must be true with an https URI.
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
   * SSL CA file, PEM, with which the simulator verifies the server certificate. Default: the CAs that Node.js trusts.
   */
  sslCaFile?: string;
}
/**
 * User name and password of the Basic Authorization header. Required with useAuth.
 */
export interface BasicAuthentication {
  /**
   * User name, without a colon.
   */
  username: string;
  /**
   * Environment variable that contains the password.
   */
  passwordEnv?: string;
  /**
   * File that contains the password. A line break at its end is ignored.
   */
  passwordFile?: string;
}
/**
 * What a sync takes from the identity provider, and what from the endpoint. If an option is off, a sync leaves the corresponding stored data unchanged.
 */
export interface SupportedActions {
  /**
   * Sync groups: take groups from the identity provider, if the list of users contains them.
   */
  syncGroups: boolean;
  /**
   * Sync attributes: take attributes from the identity provider, if the list of users contains them.
   */
  syncAuthorizations: boolean;
  /**
   * Take groups from the endpoint.
   */
  syncRestGroups: boolean;
  /**
   * Take attributes from the endpoint.
   */
  syncRestAuthorizations: boolean;
}
/**
 * Profile Schema: attributes of the identity provider that contain a user's name on each data platform. A name that is mapped here can't be edited manually.
 */
export interface ProfileSchema {
  /**
   * Attribute that contains the user's Databricks Username.
   */
  databricksUser?: string;
  /**
   * Attribute that contains the user's Snowflake Username.
   */
  snowflakeUser?: string;
  /**
   * Attribute that contains the user's Trino Username.
   */
  prestoUser?: string;
  /**
   * Attribute that contains the user's Azure Synapse Analytics Username.
   */
  asaUser?: string;
  /**
   * Attribute that contains the user's Redshift Username.
   */
  redshiftUser?: string;
  /**
   * Attribute that contains the user's BigQuery Username.
   */
  bigqueryUser?: string;
  /**
   * Attribute that contains the user's PostgreSQL Username. The name of this option is an assumption.
   */
  postgresqlUser?: string;
  /**
   * Attribute that contains the user's Teradata Username.
   */
  teradataUser?: string;
  /**
   * Attribute that contains the user's AWS User. The name of this option is an assumption.
   */
  awsUser?: string;
  /**
   * Select AWS User Type: the kind of the values of awsUser. none: the AWS name is the user name. identity-center: the User ID in IAM Identity Center, not the e-mail address.
   */
  awsUserType: 'none' | 'iam-user' | 'iam-role' | 'identity-center';
}
/**
 * Where the simulator reads the identity provider's list of users: a file or an LDAP directory. Each sync reads the list again. It creates users who are new in the list; a sync of all users also disables users who are no longer in the list. An incomplete list is rejected. Default: a sync uses the users in the store. The platform has this option for LDAP.
 */
export interface UserListSettings {
  /**
   * CSV file, or LDIF file if its name ends in .ldif. A CSV file has the comma-separated columns userid, name, email, group, attribute and value, of which only userid is required.
   */
  file?: string;
  /**
   * URL of an LDAP directory: ldaps://host/base?attribute?scope?filter. With ldap://, a password is allowed only for a server on this machine.
   */
  url?: string;
  /**
   * Column, or LDIF or LDAP attribute, that contains the user name. An attribute in url takes precedence.
   */
  useridColumn: string;
  /**
   * Columns of a CSV file to ignore. Any other unknown column is an error.
   */
  ignoreColumns: string[];
  /**
   * DN of the account that binds to the LDAP directory. Default: an anonymous bind.
   */
  bindDn?: string;
  /**
   * Environment variable that contains the password of bindDn.
   */
  bindPasswordEnv?: string;
  /**
   * File that contains the password of bindDn.
   */
  bindPasswordFile?: string;
  /**
   * File of the CA of the LDAP directory's certificate, PEM. Default: the CAs that Node.js trusts.
   */
  caFile?: string;
}
/**
 * Sync of all users.
 */
export interface SyncSettings {
  /**
   * Sync schedule: when to synchronise all users, as a cron rule of five fields (minute, hour, day, month, weekday), or of six fields with seconds first. `simulate serve` and `simulate sync --schedule` follow it. Default: manual syncs only. The platform has this option for LDAP, and synchronises every hour by default: 0 * /1 * * *.
   */
  cronRule?: string;
  /**
   * Number of users that a sync reads and writes at a time.
   */
  pageSize: number;
  /**
   * Maximum number of requests in flight.
   */
  concurrency: number;
  /**
   * Number of consecutive users for whom the endpoint sends no response at all (connection, TLS, timeout) after which the run ends early.
   */
  maxFailuresInARow: number;
}
/**
 * Guard of a sync: limits at which a run is stopped before anything is applied. The guard compares exact counts of what users have in the IAM, from every origin. A group is identified by its IAM and its name.
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
   * Number of users that may lose access within windowDays even if they are more than maxLosingPercent, for IAMs in which one user is a large share. maxLosingUsers and protectedUsers still apply.
   */
  toleratedLosingUsers: number;
  /**
   * Number of days over which the losses of applied runs add up, so that many small runs count as one large run. 0: each run counts separately. A run whose losses were accepted starts a new window.
   */
  windowDays: number;
  /**
   * Whether a group may lose its last member.
   */
  mayEmptyGroups: boolean;
  /**
   * Percentage of a group's enabled members that may lose the group in one run. Applies to groups with at least minGroupSize members.
   */
  maxGroupLosingPercent: number;
  /**
   * Minimum number of enabled members at which maxGroupLosingPercent applies to a group.
   */
  minGroupSize: number;
  /**
   * Percentage of the users who were in the IAM before the run that may gain the same group in one run.
   */
  maxGainingPercent: number;
  /**
   * Minimum number of gaining users at which maxGainingPercent applies to a group.
   */
  minGainingUsers: number;
  /**
   * Names of groups of this IAM that may neither gain nor lose a member. A group that carries a permission may never gain a member, even if it is not listed.
   */
  protectedGroups: string[];
  /**
   * User names of users who may not lose any access.
   */
  protectedUsers: string[];
}
/**
 * Assumptions about behaviour that the platform's documentation does not describe. Each report prints the assumptions of its run.
 */
export interface Guesses {
  /**
   * Time limit for one request, including connection and body, in ms.
   */
  timeoutMs: number;
  /**
   * Number of retries after no response, a 429 or a 5xx. The delay before a retry starts at retryDelayMs and doubles each time.
   */
  retries: number;
  /**
   * Delay before the first retry, in ms.
   */
  retryDelayMs: number;
  /**
   * Follow up to five redirects to the same origin. If false, and for a redirect to another origin, the redirect is a failure.
   */
  followRedirects: boolean;
  /**
   * Reject a server whose certificate is not valid.
   */
  verifyServerCertificate: boolean;
  /**
   * Send the Basic Authorization header with the first request, instead of only after a 401.
   */
  basicWithoutChallenge: boolean;
  /**
   * Encoding of a space in a user id in the query.
   */
  spaceAs: '%20' | '+';
  /**
   * Maximum size of a body, in bytes. A larger body is a failure.
   */
  maxBodyBytes: number;
  /**
   * lenient: keys that are not in the contract are ignored. strict: such keys are a failure.
   */
  bodyProfile: 'lenient' | 'strict';
  /**
   * any: the Content-Type of a 200 response is ignored. json: any type other than JSON is a failure.
   */
  contentType: 'any' | 'json';
  /**
   * How the response of the endpoint is combined with the data of the identity provider. union: both apply. attribute-override: an attribute from the endpoint replaces the identity provider's values of the same attribute. override: a response replaces all data of the identity provider.
   */
  mergeRule: 'union' | 'attribute-override' | 'override';
  /**
   * What happens to access that the endpoint returned earlier and no longer returns. remove: the access is removed. keep: the access is kept.
   */
  removalRule: 'remove' | 'keep';
  /**
   * Letter case in which group names are stored.
   */
  groupCase: 'keep' | 'lower' | 'upper';
  /**
   * Letter case in which attribute names are stored. Values are stored unchanged.
   */
  attributeCase: 'keep' | 'lower' | 'upper';
  /**
   * Effect of a 404. keep: no change. clear: the access from the endpoint is removed. disable: the user is disabled. fail: same as keep, and a login is rejected.
   */
  onNotFound: 'keep' | 'clear' | 'disable' | 'fail';
  /**
   * Effect of any response other than 200 and 404, and of no response. The values are those of onNotFound.
   */
  onFailure: 'keep' | 'clear' | 'disable' | 'fail';
  /**
   * Time zone of sync.cronRule, as a name in the IANA time zone database.
   */
  scheduleTimeZone: string;
  /**
   * What happens to times of sync.cronRule at which no run could start, because no process followed the schedule or the previous run was still in progress. skip: these times are skipped. run-once: a single run makes up for all of them, as soon as possible.
   */
  missedRuns: 'skip' | 'run-once';
  /**
   * Disable users of the IAM who are no longer in the list of users. The behaviour is documented for LDAP and an assumption for other IAMs.
   */
  disableGoneUsers: boolean;
  /**
   * Enable users again whom a sync disabled, when they are back in the list or the endpoint returns user info for them.
   */
  enableReturnedUsers: boolean;
}
