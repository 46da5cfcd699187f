// Made by `npm run generate:types` from schemas/learn-experiments.schema.json. Do not edit.

/**
 * What the operator does in the platform in each step; `{user}` is the test user. With the REST API, the command triggers a sync instead. The action must lead to requests for this user.
 */
export type Action = string;
/**
 * Permanent name, for `--experiment` and in profiles.
 */
export type Id = string;
/**
 * What the experiment finds out about the platform.
 */
export type Question = string;
/**
 * What the test user may lose: nothing, values, or all access. More harmful experiments run later.
 */
export type Harm = 'none' | 'values' | 'access';
/**
 * Groups, or values as "attribute=value". Names are compared without regard to letter case.
 *
 * @minItems 1
 */
export type Names = [string, ...string[]];
/**
 * Name of a setting under `guesses` of an IAM.
 */
export type Assumption =
  | 'timeoutMs'
  | 'retries'
  | 'retryDelayMs'
  | 'followRedirects'
  | 'verifyServerCertificate'
  | 'basicWithoutChallenge'
  | 'spaceAs'
  | 'maxBodyBytes'
  | 'bodyProfile'
  | 'contentType'
  | 'mergeRule'
  | 'removalRule'
  | 'groupCase'
  | 'attributeCase'
  | 'onNotFound'
  | 'onFailure'
  | 'scheduleTimeZone'
  | 'missedRuns'
  | 'disableGoneUsers'
  | 'enableReturnedUsers';

/**
 * The experiments of `user-info learn`: what the endpoint sends for a test user, and which value of an assumption follows from the observations.
 */
export interface LearnExperiments {
  action: Action;
  /**
   * Experiments with one of several outcomes.
   */
  experiments: Experiment[];
  /**
   * Experiments that count or measure, or choose a response depending on earlier observations: their code is in simulator/learn/.
   */
  measurements: Measurement[];
  /**
   * Experiments with one unusual response each. The fact is a property of `responses` in the profile, named after the id in camel case.
   */
  variants: Variant[];
}
/**
 * The steps are repeated, each time with a different test user, until the results agree.
 */
export interface Experiment {
  id: Id;
  question: Question;
  harm: Harm;
  /**
   * plain: any test user. new: a user that the platform has not synchronized before. spaced: a user with a space in the name.
   */
  users: 'plain' | 'new' | 'spaced';
  /**
   * Each step is one sync of the test user.
   */
  steps: ExperimentStep[];
  /**
   * Observations that every try must contain; a try without them does not count. Default: none.
   */
  requires?: Sight[];
  /**
   * The assumptions that the experiment determines.
   */
  reads: ExperimentRead[];
}
export interface ExperimentStep {
  respond: ScriptedResponse;
  hop?: ScriptedResponse;
  thenRespond?: ScriptedResponse;
  /**
   * The endpoint presents a certificate that the platform must not accept.
   */
  presentsUntrusted?: boolean;
  /**
   * Whether the platform may abort a response or, with `presentsUntrusted`, connect without a request. Default: such a try does not count.
   */
  mayFail?: boolean;
  action?: Action;
}
/**
 * Response of the endpoint. Without `status`, a 200 with valid user info.
 */
export interface ScriptedResponse {
  status?: number;
  /**
   * Default: none.
   */
  groups?: string[];
  /**
   * Default: none.
   */
  authorizations?: {
    [k: string]: string[];
  };
  /**
   * Where a key that is not part of the contract is added.
   */
  extraKey?: 'top' | 'group';
  /**
   * Default: application/json.
   */
  contentType?: string;
  /**
   * Size of the whole body in bytes; the JSON is padded with spaces.
   */
  paddedTo?: number;
  /**
   * Sent unchanged, instead of user info.
   */
  body?: string;
  /**
   * Compresses the body.
   */
  contentEncoding?: 'gzip';
  /**
   * Number of numbered groups after `groups`. Default: 0.
   */
  moreGroups?: number;
  /**
   * Closes the connection after half of the body; `Content-Length` states the full length.
   */
  cutsBody?: boolean;
  /**
   * Value of the header Retry-After. In a variant, repeated requests get valid user info. Default: no header.
   */
  retryAfterSeconds?: number;
  /**
   * Redirects to the same path of the same server, where `hop` responds.
   */
  redirects?: boolean;
  /**
   * Time before the response, in ms. Default: 0.
   */
  delayMs?: number;
  /**
   * Closes the connection without a response.
   */
  closes?: boolean;
  /**
   * Resets the connection without a response.
   */
  resets?: boolean;
}
/**
 * Observation after a step: `user` to `lacksValues` are observed in the platform, and the others at the endpoint. All given conditions must hold.
 */
export interface Sight {
  /**
   * Index of the step, starting at 0.
   */
  step: number;
  user?: 'enabled' | 'disabled' | 'missing' | 'exists';
  has?: Names;
  lacks?: Names;
  /**
   * Group whose name has exactly this letter case.
   */
  hasExactly?: string;
  /**
   * Attribute whose name has exactly this letter case.
   */
  hasAttributeExactly?: string;
  hasValues?: Names;
  lacksValues?: Names;
  /**
   * Whether a request for the target of the redirect arrived.
   */
  isRedirectFollowed?: boolean;
  /**
   * How a space in the user name is encoded.
   */
  spaceAs?: '%20' | '+';
  /**
   * Whether a request with credentials arrived.
   */
  isRequested?: boolean;
  /**
   * Whether a second request with credentials arrived.
   */
  isRepeated?: boolean;
  /**
   * Shortest time from the end of the first response to the second request, in ms.
   */
  repeatedAfterMs?: number;
}
export interface ExperimentRead {
  assumption: Assumption;
  /**
   * measured: at the endpoint alone. shown: by the platform, so an operator has to report it.
   */
  source: 'measured' | 'shown';
  /**
   * The first outcome whose conditions hold counts.
   */
  outcomes: Outcome[];
  /**
   * Why an outcome has the value null.
   */
  reasonForNull?: string;
}
export interface Outcome {
  /**
   * Value of the assumption. Null: the experiment does not determine it on this platform.
   */
  value: string | boolean | null;
  when: Sight[];
}
export interface Measurement {
  id: Id;
  question: Question;
  harm: Harm;
  /**
   * The code: an entry of simulator/learn/measurements.ts.
   */
  measuredBy: 'time-limit' | 'repeats' | 'body-limit';
  /**
   * The assumptions that the measurement determines. The measurement is complete when the first assumption is determined.
   */
  determines: Assumption[];
}
export interface Variant {
  id: Id;
  question: Question;
  harm: Harm;
  /**
   * Whether the fact is about the groups or the values that the test user has. Default: groups.
   */
  about?: 'groups' | 'values';
  /**
   * Where the response contains new data: the group learn-second, or the value two of the attribute learnkept. Default: groups.
   */
  sends?: 'groups' | 'values' | 'nothing';
  respond: ScriptedResponse;
  /**
   * Whether the platform may abort the response. Default: such a try does not count.
   */
  mayFail?: boolean;
}
