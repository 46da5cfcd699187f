// API keys, stored as digests only, and the tokens that replace them for an hour.
import { createHash, randomBytes } from 'node:crypto';
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { RecordChange } from '../identities/audit-trail.ts';
import { assertName, IdentityError } from '../identities/identity-error.ts';
import type { UserName, Users } from '../identities/identity-store.ts';

export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly createdAt: string;
}

export interface ApiKeys {
  /** @returns the key, which cannot be read again. @throws {IdentityError} `unknown` for the user, `taken` or `invalid` for the name. */
  create(user: UserName, name: string, by: string): string;
  /** Returns the keys of a user, sorted by name. */
  list(user: UserName): readonly ApiKey[];
  /** Deletes a key; its tokens become invalid. @throws {IdentityError} `unknown`. */
  delete(user: UserName, name: string, by: string): void;
  /** Returns the id and the owner of a key; null: the key is unknown. */
  find(key: string): { readonly id: number; readonly user: UserName } | null;
  /** Returns the owner of a key; null: the key no longer exists. */
  ownerOf(id: number): UserName | null;
}

/** Returns the SHA-256 digest of a key. A slow hash is unnecessary for 256 random bits, which cannot be guessed. */
const digestOf = (key: string) => createHash('sha256').update(key).digest('hex');

export function createApiKeys(db: SimulatorDatabase, users: Users, record: RecordChange, now: () => string): ApiKeys {
  const targetOf = ({ iam, userid }: UserName) => ({ kind: 'user', iam, target: userid }) as const;
  const findByName = (userId: number, name: string) =>
    db.find<{ id: number }>('SELECT id FROM api_keys WHERE user_id = ? AND name = ?', [userId, name]);
  return {
    create(user, name, by) {
      const key = randomBytes(32).toString('hex');
      db.transaction(() => {
        const { id } = users.get(user);
        assertName('name of the API key', name);
        if (findByName(id, name)) throw new IdentityError('taken', `${user.userid} already has an API key ${name}.`);
        db.run('INSERT INTO api_keys (user_id, name, digest, created_at) VALUES (?, ?, ?, ?)', [
          ...[id, name, digestOf(key), now()],
        ]);
        record(by, 'ApiKeyCreated', targetOf(user), null, { name });
      });
      return key;
    },
    list(user) {
      const { id } = users.get(user);
      return db.all<ApiKey>('SELECT id, name, created_at AS createdAt FROM api_keys WHERE user_id = ? ORDER BY name', [
        id,
      ]);
    },
    delete(user, name, by) {
      db.transaction(() => {
        const found = findByName(users.get(user).id, name);
        if (!found) throw new IdentityError('unknown', `${user.userid} has no API key ${name}.`);
        db.run('DELETE FROM api_keys WHERE id = ?', [found.id]);
        record(by, 'ApiKeyDeleted', targetOf(user), { name }, null);
      });
    },
    find(key) {
      const row = db.find<{ id: number; iam: string; userid: string }>(
        'SELECT k.id, u.iam, u.userid FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.digest = ?',
        [digestOf(key)],
      );
      return row && { id: row.id, user: { iam: row.iam, userid: row.userid } };
    },
    ownerOf: (id) =>
      db.find<{ iam: string; userid: string }>(
        'SELECT u.iam, u.userid FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.id = ?',
        [id],
      ),
  };
}

/** The authenticated caller of a request. */
export interface Caller {
  readonly user: UserName;
  /** The actor for the audit trail: the user name and, if any, the impersonating user. */
  readonly actor: string;
}

/** Purpose of a token. */
export interface TokenGrant {
  readonly keyId: number;
  /** Owner of the key. */
  readonly owner: UserName;
  readonly caller: Caller;
}

export interface Tokens {
  /** Creates a token; if the owner already has 100 tokens, the oldest expires. */
  create(grant: TokenGrant): string;
  /** Returns the caller; null: the token is unknown or has expired, or its key has lost the permission. */
  find(token: string): Caller | null;
}

const lifetimeMs = 3_600_000;
/** Limits memory use in case a client requests a new token for each request. Only tokens of the same user expire early. */
const maxTokensOfOwner = 100;

/**
 * Creates the store of tokens, which are kept in memory and expire with the process.
 *
 * @param mayActAs whether the key is still valid and may still act on behalf of this user. @param clock in ms.
 */
export function createTokens(mayActAs: (keyId: number, user: UserName) => boolean, clock: () => number): Tokens {
  const tokens = new Map<string, TokenGrant & { readonly endsMs: number }>();
  /** Digests of tokens by owner, oldest first. */
  const byOwner = new Map<string, string[]>();
  return {
    create(grant) {
      const token = randomBytes(32).toString('hex');
      const digest = digestOf(token);
      const name = JSON.stringify([grant.owner.iam, grant.owner.userid]);
      const own = [...(byOwner.get(name) ?? []).filter((each) => tokens.has(each)), digest];
      for (const oldest of own.splice(0, own.length - maxTokensOfOwner)) tokens.delete(oldest);
      byOwner.set(name, own);
      tokens.set(digest, { ...grant, endsMs: clock() + lifetimeMs });
      return token;
    },
    find(token) {
      const found = tokens.get(digestOf(token));
      if (!found) return null;
      if (found.endsMs > clock() && mayActAs(found.keyId, found.caller.user)) return found.caller;
      tokens.delete(digestOf(token));
      return null;
    },
  };
}
