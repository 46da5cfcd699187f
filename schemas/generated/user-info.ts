// Made by `npm run generate:types` from schemas/user-info.schema.json. Do not edit.

export type AuthorizationValue = string;

/**
 * The body of a 200 response, strict profile: exactly the groups and the authorizations of one user, and nothing else. For a known user who has neither, the body is {"groups":[],"authorizations":{}}.
 */
export interface UserInfo {
  /**
   * Every group of the user; the order has no meaning.
   */
  groups: Group[];
  /**
   * Map from attribute name to its values. An attribute without a value is left out or has an empty list.
   */
  authorizations: {
    [k: string]: AuthorizationValue[];
  };
}
export interface Group {
  /**
   * The group's name, compared exactly.
   */
  name: string;
}
