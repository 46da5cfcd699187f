// Made by `npm run generate:types` from schemas/expected-user.schema.json. Do not edit.

/**
 * Expected access of one user after a run, for `user-info simulate sync --expect FILE`. The file maps each user name to one such object.
 */
export interface ExpectedUser {
  /**
   * All groups of the user.
   */
  groups: ExpectedGroup[];
  /**
   * All attributes of the user, with their values.
   */
  authorizations: {
    [k: string]: string[];
  };
  /**
   * Whether access that was kept from an earlier run is sufficient. Default: the endpoint must have returned user info for the user in this run.
   */
  allowKept?: boolean;
}
export interface ExpectedGroup {
  /**
   * Name of the group, compared exactly.
   */
  name: string;
  /**
   * Id of the IAM of the group, if it is not the synchronized IAM, e.g. bim for a built-in group. Default: the synchronized IAM.
   */
  iam?: string;
}
