// Comparison of credentials with the configured ones, in a time that does not depend on how similar they are.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { BasicCredentials } from './basic-credentials.ts';
import { verifyInThread } from './password-hash-threads.ts';

/** An accepted credential: a password, or the hash of one. Several may have the same user name (rotation). */
export type AcceptedCredential =
  | { readonly username: string; readonly password: string }
  | { readonly username: string; readonly passwordHash: string };

interface PlainCredential {
  readonly username: string;
  readonly digest: Buffer;
}

// Equal lengths make timingSafeEqual possible; the length prefix of the user name distinguishes ("a", "b:c") from ("a:b", "c").
function digestOf({ username, password }: BasicCredentials): Buffer {
  return createHash('sha256').update(`${username.length}:${username}:${password}`).digest();
}

/** Runs the verification of a hash when it is the client's turn; see `LoginQueue`. */
export type InTurn = (verify: () => Promise<boolean>) => Promise<boolean>;

/**
 * Returns the user name to which the credentials belong; `null`: none.
 *
 * @throws any error of `inTurn`.
 */
export type CredentialVerifier = (credentials: BasicCredentials, inTurn: InTurn) => Promise<string | null>;

/**
 * Creates the function that verifies credentials against the accepted ones. Plain passwords take microseconds. Each hash takes up to several seconds
 * in a separate thread. `inTurn` limits how many are computed at the same time, and `CredentialCache` limits how often.
 */
export function createCredentialVerifier(accepted: readonly AcceptedCredential[]): CredentialVerifier {
  const plain: PlainCredential[] = [];
  const hashesByUsername = new Map<string, string[]>();
  for (const credential of accepted) {
    if ('password' in credential) plain.push({ username: credential.username, digest: digestOf(credential) });
    else {
      const hashes = hashesByUsername.get(credential.username) ?? [];
      hashesByUsername.set(credential.username, [...hashes, credential.passwordHash]);
    }
  }
  const hashLists = [...hashesByUsername.values()];
  const decoyKey = createHash('sha256').update(hashLists.flat().join('\n')).digest();

  /** Returns the same hashes each time for a given user name. Otherwise, the time for an unknown name would vary more than for a known one. */
  function decoyOf(username: string): readonly string[] {
    const number = createHmac('sha256', decoyKey).update(username).digest().readUInt32BE();
    return hashLists[number % hashLists.length] ?? [];
  }

  return async (credentials, inTurn) => {
    const digest = digestOf(credentials);
    let found: string | null = null;
    // No early exit: the time must not depend on which credential matches, or on whether one does.
    for (const candidate of plain) {
      if (timingSafeEqual(candidate.digest, digest)) found = candidate.username;
    }
    if (found !== null || hashLists.length === 0) return found;
    const hashes = hashesByUsername.get(credentials.username);
    // A user name without a hash takes as long as one with a hash: otherwise the time would reveal which user names exist.
    const request = { password: credentials.password, hashes: hashes ?? decoyOf(credentials.username) };
    const matches = await inTurn(() => verifyInThread(request));
    return hashes !== undefined && matches ? credentials.username : null;
  };
}
