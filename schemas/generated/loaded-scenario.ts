// Made by `npm run generate:types` from schemas/scenario.schema.json. Do not edit.

export type Names = string[];
/**
 * User of the identity provider: a user name, or an object with more details. The identity provider defines the access of a user only if groups or attributes are given.
 */
export type ScenarioUser =
  | string
  | {
      userid: string;
      name?: string;
      email?: string;
      groups?: Names;
      attributes?: ScenarioAttributes;
    };
/**
 * How a run ends.
 */
export type Ending = 'done' | 'dry-run' | 'stopped' | 'interrupted' | 'unreachable';
export type Count = number;

/**
 * Scenario of a sync, step by step. The steps are changes in the identity provider, in the data source, on the network and in the settings, syncs, and expected results. `user-info simulate scenario FILE` plays the scenario in a temporary directory, which it removes afterwards. Relative paths are resolved from that directory.
 */
export interface LoadedScenario {
  /**
   * Title of the scenario, in a few words.
   */
  name: string;
  /**
   * What the scenario demonstrates.
   */
  description?: string;
  /**
   * Start time of the simulator's clock, ISO 8601 in UTC. Only `advance` steps move the clock. Default: 2026-01-05T08:00:00Z.
   */
  start?: string;
  /**
   * Seed that selects the requests affected by the network faults. Default: 1.
   */
  seed?: number;
  files?: ScenarioTexts;
  /**
   * Directories in which the simulator creates development certificates. Each gets a CA, a server certificate and a client certificate: ca.pem, server.pem, server-key.pem, client.pem, client-key.pem. Default: none.
   */
  certificates?: string[];
  people?: ScenarioPeople;
  /**
   * Configuration of a server of the kit that the scenario starts on 127.0.0.1 with a free port. Default: the scenario starts no server and uses the existing endpoint that `externalUserInfo.uri` names in `settings` or `settingsFile`.
   */
  endpoint?: {
    [k: string]: unknown;
  };
  /**
   * File with settings of the IAM. The path, and the paths in the file, are resolved from the directory of the scenario file. `settings` are merged into the settings of this file. Default: none.
   */
  settingsFile?: string;
  settings?: Settings;
  /**
   * Steps in order. The first step that fails ends the scenario.
   *
   * @minItems 1
   */
  steps: [ScenarioStep, ...ScenarioStep[]];
}
/**
 * Map from file name to the whole content of the file.
 */
export interface ScenarioTexts {
  [k: string]: string;
}
/**
 * Map from user name to the data of the user in the source. null: the source does not contain the user.
 */
export interface ScenarioPeople {
  [k: string]: null | ScenarioPerson;
}
/**
 * Data of a user in a source.
 */
export interface ScenarioPerson {
  groups?: Names;
  attributes?: ScenarioAttributes;
}
/**
 * Map from attribute name to the values of the attribute.
 */
export interface ScenarioAttributes {
  [k: string]: Names;
}
/**
 * Settings of the IAM, as in iam-settings.schema.json. Relative paths are resolved from the scenario's temporary directory. In a step, these settings are merged into the current settings: maps are merged option by option, and all other values are replaced.
 */
export interface Settings {
  [k: string]: unknown;
}
/**
 * One step: exactly one action, and optionally its description in `say`.
 */
export interface ScenarioStep {
  /**
   * Description of the step, for readers of the outcome.
   */
  say?: string;
  /**
   * Replace the identity provider's list of users. Before the first such step, a sync requests the users in the store.
   */
  users?: ScenarioUser[];
  /**
   * Create these users in the built-in IAM, as an administrator would.
   */
  localUsers?: ScenarioLocalUser[];
  migrate?: Names;
  people?: ScenarioPeople;
  write?: ScenarioTexts;
  copy?: ScenarioCopies;
  /**
   * Shell command, which must exit with 0. The environment variable SCENARIO_FOLDER contains the directory of the scenario file. ENDPOINT_URI contains the URI of the server that the scenario starts (empty if it starts none).
   */
  command?: string;
  /**
   * Stop or start the scenario's server.
   */
  endpoint?: 'stopped' | 'started';
  /**
   * Faults that the network injects into requests of all later syncs and logins, as in `sync --faults`. `whole`: no faults.
   */
  network?: string;
  settings?: Settings;
  await?: ScenarioAwait;
  sync?: ScenarioSync;
  login?: ScenarioLogin;
  /**
   * Advance the simulator's clock by a number of days (d), hours (h), minutes (m) or seconds (s).
   */
  advance?: string;
  expect?: ScenarioExpect;
}
/**
 * User of the built-in IAM, with the access that an administrator grants. Missing groups are created.
 */
export interface ScenarioLocalUser {
  userid: string;
  groups?: Names;
  attributes?: ScenarioAttributes;
  permissions?: Names;
}
/**
 * Map from each target file to the file whose content is copied to it, or to several files whose contents are concatenated. Each file is replaced atomically.
 */
export interface ScenarioCopies {
  [k: string]: string | Names;
}
/**
 * Request a user from the endpoint, as the platform would, until the response matches, for at most 20 seconds. No network faults are injected into these requests.
 */
export interface ScenarioAwait {
  userid: string;
  /**
   * Expected outcome: user, or a kind of failure.
   */
  outcome: string;
  groups?: Names;
  attributes?: ScenarioAttributes;
}
/**
 * Synchronize users. The step fails if the run ends differently or has failures other than those that the options specify.
 */
export interface ScenarioSync {
  userids?: Names;
  /**
   * Apply nothing.
   */
  dryRun: boolean;
  /**
   * Resume the last run.
   */
  resume: boolean;
  /**
   * Exact number of users who lose access. Confirms losses at which the guard would stop the run.
   */
  acceptLosses?: number;
  /**
   * Exact number of users who gain a group for which the guard would stop the run. Confirms these gains.
   */
  acceptGains?: number;
  /**
   * Interrupt the run after this number of users has been requested. Default: the run is not interrupted.
   */
  interruptAfter?: number;
  ending?: Ending;
  failures?: ScenarioFailures;
}
/**
 * Map from the kind of failure to the number of users.
 */
export interface ScenarioFailures {
  [k: string]: Count;
}
/**
 * Log a user in. The step fails if the result of the login differs from `succeeds`.
 */
export interface ScenarioLogin {
  userid: string;
  succeeds: boolean;
}
/**
 * Expected state at this point. Counts refer to the last run and require that a run has taken place. Options that are left out are not compared.
 */
export interface ScenarioExpect {
  asked?: Count;
  answered?: Count;
  created?: Count;
  migrated?: Count;
  changed?: Count;
  disabled?: Count;
  enabled?: Count;
  gone?: Count;
  losing?: Count;
  emptied?: Names;
  runs?: Count;
  users?: ScenarioExpectedUsers;
  groups?: ScenarioExpectedGroups;
}
/**
 * Map from a user of the scenario's IAM to the user's access from every origin. null: the user does not exist. Every user must be named elsewhere in the scenario.
 */
export interface ScenarioExpectedUsers {
  [k: string]: null | ScenarioExpectedUser;
}
/**
 * Expected access of a user.
 */
export interface ScenarioExpectedUser {
  groups?: Names;
  attributes?: ScenarioAttributes;
  permissions?: Names;
  /**
   * Whether the user must be disabled. Default: the user must be enabled.
   */
  disabled?: boolean;
}
/**
 * Map from a group of the scenario's IAM to all enabled members. null: the group does not exist.
 */
export interface ScenarioExpectedGroups {
  [k: string]: null | Names;
}
