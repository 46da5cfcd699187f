// Made by `npm run generate:types` from schemas/scenario.schema.json. Do not edit.

export type Names = string[];
/**
 * A user of the identity provider: a user name, or more. What the identity provider itself gives is judged only where groups or attributes stand.
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
 * Move these users from the built-in IAM to the IAM of the scenario, under the same user name.
 */
export type Names1 = string[];
/**
 * Only these users.
 */
export type Names2 = string[];
/**
 * How a run ends.
 */
export type Ending = 'done' | 'dry-run' | 'stopped' | 'interrupted' | 'unreachable';
export type Count = number;
/**
 * Groups that lose the last member, in their order.
 */
export type Names3 = string[];
/**
 * All of them.
 */
export type Names4 = string[];
/**
 * All of them.
 */
export type Names5 = string[];

/**
 * A story of a sync, step by step: what changes in the identity provider, in the source, on the network and in the settings, what is synchronised, and what must come of it. `user-info simulate scenario FILE` plays it in a folder of its own, which is removed afterwards; paths are found from there.
 */
export interface LoadedScenario {
  /**
   * What the scenario is about, in a few words.
   */
  name: string;
  /**
   * What it shows.
   */
  description?: string;
  /**
   * The simulator's clock at the beginning, ISO 8601 in UTC. It stands still between steps that advance it.
   */
  start?: string;
  /**
   * Which requests meet the faults of the network.
   */
  seed?: number;
  files?: ScenarioTexts;
  /**
   * Folders, into each of which a development CA is written with a certificate for the server and one for its client: ca.pem, server.pem, server-key.pem, client.pem, client-key.pem.
   */
  certificates?: string[];
  people?: ScenarioPeople;
  /**
   * The configuration of a server of the kit, which the scenario starts, on a free port of 127.0.0.1. Left out, `settings.externalUserInfo.uri`, or that of `settingsFile`, names an endpoint that is there.
   */
  endpoint?: {
    [k: string]: unknown;
  };
  /**
   * A file of settings of the IAM, found, as the files that it names, from the folder of the scenario's file. `settings` are merged into them.
   */
  settingsFile?: string;
  settings?: Settings;
  /**
   * In order; the first that fails ends the scenario.
   *
   * @minItems 1
   */
  steps: [ScenarioStep, ...ScenarioStep[]];
}
/**
 * File → its whole text.
 */
export interface ScenarioTexts {
  [k: string]: string;
}
/**
 * What the source of the scenario's server knows at the beginning. The configuration in `endpoint` has no `source` then: a CSV file holds the people, or what `--source` says.
 */
export interface ScenarioPeople {
  [k: string]: null | ScenarioPerson;
}
/**
 * What a source has of a user.
 */
export interface ScenarioPerson {
  groups?: Names;
  attributes?: ScenarioAttributes;
}
/**
 * Attribute → its values.
 */
export interface ScenarioAttributes {
  [k: string]: Names;
}
/**
 * Settings of the IAM, as in iam-settings.schema.json; files are found from the scenario's own folder. In a step, they are merged into those that hold: a map option by option, everything else as a whole.
 */
export interface Settings {
  [k: string]: unknown;
}
/**
 * One thing that happens: one of these, and words for it.
 */
export interface ScenarioStep {
  /**
   * What the step is, for whoever reads the outcome.
   */
  say?: string;
  /**
   * From now on, the identity provider's list has these users. Before the first such step, a sync asks for the users of the store.
   */
  users?: ScenarioUser[];
  /**
   * Create these users in the built-in IAM, by hand.
   */
  localUsers?: ScenarioLocalUser[];
  migrate?: Names1;
  people?: ScenarioPeople1;
  write?: ScenarioTexts1;
  copy?: ScenarioCopies;
  /**
   * A command of the shell, which must end with 0. SCENARIO_FOLDER is the folder of the scenario's file, ENDPOINT_URI the endpoint.
   */
  command?: string;
  /**
   * Stop the scenario's server, or start it again.
   */
  endpoint?: 'stopped' | 'started';
  /**
   * What requests of the syncs meet from now on, as in `sync --faults`; `whole`: nothing.
   */
  network?: string;
  settings?: Settings;
  await?: ScenarioAwait;
  sync?: ScenarioSync;
  login?: ScenarioLogin;
  /**
   * Set the simulator's clock forward: days, hours, minutes or seconds.
   */
  advance?: string;
  expect?: ScenarioExpect;
}
/**
 * A user of the built-in IAM, with what a person gives; groups that are not there are made.
 */
export interface ScenarioLocalUser {
  userid: string;
  groups?: Names;
  attributes?: ScenarioAttributes;
  permissions?: Names;
}
/**
 * Change the source: who is named is so from now on, null is gone, all others stay.
 */
export interface ScenarioPeople1 {
  [k: string]: null | ScenarioPerson;
}
/**
 * File → its whole text.
 */
export interface ScenarioTexts1 {
  [k: string]: string;
}
/**
 * File → the file whose content it gets, or several, one after the other. Each is replaced in one step.
 */
export interface ScenarioCopies {
  [k: string]: string | Names;
}
/**
 * Ask the endpoint for a user, as the platform would, until the answer is this; for at most 20 seconds. The network is whole meanwhile.
 */
export interface ScenarioAwait {
  userid: string;
  /**
   * user, or a kind of failure.
   */
  outcome: string;
  groups?: Names;
  attributes?: ScenarioAttributes;
}
/**
 * Synchronise. The step fails when the run ends otherwise, or has other failures, than is said here.
 */
export interface ScenarioSync {
  userids?: Names2;
  /**
   * Apply nothing.
   */
  dryRun: boolean;
  /**
   * Resume the last run.
   */
  resume: boolean;
  /**
   * Confirms losses that the guard stops: the exact number of users who lose access.
   */
  acceptLosses?: number;
  /**
   * Confirms gains that the guard stops: the exact number of users who gain such a group.
   */
  acceptGains?: number;
  /**
   * End the run once so many users were asked for.
   */
  interruptAfter?: number;
  ending?: Ending;
  failures?: ScenarioFailures;
}
/**
 * Kind of failure → users.
 */
export interface ScenarioFailures {
  [k: string]: Count;
}
/**
 * Log a user in. The step fails when the user gets in, or does not, otherwise than is said here.
 */
export interface ScenarioLogin {
  userid: string;
  succeeds: boolean;
}
/**
 * What must hold now. Counts are of the last run, and need one. What is not named is not compared.
 */
export interface ScenarioExpect {
  asked?: Count;
  answered?: Count;
  created?: Count;
  /**
   * Of those who are created, by migrateFrom.
   */
  migrated?: number;
  changed?: Count;
  disabled?: Count;
  enabled?: Count;
  gone?: Count;
  losing?: Count;
  emptied?: Names3;
  /**
   * Runs so far.
   */
  runs?: number;
  users?: ScenarioExpectedUsers;
  groups?: ScenarioExpectedGroups;
}
/**
 * User of the scenario's IAM → the user's access from every origin; null: the user does not exist. Every user must be named elsewhere in the scenario.
 */
export interface ScenarioExpectedUsers {
  [k: string]: null | ScenarioExpectedUser;
}
/**
 * What counts for a user.
 */
export interface ScenarioExpectedUser {
  groups?: Names4;
  attributes?: ScenarioAttributes1;
  permissions?: Names5;
  /**
   * Default: the user must be enabled.
   */
  disabled?: boolean;
}
/**
 * Attribute → its values.
 */
export interface ScenarioAttributes1 {
  [k: string]: Names;
}
/**
 * Group of the scenario's IAM → all enabled members; null: the group does not exist.
 */
export interface ScenarioExpectedGroups {
  [k: string]: null | Names;
}
