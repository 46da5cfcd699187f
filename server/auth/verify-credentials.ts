// Owns comparing credentials with the configured ones, in a time that does not tell how near they were.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { BasicCredentials, VerifyCredentials } from './basic-credentials.ts';
import { verifyPassword } from './password-hash.ts';

/** A credential that is accepted: a password, or the hash of one. Several may have one user name (rotation). */
export type AcceptedCredential =
  | { readonly username: string; readonly password: string }
  | { readonly username: string; readonly passwordHash: string };

interface PlainCredential {
  readonly username: string;
  readonly digest: Buffer;
}

// Equal lengths make timingSafeEqual possible; the length-prefixed user name keeps ("a", "b:c") apart from ("a:b", "c").
function digestOf({ username, password }: BasicCredentials): Buffer {
  return createHash('sha256').update(`${username.length}:${username}:${password}`).digest();
}

/**
 * Makes the function that knows the accepted credentials. Plain passwords cost microseconds, hashes up to a second:
 * put `rememberOutcomes` in front of it.
 */
export function createCredentialVerifier(accepted: readonly AcceptedCredential[]): VerifyCredentials {
  const plain: PlainCredential[] = [];
  const hashesByUsername = new Map<string, string[]>();
  for (const credential of accepted) {
    if ('password' in credential) plain.push({ username: credential.username, digest: digestOf(credential) });
    else {
      const hashes = hashesByUsername.get(credential.username) ?? [];
      hashesByUsername.set(credential.username, [...hashes, credential.passwordHash]);
    }
  }
  const anyHash = [...hashesByUsername.values()][0]?.[0];

  return async (credentials) => {
    const digest = digestOf(credentials);
    let found: string | null = null;
    // No early end: the time is the same whichever credential matches, and whether one does.
    for (const candidate of plain) {
      if (timingSafeEqual(candidate.digest, digest)) found = candidate.username;
    }
    if (found !== null || anyHash === undefined) return found;
    const hashes = hashesByUsername.get(credentials.username);
    // A user name without a hash costs as much as one with: else the time would tell which user names exist.
    const checks = (hashes ?? [anyHash]).map((hash) => verifyPassword(credentials.password, hash));
    const outcomes = await Promise.all(checks);
    return hashes !== undefined && outcomes.includes(true) ? credentials.username : null;
  };
}
