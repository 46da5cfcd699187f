// Made by `npm run generate:types` from schemas/platform-profile.schema.json. Do not edit.

/**
 * What `user-info learn` found out about a platform. Contains no addresses, no user names and no secrets.
 */
export interface PlatformProfile {
  /**
   * Version of this format.
   */
  schemaVersion: 1;
  /**
   * Day of the experiments, in UTC.
   */
  date: string;
  /**
   * Version of user-info-kit.
   */
  kit: string;
  /**
   * Name and version of the platform, as the operator gives them.
   */
  platform: string;
  facts: Facts;
  repeats?: Repeats;
  responses?: Responses;
  run?: LearnRun;
  connection: ConnectionFacts;
  disturbances: Disturbances;
}
/**
 * Each assumption of the simulator, by the name that it has under `guesses` of the IAM settings.
 */
export interface Facts {
  [k: string]: Fact;
}
/**
 * One assumption, and how it was determined.
 */
export interface Fact {
  /**
   * measured: at the endpoint. read-by-api: from the platform's REST API. answered: by the operator. no: not determined.
   */
  determined: 'measured' | 'read-by-api' | 'answered' | 'no';
  /**
   * Absent when the fact is not determined.
   */
  value?: string | number | boolean;
  interval?: Interval;
  /**
   * Day on which the fact was determined, in UTC. Default: `date` of the profile.
   */
  date?: string;
  /**
   * Last day on which the fact is considered valid, in UTC. Default: 180 days after `date`. A fact that has expired is still used, with a warning, and is reported as expired.
   */
  validUntil?: string;
  /**
   * Why the fact is not determined.
   */
  reason?: string;
  /**
   * The experiments behind the fact, in the order in which they ran.
   */
  evidence?: Evidence[];
  /**
   * An intermediary was detected between the platform and the endpoint. The value may describe the intermediary instead of the platform.
   */
  throughIntermediary?: true;
}
/**
 * Bounds of a measured time, in ms.
 */
export interface Interval {
  low: number;
  high: number;
}
export interface Evidence {
  /**
   * Name of the experiment.
   */
  experiment: string;
  /**
   * Tries that counted.
   */
  tries: number;
  /**
   * Tries with the stated result.
   */
  agreeing: number;
  /**
   * When the experiment ended, in UTC.
   */
  at: string;
  /**
   * Digests of the requests, without credentials, user names and addresses: the same for all requests of one client.
   */
  clients: string[];
  /**
   * The requests of each sync of a test user, in order. At most 100 syncs. Absent: not recorded.
   */
  timeline?: TimedRequest[][];
}
/**
 * A request. Times are in ms since the first request of the sync began.
 */
export interface TimedRequest {
  from: number;
  /**
   * When the response was complete or the connection closed. Absent: neither happened during the sync.
   */
  to?: number;
  /**
   * The connection was closed before the response was complete.
   */
  isIncomplete?: true;
  /**
   * The request had no credentials; the endpoint responded with a challenge.
   */
  isWithoutCredentials?: true;
  /**
   * The request followed a redirect.
   */
  isRedirected?: true;
}
/**
 * How often the platform repeats a request after each kind of failure. `facts.retries` covers 503 and 429. After a closed connection, an HTTP client may repeat a request by itself.
 */
export interface Repeats {
  status503?: Fact;
  status429?: Fact;
  closed?: Fact;
  reset?: Fact;
  timeout?: Fact;
  observed?: Fact;
  observedPauseMs?: Fact;
}
/**
 * What an unusual response does to a user that has a group and a value. accepted: its new data appeared. kept: what the user had is unchanged, and nothing new appeared. removed: what the user had is gone, and nothing new took its place. disabled: the user is disabled. A property is absent when its experiment did not run.
 */
export interface Responses {
  status201?: Fact;
  status206?: Fact;
  gzip?: Fact;
  byteOrderMark?: Fact;
  trailingCommas?: Fact;
  duplicateGroups?: Fact;
  duplicateValues?: Fact;
  groupNames?: Fact;
  singleValue?: Fact;
  missingGroups?: Fact;
  nullGroups?: Fact;
  missingAuthorizations?: Fact;
  nullAuthorizations?: Fact;
  emptyAnswer?: Fact;
  emptyBody?: Fact;
  status204?: Fact;
  halfBody?: Fact;
  manyGroups?: Fact;
  retryAfter?: Fact;
}
/**
 * The order of the experiments, and what `learn --resume` needs.
 */
export interface LearnRun {
  /**
   * Seed of the order.
   */
  seed: number;
  /**
   * Names of the experiments, in the order in which they run.
   */
  order: string[];
  /**
   * How the last run read what the platform shows.
   */
  driver: 'read-by-api' | 'answered';
  /**
   * Number of test users, counted from the beginning of the list, that have been used or skipped.
   */
  usedUsers: number;
  /**
   * Whether the group of the identity provider was observed for any test user.
   */
  hasSeenProvided: boolean;
  /**
   * Results of the experiments that are decided.
   */
  results: ExperimentResult[];
  lockOut?: LockOutFound;
  control?: Control;
}
export interface ExperimentResult {
  experiment: string;
  /**
   * Value of each assumption, or of the property of `responses`. Null: the experiment does not show it on this platform. `unexpected`: no known value describes it.
   */
  readings: {
    [k: string]: string | boolean | null;
  };
}
/**
 * The last sign of a lockout, which stopped the run until it was resumed. Absent: there was none.
 */
export interface LockOutFound {
  /**
   * no-request: no request arrived for a user that was synchronized before. control-user: a user that received only valid responses lost access. test-user: a user was disabled in an experiment that should not remove access.
   */
  sign: 'no-request' | 'control-user' | 'test-user';
  /**
   * Name of the experiment.
   */
  after: string;
}
/**
 * The repetition of the first experiment at the end.
 */
export interface Control {
  experiment: string;
  /**
   * different: the platform changed its behavior during the run, and no fact is stated. unknown: the tries were inconclusive.
   */
  outcome: 'same' | 'different' | 'unknown';
}
/**
 * How the platform sends its requests, as the endpoint saw them. A fact is absent if the profile is from an older version.
 */
export interface ConnectionFacts {
  httpVersions?: ConnectionFact;
  tlsVersions?: ConnectionFact;
  tlsVersionsOffered?: ConnectionFact;
  ciphers?: ConnectionFact;
  ciphersOffered?: ConnectionFact;
  alpnOffered?: ConnectionFact;
  sendsServerName?: ConnectionFact;
  clientCertificates?: ConnectionFact;
  headers?: ConnectionFact;
  reusesConnections?: ConnectionFact;
  atSignAs?: ConnectionFact;
  plusSignAs?: ConnectionFact;
  nonAsciiAs?: ConnectionFact;
  escapeCase?: ConnectionFact;
  maxConcurrent?: ConnectionFact;
  order?: ConnectionFact;
  betweenRequestsMs?: ConnectionFact;
  peerAddresses?: ConnectionFact;
  forwardingHeaders?: ConnectionFact;
  intermediary?: ConnectionFact;
}
/**
 * One property of the requests, and how it was determined.
 */
export interface ConnectionFact {
  /**
   * measured: at the endpoint. answered: by the operator. no: not determined.
   */
  determined: 'measured' | 'answered' | 'no';
  /**
   * Absent when the fact is not determined.
   */
  value?: string[] | string | number | boolean;
  interval?: Interval;
  /**
   * Why the fact is not determined.
   */
  reason?: string;
  /**
   * Requests or observations that show the value.
   */
  evidence?: Evidence[];
  /**
   * An intermediary was detected between the platform and the endpoint. The value may describe the intermediary instead of the platform.
   */
  throughIntermediary?: true;
}
/**
 * What happened apart from the experiments. Counts only.
 */
export interface Disturbances {
  /**
   * Tries that did not count.
   */
  voidTries: number;
  /**
   * Requests for users without the prefix. The response was a 404.
   */
  otherUsers: number;
  /**
   * Requests for test users outside their experiment. They got 503 in a run with the REST API, and 200 with the group learn-idle in any other run.
   */
  unexpected: number;
  /**
   * Requests with wrong credentials. The response was a 401.
   */
  rejectedCredentials: number;
}
