// Interface of the identity store: users, groups, attributes and permissions.

/** The IAM that is always there, in which people create users and groups by hand. */
export const builtInIam = 'bim';

/** The permissions that the platform brings. Custom ones come beside them. */
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

/** Who gave a membership or a value: the identity provider, the user info endpoint, or a person in the platform. */
export type Origin = 'identity-provider' | 'endpoint' | 'platform';

/** A user, named as the platform does: the user name is unique within one IAM only. */
export interface UserName {
  readonly iam: string;
  readonly userid: string;
}

export interface GroupName {
  readonly iam: string;
  readonly name: string;
}

/** What has attributes. */
export type Holder = { readonly user: UserName } | { readonly group: GroupName };

/** Attribute name → its values, both in the order of their code points. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** What people may write into a profile. */
export interface UserDetails {
  readonly phone?: string;
  readonly about?: string;
  readonly location?: string;
  readonly organization?: string;
  readonly position?: string;
}

/** A user's own record, without what groups and the IAM add. Times are ISO 8601 in UTC, `null`: never. */
export interface User extends UserName {
  /** Never another user's, also after a delete. */
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly details: UserDetails;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lastLogin: string | null;
  /** When the endpoint last returned user info for this user. */
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

/** One IAM. `settings` belong to simulator/sync/; they hold references to secrets, never a secret. */
export interface Iam {
  readonly id: string;
  readonly name: string;
  /** The platform's own word, e.g. "ldap", "okta", "saml"; "bim" for the built-in one. */
  readonly type: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** What each of its users may. */
  readonly defaultPermissions: readonly string[];
  /** Group of this IAM → what its members may. */
  readonly groupPermissions: Readonly<Record<string, readonly string[]>>;
}

/** A user's effective access: groups, attribute values and permissions, each with its origins. */
export interface EffectiveUser {
  readonly user: User;
  readonly groups: ReadonlyArray<GroupName & { readonly origins: readonly Origin[] }>;
  /** `group` is null for a value of the user's own, else the group that it is inherited from. */
  readonly values: ReadonlyArray<{
    readonly name: string;
    readonly value: string;
    /** The IAM that the attribute belongs to: the built-in one for what was given in the platform. */
    readonly iam: string;
    readonly origins: readonly Origin[];
    readonly group: GroupName | null;
  }>;
  /** `group` and `byDefault` say why; both empty: given to the user. */
  readonly permissions: ReadonlyArray<{
    readonly name: string;
    readonly group: string | null;
    readonly byDefault: boolean;
  }>;
}

/** Which users; all that is given must hold. Texts are parts, ignoring letter case. */
export interface UserFilter {
  readonly iam?: string;
  /** Users of this IAM are left out. */
  readonly excludedIam?: string;
  /** Part of the user name, the name or the e-mail address. */
  readonly search?: string;
  /** Users whom a person added to this group are left out. */
  readonly notAddedTo?: number;
  readonly name?: string;
  readonly email?: string;
  readonly userid?: string;
  /** Held by the user, a group of the user, or by default. */
  readonly permission?: string;
  /** Default false: disabled users are hidden. */
  readonly includeDisabled?: boolean;
  readonly sortBy?: 'userid' | 'name' | 'email' | 'createdAt' | 'lastLogin';
  readonly descending?: boolean;
  /** Default 25. */
  readonly limit?: number;
  readonly offset?: number;
}

export interface Page<Item> {
  readonly hits: readonly Item[];
  /** Of all that match, not of this page. */
  readonly count: number;
}

/** Who does it: a person's or a program's name, kept in the audit trail. */
export type Actor = string;

export interface Users {
  /** In lower case where the IAM normalizes user ids. In the built-in IAM the user name is the e-mail address. @throws {IdentityError} `taken`, `invalid`, `unknown`. */
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
  /** What is left out stays. */
  edit(
    user: UserName,
    change: { readonly name?: string; readonly email?: string | null; readonly details?: UserDetails },
    by: Actor,
  ): User;
  /** Does nothing when it is so already; so do the other changes here. */
  setDisabled(user: UserName, disabled: boolean, by: Actor): User;
  addPermission(user: UserName, permission: string, by: Actor): void;
  removePermission(user: UserName, permission: string, by: Actor): void;
  /**
   * Deletes for good; the audit trail stays. Both confirmations of the platform are asked for: that it was confirmed, and the
   * word "Delete" as it was typed. @throws {IdentityError} `unconfirmed`.
   */
  delete(user: UserName, confirmation: { readonly confirmed: boolean; readonly typed: string }, by: Actor): void;
  /**
   * Moves a user of the built-in IAM to another one, `typedUserid` being the user name there, which must match (letter case apart
   * where that IAM normalizes user ids). Is the user there already, that record stays and takes over what the
   * platform had given: permissions, groups and values. @throws {IdentityError} `refused` when they don't match.
   */
  migrate(userid: string, toIam: string, typedUserid: string, by: Actor): User;
  view(user: UserName): EffectiveUser;
}

/** A user in a group. */
export interface Member extends UserName {
  /** Of the user. */
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
  /** Without counting its members. @throws {IdentityError} `unknown`. */
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
  /** A group of the built-in IAM takes users of each IAM, others those of their own. @throws {IdentityError} `refused`. */
  addMember(group: GroupName, user: UserName, by: Actor): void;
  /** Of what the platform gave. @throws {IdentityError} `refused` when the IAM gives the membership. */
  removeMember(group: GroupName, user: UserName, by: Actor): void;
  members(group: GroupName): ReadonlyArray<UserName & { readonly origins: readonly Origin[] }>;
  /** Members by user name. `search`: a part of the user name, the name or the e-mail address. `limit` -1: all. */
  pageMembers(
    group: GroupName,
    filter: { readonly search?: string; readonly limit?: number; readonly offset?: number },
  ): Page<Member>;
  /** The member of this id; null: there is none. @throws {IdentityError} `unknown` for the group. */
  findMember(group: GroupName, userId: number): UserName | null;
}

export interface AttributeValues {
  add(holder: Holder, name: string, value: string, by: Actor): void;
  /** Of what the platform gave. @throws {IdentityError} `refused` when the IAM gives the value. */
  remove(holder: Holder, name: string, value: string, by: Actor): void;
  of(holder: Holder): Attributes;
  /** Returns attribute names, or the values of one attribute, of users and groups that contain this part, ignoring letter case. */
  suggest(filter: { readonly name?: string; readonly search: string; readonly limit: number }): readonly string[];
  /** Each value that somebody has; one that nobody has any longer is not there. */
  list(filter: { readonly iam?: string; readonly search?: string }): ReadonlyArray<{
    readonly iam: string;
    readonly name: string;
    readonly value: string;
    readonly users: number;
    readonly groups: number;
  }>;
}

export interface Permissions {
  /** The fixed ones, then custom ones by name. */
  list(): readonly string[];
  addCustom(name: string, by: Actor): void;
  /** @throws {IdentityError} `refused` for a fixed one, or one that somebody has. */
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
  /** Replaces all settings. Whoever calls has validated them. */
  setSettings(id: string, settings: Readonly<Record<string, unknown>>, by: Actor): Iam;
  /** Changes the display name. @throws {IdentityError} `invalid` for an empty one. */
  rename(id: string, name: string, by: Actor): Iam;
  /** What each of its users may (`group` null), or the members of one of its groups. Replaces what was. */
  setPermissions(id: string, group: string | null, permissions: readonly string[], by: Actor): Iam;
  /** @throws {IdentityError} `refused` for the built-in one, and for one that has users or groups. */
  delete(id: string, by: Actor): void;
}

/** One change. `before` and `after` hold what changed; null: was not, or is no longer, there. */
export interface AuditRecord {
  readonly id: number;
  readonly at: string;
  readonly by: Actor;
  readonly action: AuditAction;
  readonly kind: 'user' | 'group' | 'iam' | 'permission' | 'integrations';
  /** Empty for a target without an IAM. */
  readonly iam: string;
  /** The user name, or the name of the group, IAM or permission, as it was then. */
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What the trail tells of. */
export const auditActions = [
  // The platform's own words.
  'AttributeApplied',
  'AttributeRemoved',
  'GroupCreated',
  'GroupDeleted',
  'GroupMemberAdded',
  'GroupMemberRemoved',
  // Ours, for what its pages give no word.
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
  /** The newest first. */
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

/** What the platform offers as a download. What is in its file is documented nowhere: this shape is ours. */
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
 * The identities. Every call is synchronous, all or nothing, and written when it returns; every change has its audit record.
 * Names are compared exactly; they must not be empty, nor hold NUL or half a surrogate pair, which SQLite can't keep.
 */
export interface IdentityStore {
  readonly users: Users;
  readonly groups: Groups;
  readonly attributes: AttributeValues;
  readonly permissions: Permissions;
  readonly iams: Iams;
  readonly audit: AuditTrail;
  /** @param days a whole number from 1. */
  metrics(days: number): UserMetrics;
  /** Several changes as one. `work` must not be async. */
  transaction<Result>(work: () => Result): Result;
}
