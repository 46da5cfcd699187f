// A user's names on the data platforms: from the IAM's profile schema, set manually, or the user name.
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { RecordChange } from '../identities/audit-trail.ts';
import { IdentityError } from '../identities/identity-error.ts';
import type { UserName, Users } from '../identities/identity-store.ts';
import { assertExternalId, isIdentityCenterId } from './aws-names.ts';
import { type AwsUserType, type DataPlatformId, dataPlatformIds, dataPlatforms } from './data-platforms.ts';

/** Why the account of a user is uncertain. */
export type ExternalIdGap =
  /** The profile schema maps an attribute that the user does not have: the user name is used. */
  | 'attribute-missing'
  /** The attribute has several values: the user has no account. */
  | 'several-values'
  /** The value is not a valid user id of IAM Identity Center, e.g. an e-mail address: the user has no account. */
  | 'no-identity-center-id';

export interface ExternalId {
  readonly platform: DataPlatformId;
  /** Name of the account; null: none. */
  readonly id: string | null;
  /** `none`: a person specified that there is no account. */
  readonly source: 'profile-schema' | 'by-hand' | 'user-name' | 'none';
  /** Null on platforms other than AWS, and if the user name is used. */
  readonly awsType: AwsUserType | null;
  /** The mapped attribute of the profile schema; a mapped id cannot be edited. */
  readonly attribute: string | null;
  readonly gap: ExternalIdGap | null;
}

/** A choice that a person makes. */
export type ExternalIdChoice =
  | { readonly kind: 'mapped'; readonly id: string; readonly awsType: AwsUserType | null }
  | { readonly kind: 'none' }
  /** The user name is used. */
  | { readonly kind: 'unset' };

export interface ExternalIds {
  /** Returns the names on all data platforms. @throws {IdentityError} `unknown`. */
  of(user: UserName): readonly ExternalId[];
  /** @throws {IdentityError} `unknown`. */
  get(user: UserName, platform: DataPlatformId): ExternalId;
  /**
   * Sets a name manually. @throws {IdentityError} `unknown` for the user; `invalid` for an invalid name. `refused` if the profile schema maps the
   * name, for "none" on AWS, and for an IAM role of another user.
   */
  set(user: UserName, platform: DataPlatformId, choice: ExternalIdChoice, by: string): ExternalId;
  /** Yields the users in the order of their creation, disabled ones only with `includeDisabled`. */
  each(
    platform: DataPlatformId,
    includeDisabled: boolean,
  ): Generator<{ readonly user: UserName; readonly external: ExternalId }>;
}

interface ExternalIdRow {
  readonly user_id: number;
  readonly iam: string;
  readonly userid: string;
  readonly attribute: string | null;
  readonly schema_type: string | null;
  readonly given: string;
  readonly kind: 'mapped' | 'none' | null;
  readonly external_id: string | null;
  readonly aws_type: AwsUserType | null;
}

const pageSize = 1000;

/** ?1: the platform, ?2: the path of its attribute in the settings. */
const select = `SELECT u.id AS user_id, u.iam, u.userid, i.settings ->> ?2 AS attribute,
    i.settings ->> '$.profileSchema.awsUserType' AS schema_type,
    (SELECT json_group_array(v.value) FROM user_values v WHERE v.user_id = u.id
     AND v.origin = 'identity-provider' AND v.name = i.settings ->> ?2) AS given,
    e.kind, e.external_id, e.aws_type
  FROM users u JOIN iams i ON i.id = u.iam
  LEFT JOIN external_ids e ON e.user_id = u.id AND e.platform = ?1`;

const pathOf = (platform: DataPlatformId) => `$.profileSchema.${dataPlatforms[platform].key}`;

export function createExternalIds(db: SimulatorDatabase, users: Users, record: RecordChange): ExternalIds {
  function get(user: UserName, platform: DataPlatformId): ExternalId {
    const { id } = users.get(user);
    const row = db.find<ExternalIdRow>(`${select} WHERE u.id = ?3`, [platform, pathOf(platform), id]);
    if (row === null) throw new Error('the IAM of a user does not exist');
    return toExternalId(platform, row);
  }

  function* each(platform: DataPlatformId, includeDisabled: boolean) {
    for (let after = 0; ; ) {
      const page = db.all<ExternalIdRow>(
        `${select} WHERE u.id > ?3 AND (?4 = 1 OR u.disabled = 0) ORDER BY u.id LIMIT ${pageSize}`,
        [platform, pathOf(platform), after, includeDisabled ? 1 : 0],
      );
      for (const row of page) {
        yield { user: { iam: row.iam, userid: row.userid }, external: toExternalId(platform, row) };
      }
      const last = page.at(-1);
      if (!last) return;
      after = last.user_id;
    }
  }

  /** Verifies that no other user has a role. Disabled users count too, because they would regain their role when enabled. */
  function assertRoleIsFree(user: UserName, role: string): void {
    for (const other of each('aws', true)) {
      const { iam, userid } = other.user;
      if (other.external.awsType !== 'iam-role' || other.external.id !== role) continue;
      if (iam === user.iam && userid === user.userid) continue;
      throw new IdentityError(
        'refused',
        `${userid} of ${iam} already has the IAM role ${role}. A role can be assigned to only one user. Create a user that represents the role.`,
      );
    }
  }

  return {
    get,
    each,
    of: (user) => dataPlatformIds.map((platform) => get(user, platform)),
    set(user, platform, choice, by) {
      return db.transaction(() => {
        const { id: userId } = users.get(user);
        const before = get(user, platform);
        assertMayBeSet(before, user, platform);
        if (choice.kind === 'none' && !dataPlatforms[platform].hasNone) {
          throw new IdentityError(
            'refused',
            'On AWS, "no account" is not available. Unset the name, so that the user name is used.',
          );
        }
        if (choice.kind === 'mapped') {
          assertExternalId(platform, choice.id, choice.awsType);
          if (choice.awsType === 'iam-role') assertRoleIsFree(user, choice.id);
        }
        db.run('DELETE FROM external_ids WHERE user_id = ? AND platform = ?', [userId, platform]);
        if (choice.kind !== 'unset') {
          const [id, type] = choice.kind === 'mapped' ? [choice.id, choice.awsType] : [null, null];
          db.run('INSERT INTO external_ids (user_id, platform, kind, external_id, aws_type) VALUES (?, ?, ?, ?, ?)', [
            ...[userId, platform, choice.kind, id, type],
          ]);
        }
        const after = get(user, platform);
        if (JSON.stringify(before) !== JSON.stringify(after)) {
          record(by, 'ExternalIdChanged', { kind: 'user', iam: user.iam, target: user.userid }, before, after);
        }
        return after;
      });
    },
  };
}

function assertMayBeSet({ attribute }: ExternalId, user: UserName, platform: DataPlatformId): void {
  if (attribute === null) return;
  throw new IdentityError(
    'refused',
    `The profile schema of ${user.iam} maps the attribute ${attribute} to the user's ${dataPlatforms[platform].name} user name: change it in the identity provider.`,
  );
}

function toExternalId(platform: DataPlatformId, row: ExternalIdRow): ExternalId {
  const { attribute, userid } = row;
  const userName = { platform, id: userid, source: 'user-name', awsType: null, attribute, gap: null } as const;
  if (attribute !== null) return { ...userName, ...readMapped(platform, row) };
  if (row.kind === 'none') return { ...userName, id: null, source: 'none' };
  if (row.kind === 'mapped') return { ...userName, id: row.external_id, source: 'by-hand', awsType: row.aws_type };
  return userName;
}

function readMapped(platform: DataPlatformId, row: ExternalIdRow): Partial<ExternalId> {
  const awsType = platform === 'aws' ? (row.schema_type ?? 'none') : null;
  // "None (fallback to the user name)": the attribute is ignored.
  if (awsType === 'none') return {};
  const [id, another] = JSON.parse(row.given) as string[];
  if (id === undefined) return { gap: 'attribute-missing' };
  const mapped = { source: 'profile-schema', awsType: awsType as AwsUserType | null } as const;
  if (another !== undefined) return { ...mapped, id: null, gap: 'several-values' };
  if (awsType === 'identity-center' && !isIdentityCenterId(id)) {
    return { ...mapped, id: null, gap: 'no-identity-center-id' };
  }
  return { ...mapped, id };
}
