// Interface of the identity store: users, groups, attributes and permissions.

/** The IAM that always exists, in which people create users and groups manually. */
export const builtInIam = 'bim';

/** The platform's own permissions. Custom permissions are added to them. */
export const fixedPermissions = [
  'APPLICATION_ADMIN',
  'USER_ADMIN',
  'AUDIT',
  'GOVERNANCE',
  'CREATE_DATA_SOURCE',
  'CREATE_DATA_SOURCE_IN_PROJECT',
  'CREATE_PROJECT',
  'CREATE_FILTER',
  'IMPERSONATE_USER',
] as const;

/** Origin of a membership or a value: the identity provider, the user info endpoint, or a person on the platform. */
export type Origin = 'identity-provider' | 'endpoint' | 'platform';

/** Identifies a user, as on the platform: the user name is unique only within one IAM. */
export interface UserName {
  readonly iam: string;
  readonly userid: string;
}

export interface GroupName {
  readonly iam: string;
  readonly name: string;
}

/** A user or a group: both can have attributes. */
export type Holder = { readonly user: UserName } | { readonly group: GroupName };

/** Map from attribute name to its values, both sorted by code point. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** Editable fields of a profile. */
export interface UserDetails {
  readonly phone?: string;
  readonly about?: string;
  readonly location?: string;
  readonly organization?: string;
  readonly position?: string;
}

/** A user's own record, without access granted through groups and the IAM. Times are ISO 8601 in UTC; `null` means never. */
export interface User extends UserName {
  /** Never reused for another user, not even after a deletion. */
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly details: UserDetails;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lastLogin: string | null;
  /** Start of the last applied run in which the endpoint returned user info for this user. */
  readonly lastExternalRefresh: string | null;
}

export interface Group extends GroupName {
  readonly id: number;
  readonly description: string | null;
  readonly email: string | null;
  readonly members: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One IAM. `settings` belong to simulator/sync/ and contain references to secrets, never secrets. */
export interface Iam {
  readonly id: string;
  readonly name: string;
  /** Type of the IAM in the platform's own terms, e.g. "ldap", "okta", "saml"; "bim" for the built-in IAM. */
  readonly type: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Permissions of all its users. */
  readonly defaultPermissions: readonly string[];
  /** Map from group of this IAM to the permissions of its members. */
  readonly groupPermissions: Readonly<Record<string, readonly string[]>>;
}

/** A user's effective access: groups, attribute values and permissions, each with its origins. */
export interface EffectiveUser {
  readonly user: User;
  readonly groups: ReadonlyArray<GroupName & { readonly origins: readonly Origin[] }>;
  /** `group` is null for the user's own values, otherwise the group from which the value is inherited. */
  readonly values: ReadonlyArray<{
    readonly name: string;
    readonly value: string;
    /** The IAM of the attribute: the built-in one for attributes assigned on the platform. */
    readonly iam: string;
    readonly origins: readonly Origin[];
    readonly group: GroupName | null;
  }>;
  /** `group` and `byDefault` are the origin; if both are empty, the permission was granted directly. */
  readonly permissions: ReadonlyArray<{
    readonly name: string;
    readonly group: string | null;
    readonly byDefault: boolean;
  }>;
}

/** Filter of users; all given conditions must be met. `search`, `name`, `email` and `userid` match any part of a value, ignoring letter case. */
export interface UserFilter {
  readonly iam?: string;
  /** Excludes users of this IAM. */
  readonly excludedIam?: string;
  /** Part of the user name, the name or the e-mail address. */
  readonly search?: string;
  /** Excludes users whom a person added to this group. */
  readonly notAddedTo?: number;
  readonly name?: string;
  readonly email?: string;
  readonly userid?: string;
  /** Permission granted to the user, to a group of the user, or by default. */
  readonly permission?: string;
  /** Default: false, so disabled users are hidden. */
  readonly includeDisabled?: boolean;
  readonly sortBy?: 'userid' | 'name' | 'email' | 'createdAt' | 'lastLogin';
  readonly descending?: boolean;
  /** Default 25. */
  readonly limit?: number;
  readonly offset?: number;
}

export interface Page<Item> {
  readonly hits: readonly Item[];
  /** Number of all matches, not only of this page. */
  readonly count: number;
}

/** Actor: the name of a person or a program, stored in the audit trail. */
export type Actor = string;

export interface Users {
  /**
   * Creates a user. The IAM may normalize the user id. In the built-in IAM, the id is the e-mail address. @throws {IdentityError} `taken`, `invalid`,
   * `unknown`; `refused` for another e-mail address in the built-in IAM.
   */
  create(
    user: {
      readonly iam?: string;
      readonly userid: string;
      readonly name: string;
      readonly email?: string;
      readonly permissions?: readonly string[];
    },
    by: Actor,
  ): User;
  find(user: UserName): User | null;
  /** @throws {IdentityError} `unknown`. */
  get(user: UserName): User;
  list(filter: UserFilter): Page<User>;
  /** Changes the given fields; omitted fields remain unchanged. */
  edit(
    user: UserName,
    change: { readonly name?: string; readonly email?: string | null; readonly details?: UserDetails },
    by: Actor,
  ): User;
  /** Disables or enables a user. Like the other changes here, it has no effect if the user is already in that state. */
  setDisabled(user: UserName, disabled: boolean, by: Actor): User;
  addPermission(user: UserName, permission: string, by: Actor): void;
  removePermission(user: UserName, permission: string, by: Actor): void;
  /**
   * Deletes permanently; the audit trail is kept. Requires both confirmations of the platform: the confirmation itself, and the typed word "Delete".
   * @throws {IdentityError} `unconfirmed`.
   */
  delete(user: UserName, confirmation: { readonly confirmed: boolean; readonly typed: string }, by: Actor): void;
  /**
   * Moves a user of the built-in IAM to another IAM. `typedUserid` is the user name in the other IAM. It must match the current user name, ignoring
   * letter case if the other IAM normalizes user ids. If the user already exists in the other IAM, that record is kept. It receives the permissions,
   * external ids, groups and values that were assigned on the platform. @throws {IdentityError} `unknown`, or `refused` if the names do not match or
   * the other IAM is the built-in one.
   */
  migrate(userid: string, toIam: string, typedUserid: string, by: Actor): User;
  view(user: UserName): EffectiveUser;
}

/** Membership of a user in a group. */
export interface Member extends UserName {
  /** Id of the user. */
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly disabled: boolean;
  readonly origins: readonly Origin[];
}

export interface Groups {
  create(
    group: { readonly iam?: string; readonly name: string; readonly description?: string; readonly email?: string },
    by: Actor,
  ): Group;
  find(group: GroupName): Group | null;
  /** @throws {IdentityError} `unknown`. */
  get(group: GroupName): Group;
  /** @throws {IdentityError} `unknown`. */
  getById(id: number): Group;
  /** Returns a group's id without counting its members. @throws {IdentityError} `unknown`. */
  idOf(group: GroupName): number;
  list(filter: {
    readonly iam?: string;
    readonly search?: string;
    readonly limit?: number;
    readonly offset?: number;
  }): Page<Group>;
  edit(
    group: GroupName,
    change: { readonly name?: string; readonly description?: string | null; readonly email?: string | null },
    by: Actor,
  ): Group;
  delete(group: GroupName, by: Actor): void;
  /**
   * Adds a user. Groups of the built-in IAM can contain users of every IAM; other groups can contain only users of their own IAM. @throws
   * {IdentityError} `refused`.
   */
  addMember(group: GroupName, user: UserName, by: Actor): void;
  /** Removes a membership assigned on the platform. @throws {IdentityError} `refused` if only the IAM assigned the membership. */
  removeMember(group: GroupName, user: UserName, by: Actor): void;
  members(group: GroupName): ReadonlyArray<UserName & { readonly origins: readonly Origin[] }>;
  /** Returns members, sorted by user name. `search`: part of the user name, the name or the e-mail address. `limit` -1: all. */
  pageMembers(
    group: GroupName,
    filter: { readonly search?: string; readonly limit?: number; readonly offset?: number },
  ): Page<Member>;
  /** Returns the member with this id; null: there is none. @throws {IdentityError} `unknown` for the group. */
  findMember(group: GroupName, userId: number): UserName | null;
}

export interface AttributeValues {
  add(holder: Holder, name: string, value: string, by: Actor): void;
  /** Removes a value assigned on the platform. @throws {IdentityError} `refused` if only the IAM assigned the value. */
  remove(holder: Holder, name: string, value: string, by: Actor): void;
  of(holder: Holder): Attributes;
  /**
   * Returns the attribute names, or the values of one attribute, that are assigned to users or groups and contain this text, ignoring letter case.
   */
  suggest(filter: { readonly name?: string; readonly search: string; readonly limit: number }): readonly string[];
  /** Returns each value that a user or group has. */
  list(filter: { readonly iam?: string; readonly search?: string }): ReadonlyArray<{
    readonly iam: string;
    readonly name: string;
    readonly value: string;
    readonly users: number;
    readonly groups: number;
  }>;
}

export interface Permissions {
  /** Returns the platform's own permissions, followed by the custom permissions by name. */
  list(): readonly string[];
  addCustom(name: string, by: Actor): void;
  /** @throws {IdentityError} `refused` for the platform's own permissions, and for a permission that is in use. */
  removeCustom(name: string, by: Actor): void;
}

export interface Iams {
  create(
    iam: {
      readonly id: string;
      readonly name: string;
      readonly type: string;
      readonly settings?: Readonly<Record<string, unknown>>;
    },
    by: Actor,
  ): Iam;
  find(id: string): Iam | null;
  /** @throws {IdentityError} `unknown`. */
  get(id: string): Iam;
  list(): readonly Iam[];
  /** Replaces all settings. The caller has validated the settings. */
  setSettings(id: string, settings: Readonly<Record<string, unknown>>, by: Actor): Iam;
  /** Changes the display name. @throws {IdentityError} `invalid` for an empty name. */
  rename(id: string, name: string, by: Actor): Iam;
  /** Sets the permissions of all users of the IAM (`group` null), or of the members of one of its groups. Replaces the previous permissions. */
  setPermissions(id: string, group: string | null, permissions: readonly string[], by: Actor): Iam;
  /** @throws {IdentityError} `refused` for the built-in IAM, and for an IAM with users or groups. */
  delete(id: string, by: Actor): void;
}

/** One change. `before` and `after` contain the changed value; null: the value did not exist before, or no longer exists. */
export interface AuditRecord {
  readonly id: number;
  readonly at: string;
  readonly by: Actor;
  readonly action: AuditAction;
  readonly kind: 'user' | 'group' | 'iam' | 'permission' | 'integrations';
  /** Id of the target's IAM; empty for a target without an IAM. */
  readonly iam: string;
  /** The user name, the name of the group or permission, or the id of the IAM, at the time of the change. "integrations" for the integrations. */
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

export const auditActions = [
  // The platform's own terms.
  'AttributeApplied',
  'AttributeRemoved',
  'GroupCreated',
  'GroupDeleted',
  'GroupMemberAdded',
  'GroupMemberRemoved',
  // Terms of this project, used where the platform's pages define none.
  'ApiKeyCreated',
  'ApiKeyDeleted',
  'ExternalIdChanged',
  'GroupChanged',
  'IamChanged',
  'IamCreated',
  'IamDeleted',
  'IntegrationsChanged',
  'PermissionCreated',
  'PermissionDeleted',
  'PermissionGiven',
  'PermissionTaken',
  'UserChanged',
  'UserCreated',
  'UserDeleted',
  'UserDisabled',
  'UserEnabled',
  'UserMigrated',
  'UserSynchronised',
] as const;

export type AuditAction = (typeof auditActions)[number];

export interface AuditTrail {
  /** Returns the records, newest first. */
  list(filter: {
    readonly kind?: AuditRecord['kind'];
    readonly iam?: string;
    readonly target?: string;
    readonly by?: Actor;
    readonly action?: AuditAction;
    readonly limit?: number;
    readonly offset?: number;
  }): Page<AuditRecord>;
}

/** The download that the platform offers. The content of the platform's file is undocumented, so this form is our own. */
export interface UserMetrics {
  readonly generatedAt: string;
  readonly days: number;
  readonly from: string;
  readonly users: { readonly total: number; readonly enabled: number; readonly disabled: number };
  readonly byIam: Readonly<Record<string, number>>;
  /** Within the days. */
  readonly created: number;
  readonly deleted: number;
  readonly loggedIn: number;
  readonly changes: Readonly<Record<string, number>>;
}

/**
 * The identities. Every call is synchronous and atomic, and its changes are stored when it returns. Every change has an audit record. Names are
 * compared exactly. Names must not be empty, and must not contain NUL or an unpaired surrogate, which SQLite cannot store.
 */
export interface IdentityStore {
  readonly users: Users;
  readonly groups: Groups;
  readonly attributes: AttributeValues;
  readonly permissions: Permissions;
  readonly iams: Iams;
  readonly audit: AuditTrail;
  /** @param days a whole number from 1 to 36,500. @throws {IdentityError} `invalid` for another number. */
  metrics(days: number): UserMetrics;
  /** Combines several changes into one transaction. `work` must not be async. */
  transaction<Result>(work: () => Result): Result;
}
