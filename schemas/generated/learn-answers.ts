// Made by `npm run generate:types` from schemas/learn-answers.schema.json. Do not edit.

/**
 * What a platform without a REST API shows about the test user, for `user-info learn --answers FILE`.
 */
export interface LearnAnswers {
  /**
   * Whether the trial IAM contains test users only. Otherwise, no experiment runs.
   */
  testUsersOnly: boolean;
  /**
   * Whether a proxy or load balancer is in front of the endpoint. `--intermediary` takes precedence. Default: not known.
   */
  intermediary?: boolean;
  experiments?: AnsweredExperiments;
}
/**
 * By experiment: what the platform shows after each step. If an experiment has no entry, its result is not determined.
 */
export interface AnsweredExperiments {
  [k: string]: ShownUser[];
}
/**
 * State of the test user after a step.
 */
export interface ShownUser {
  /**
   * State of the user. Default: enabled.
   */
  user?: 'enabled' | 'disabled' | 'missing';
  /**
   * Groups of the user, as the platform spells them.
   */
  groups?: string[];
  /**
   * Attributes of the user with their values, as the platform spells them.
   */
  attributes?: {
    [k: string]: string[];
  };
}
