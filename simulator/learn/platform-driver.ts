// The interface through which the experiments use a platform: through its REST API or an operator.
import type { Question } from './questions.ts';

/** What the platform shows about a user. Group names and attributes are spelled as stored. */
export interface ObservedUser {
  readonly isDisabled: boolean;
  readonly groups: readonly string[];
  readonly authorizations: Readonly<Record<string, readonly string[]>>;
}

/** How many tries of an experiment must agree. */
export interface Agreement {
  /** When none disagrees. */
  readonly unanimous: number;
  /** When one disagrees. */
  readonly againstOne: number;
  /** Maximum number of tries that do not count; one more ends the experiment. */
  readonly maxVoidTries: number;
}

/** One step of a try, for a driver that cannot read everything from the platform. */
export interface StepPlan {
  readonly experiment: string;
  /** From 1. */
  readonly step: number;
  /** Number of steps. */
  readonly of: number;
  /** What the operator has to do in the platform. */
  readonly action: string;
  /** Event at the endpoint that shows that the platform acted. */
  readonly expects: 'request' | 'connection';
  /** Questions to answer after the step, in this order. */
  readonly questions: readonly Question[];
}

export interface PlatformDriver {
  /** How the facts shown by the platform are determined. */
  readonly source: 'read-by-api' | 'answered';
  readonly agreement: Agreement;
  /**
   * Synchronizes one user. Returns the HTTP status of the platform's response, or 200. Null: the response was lost, and the sync may have run.
   * @throws {PlatformError} if the platform cannot be reached. @throws {Unanswered} @throws {Stopped}
   */
  sync(userid: string, plan: StepPlan): Promise<number | null>;
  /**
   * Returns at least the data that the questions concern. Null: the platform has no such user.
   * @throws {PlatformError} @throws {Unanswered} @throws {Stopped}
   */
  readUser(userid: string, plan: StepPlan): Promise<ObservedUser | null>;
  /** Returns whether any test user is disabled, including users that `readUser` did not return. @throws {Unanswered} @throws {Stopped} */
  showsDisabledUsers(): Promise<boolean>;
  /** Returns whether there is a proxy or load balancer in front of the endpoint, as `signs` suggest. Null: unknown. @throws {Stopped} */
  askIntermediary(signs: readonly string[]): Promise<boolean | null>;
  /** Returns the number of users of the IAM whose names lack the prefix. @throws {PlatformError} @throws {Stopped} */
  countOtherUsers(prefix: string): Promise<number>;
}

/** The platform cannot be reached, or responded in a way that the experiments cannot use. The message names no user. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
}

/** An experiment ends without a result, because it is unknown what the platform shows, or because the operator skips the experiment. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** The operator reports that an earlier answer was wrong: its try does not count and is repeated. */
export class Correction extends Error {
  override readonly name = 'Correction';
  /** The experiment of the answer. */
  readonly experiment: string;
  /** Whether the answer belongs to the current try, the previous try of the same experiment, or a different experiment. */
  readonly of: 'this try' | 'the last try' | 'another experiment';

  constructor(experiment: string, of: Correction['of']) {
    super('The operator corrects an earlier answer.');
    this.experiment = experiment;
    this.of = of;
  }
}

/** The operator stops the run. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  /** Whether it was Ctrl-C. */
  readonly isInterrupted: boolean;

  constructor(isInterrupted: boolean) {
    super('The operator stopped the run.');
    this.isInterrupted = isInterrupted;
  }
}
