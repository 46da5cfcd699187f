// Form of userids in the log: shown, hashed or hidden.
import { hash } from 'node:crypto';

export type UseridDisplay = 'shown' | 'hashed' | 'hidden';

/** Hexadecimal digits of a pseudonym: 128 bits, so that no two users share one. */
const pseudonymLength = 32;

/**
 * Creates the function that converts the userid of a log line. `hashed` is the first half of the SHA-256 digest of the key and the userid. The same
 * user can be recognized, but nobody can guess user names without the key. `printf '%s' "$KEY$USERID" | sha256sum` prints the same digest in full. An
 * HMAC would be much slower in Node. The attack that it prevents (extending a hash without the key) requires the half of the digest that is cut off
 * here.
 */
export function createUseridDisplay(display: UseridDisplay, key: string): (userid: string) => string | undefined {
  if (display === 'shown') return (userid) => userid;
  if (display === 'hidden') return () => undefined;
  return (userid) => hash('sha256', key + userid, 'hex').slice(0, pseudonymLength);
}
