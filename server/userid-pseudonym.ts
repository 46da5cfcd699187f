// Owns how user ids stand in the log: shown, hashed or hidden.
import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export type UseridDisplay = 'shown' | 'hashed' | 'hidden';

// Users come back within a sync or two; their pseudonyms need not be computed again.
const remembered = 10_000;

/**
 * Makes the function that a log line's userid goes through. `hashed` is HMAC-SHA-256 with `key`, the first 16 bytes in
 * hexadecimal: equal users can be found, and without the key nobody can try out user names.
 */
export function createUseridDisplay(
  display: UseridDisplay,
  key: string | Buffer,
): (userid: string) => string | undefined {
  if (display === 'shown') return (userid) => userid;
  if (display === 'hidden') return () => undefined;
  const pseudonyms = new LRUCache<string, string>({ max: remembered });
  return (userid) => {
    const known = pseudonyms.get(userid);
    if (known !== undefined) return known;
    const pseudonym = createHmac('sha256', key).update(userid).digest('hex').slice(0, 32);
    pseudonyms.set(userid, pseudonym);
    return pseudonym;
  };
}
