// Form of userids in the log: shown, hashed or hidden.
import { hash } from 'node:crypto';

export type UseridDisplay = 'shown' | 'hashed' | 'hidden';

/** Hexadecimal digits of a pseudonym: 128 bits, so that no two users share one. */
const pseudonymLength = 32;

/**
 * Creates the function that converts the userid of a log line. `hashed` is the first half of SHA-256 over the key and the userid: the same user can
 * be recognized, and without the key nobody can try user names. `printf '%s' "$KEY$USERID" | sha256sum` returns the same. Not HMAC: it costs ten
 * times as much in Node, and the attack that it prevents, a hash extended without the key, needs the half of the digest that is cut off.
 */
export function createUseridDisplay(display: UseridDisplay, key: string): (userid: string) => string | undefined {
  if (display === 'shown') return (userid) => userid;
  if (display === 'hidden') return () => undefined;
  return (userid) => hash('sha256', key + userid, 'hex').slice(0, pseudonymLength);
}
