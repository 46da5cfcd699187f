// Made by `npm run generate:types` from schemas/iam-settings.schema.json. Do not edit.

/**
 * How the simulator plays an IAM of the platform: the settings that the platform has, named as in its API, and under `guesses` what is documented nowhere. Secrets are references to a variable or a file.
 */
export interface LoadedIamSettings {
  externalUserInfo: ExternalUserInfo;
  supportedActions: SupportedActions;
  /**
   * Hold user ids of this IAM in lower case, and ask for them so.
   */
  normalizeUserId: boolean;
  /**
   * IAM whose user of the same user id is migrated to this one, the first time this one makes that user: at a login, or in a sync of all. Left out: none is. The platform can name others than the built-in one.
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
   * External User Info URI: http or https, without userid.
   */
  uri: string;
  /**
   * Use Authentication: send a Basic header.
   */
  useAuth: boolean;
  authentication?: BasicAuthentication;
  /**
   * Enable SSL. With an https URI it has to be on.
   */
  useSSL: boolean;
  /**
   * Require SSL Request Cert: send a client certificate. Needs sslKeyFile, sslCertFile and sslCaFile.
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
   * SSL CA file, PEM, that verifies the server's certificate. Default: the CAs that Node trusts.
   */
  sslCaFile?: string;
}
/**
 * User name and password of the Basic header; needed with useAuth.
 */
export interface BasicAuthentication {
  /**
   * The user name, without a colon.
   */
  username: string;
  /**
   * Environment variable that holds the password.
   */
  passwordEnv?: string;
  /**
   * File that holds the password; a line break at its end is not part of it.
   */
  passwordFile?: string;
}
/**
 * What is taken from the identity provider, and what from the endpoint. What is off stays as it is held.
 */
export interface SupportedActions {
  /**
   * Sync groups: take groups from the identity provider, where the list of users has them.
   */
  syncGroups: boolean;
  /**
   * Sync attributes: take attributes from the identity provider, where the list of users has them.
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
 * Profile Schema: which attribute of the identity provider holds a user's name on a data platform. What is mapped here can't be edited by hand.
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
   * User's PostgreSQL Username. The name of this option is a guess.
   */
  postgresqlUser?: string;
  /**
   * User's Teradata Username.
   */
  teradataUser?: string;
  /**
   * User's AWS User. The name of this option is a guess.
   */
  awsUser?: string;
  /**
   * Select AWS User Type: what the values of awsUser are. none: the user name is taken for the AWS name. identity-center: the User ID of IAM Identity Center, not the e-mail address.
   */
  awsUserType: 'none' | 'iam-user' | 'iam-role' | 'identity-center';
}
/**
 * Where the identity provider lists its users: a file or an LDAP directory, read for each sync. New users are created, and a sync of all users disables missing ones. An incomplete list is rejected. Default: the users in the store. The platform has this for LDAP.
 */
export interface UserListSettings {
  /**
   * CSV with the columns userid, name, email, group, attribute and value, of which only the first is required, separated by commas; or LDIF, when the name ends in .ldif.
   */
  file?: string;
  /**
   * LDAP URL of a directory: ldaps://host/base?attribute?scope?filter. ldap:// takes no password, but to this machine.
   */
  url?: string;
  /**
   * Column, or LDIF or LDAP attribute, with the user name; that of the url goes before.
   */
  useridColumn: string;
  /**
   * Columns of a CSV file that are not read. Any other unknown column is an error.
   */
  ignoreColumns: string[];
  /**
   * Who asks the directory. Left out: nobody.
   */
  bindDn?: string;
  /**
   * Environment variable that holds the password of bindDn.
   */
  bindPasswordEnv?: string;
  /**
   * File that holds the password of bindDn.
   */
  bindPasswordFile?: string;
  /**
   * CA of the directory's certificate, PEM. Without one: the CAs that Node trusts.
   */
  caFile?: string;
}
/**
 * The sync of all users.
 */
export interface SyncSettings {
  /**
   * Sync schedule: when all users are synchronized, as a cron rule of five fields (minute, hour, day, month, weekday), or six with seconds before them. `simulate serve` keeps to it, and `simulate sync --schedule`. Left out: by hand alone. The platform has it for LDAP, every hour by default: 0 * /1 * * *.
   */
  cronRule?: string;
  /**
   * Users that are read and written at once.
   */
  pageSize: number;
  /**
   * Number of concurrent requests.
   */
  concurrency: number;
  /**
   * Users in a row for whom there was no answer of the endpoint at all (connection, TLS, time-out), after which the run is interrupted.
   */
  maxFailuresInARow: number;
}
/**
 * The guard of a sync: when a run is stopped before anything is applied. It compares exact counts of what users have in the IAM, from every origin. A group is identified by its IAM and its name.
 */
export interface BlastRadius {
  /**
   * Percentage of the IAM's enabled users that may lose a group or an attribute value, or be disabled, within windowDays.
   */
  maxLosingPercent: number;
  /**
   * Number of users that may lose access within windowDays. Applies in addition to maxLosingPercent: the run is stopped when either limit is exceeded. Left out: no limit.
   */
  maxLosingUsers?: number;
  /**
   * Number of users that may lose access within windowDays even when they are more than maxLosingPercent, for IAMs in which one user is a large share. maxLosingUsers and protectedUsers still apply.
   */
  toleratedLosingUsers: number;
  /**
   * Days over which the losses of applied runs add up, so that many small runs count as one large one. 0: each run by itself. A run whose losses were accepted starts a new window.
   */
  windowDays: number;
  /**
   * Whether a group may lose its last member.
   */
  mayEmptyGroups: boolean;
  /**
   * Percentage of a group's enabled members that may lose the group in one run. Applies to groups of at least minGroupSize members.
   */
  maxGroupLosingPercent: number;
  /**
   * Number of enabled members from which on maxGroupLosingPercent applies to a group.
   */
  minGroupSize: number;
  /**
   * Percentage of the users who were in the IAM before the run that may gain the same group in one run.
   */
  maxGainingPercent: number;
  /**
   * Number of users from which on maxGainingPercent applies to a group.
   */
  minGainingUsers: number;
  /**
   * Names of groups of this IAM that may neither gain nor lose a member. A group that carries a permission may not gain one, whether it is listed or not.
   */
  protectedGroups: string[];
  /**
   * User names that may lose nothing.
   */
  protectedUsers: string[];
}
/**
 * What the platform's documentation does not say. Each report prints the guesses it ran with.
 */
export interface Guesses {
  /**
   * Time limit for one request, including connection and body, in ms.
   */
  timeoutMs: number;
  /**
   * Repeats after no answer, 429 or 5xx. The time between them begins at retryDelayMs and doubles.
   */
  retries: number;
  /**
   * Time before the first repeat, in ms.
   */
  retryDelayMs: number;
  /**
   * Follow up to five redirects to the same origin. Otherwise, and to others, a redirect is a failure.
   */
  followRedirects: boolean;
  /**
   * Refuse a server whose certificate does not hold.
   */
  verifyServerCertificate: boolean;
  /**
   * Send the Basic header at once, instead of after a 401 only.
   */
  basicWithoutChallenge: boolean;
  /**
   * How a space in a user id is encoded in the query.
   */
  spaceAs: '%20' | '+';
  /**
   * Size of a body from which on it is a failure, in bytes.
   */
  maxBodyBytes: number;
  /**
   * lenient: keys that the contract does not have are passed over. strict: they are a failure.
   */
  bodyProfile: 'lenient' | 'strict';
  /**
   * any: the type of a 200 is not looked at. json: anything but JSON is a failure.
   */
  contentType: 'any' | 'json';
  /**
   * How an answer meets what the identity provider gave. union: both count. attribute-override: an attribute that the endpoint gives replaces the identity provider's values of it. override: an answer replaces all that the identity provider gave.
   */
  mergeRule: 'union' | 'attribute-override' | 'override';
  /**
   * What becomes of what the endpoint gave before and gives no longer. remove: it goes. keep: it stays.
   */
  removalRule: 'remove' | 'keep';
  /**
   * Letter case in which names of groups are held.
   */
  groupCase: 'keep' | 'lower' | 'upper';
  /**
   * Letter case in which names of attributes are held; values are held as they come.
   */
  attributeCase: 'keep' | 'lower' | 'upper';
  /**
   * What a 404 does. keep: nothing. clear: what the endpoint gave is removed. disable: the user is disabled. fail: as keep, and a login is refused.
   */
  onNotFound: 'keep' | 'clear' | 'disable' | 'fail';
  /**
   * What every other answer than 200, and none, does; the words are those of onNotFound.
   */
  onFailure: 'keep' | 'clear' | 'disable' | 'fail';
  /**
   * Time zone of sync.cronRule, by its name in the IANA database.
   */
  scheduleTimeZone: string;
  /**
   * What becomes of times of sync.cronRule at which nothing could run: nobody kept to the schedule, or the run before was still under way. skip: they are left out. run-once: one run makes up for all of them, as soon as it can.
   */
  missedRuns: 'skip' | 'run-once';
  /**
   * Disable users of the IAM who are not in the list of users any longer. Documented for LDAP, guessed for others.
   */
  disableGoneUsers: boolean;
  /**
   * Enable users again whom a sync disabled, once the list has them again or the endpoint answers for them.
   */
  enableReturnedUsers: boolean;
}
/**
 * The platform profile from which `guesses` were taken. Reports state a guess that still has the value of the profile as measured. `simulate iam create --profile` writes it.
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
   * Last day on which the fact is considered valid, in UTC. Afterwards, reports state it as expired.
   */
  validUntil: string;
}
