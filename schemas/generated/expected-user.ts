// Made by `npm run generate:types` from schemas/expected-user.schema.json. Do not edit.

/**
 * What `user-info simulate sync --expect FILE` expects of one user after the run. The file maps user names to it.
 */
export interface ExpectedUser {
  /**
   * All groups of the user.
   */
  groups: ExpectedGroup[];
  /**
   * All attributes of the user with their values.
   */
  authorizations: {
    [k: string]: string[];
  };
  /**
   * Whether access that was kept from an earlier run is enough. Default: the endpoint must have answered for the user in this run.
   */
  allowKept?: boolean;
}
export interface ExpectedGroup {
  /**
   * The group's name, compared exactly.
   */
  name: string;
  /**
   * The IAM of the group, when it is not the one that is synchronised, e.g. bim for a built-in group.
   */
  iam?: string;
}
