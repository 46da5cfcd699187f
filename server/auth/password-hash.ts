// Password hashes, scrypt (PHC string) and bcrypt (as htpasswd writes it): creation, validation, verification.
import { randomBytes, type ScryptOptions, scryptSync, timingSafeEqual } from 'node:crypto';

/** Algorithm of `hashPassword`. scrypt is the default; bcrypt is what `htpasswd -B` writes and other servers read. */
export type PasswordHashAlgorithm = 'scrypt' | 'bcrypt';

/** bcrypt uses at most this many bytes of UTF-8 and silently ignores the rest. */
const bcryptMaxBytes = 72;
const bcryptCost = 12;
const bcryptCostRange = { min: 4, max: 16 };
const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

// RFC 7914, 2 recommends r = 8 and p = 1; 2^15 blocks of 1 KiB are 32 MiB and about 0.1 s.
const scryptDefaults = { logN: 15, r: 8, p: 1, saltBytes: 16, keyBytes: 32 };
const scryptLogNRange = { min: 10, max: 20 };
/** Limit of N·r·p: limits a verification to 1 GiB and a few seconds, regardless of a hash's parameters. */
const scryptMaxWork = 2 ** 23;
const scryptPattern =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface ScryptHash {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/**
 * Hashes a password with a fresh salt.
 *
 * @returns scrypt: `$scrypt$ln=15,r=8,p=1$<salt>$<key>`, base64 without padding (PHC string format; 16-byte salt, 32-byte
 *   key). bcrypt: `$2b$12$…`.
 * @throws {RangeError} for an empty password; for bcrypt, also for a password that contains a NUL or is longer than 72 bytes. Otherwise, bcrypt would
 * accept every other password with the same beginning.
 */
export async function hashPassword(password: string, algorithm: PasswordHashAlgorithm = 'scrypt'): Promise<string> {
  if (password === '') throw new RangeError('The password is empty.');
  if (algorithm === 'bcrypt') {
    if (password.includes('\0'))
      throw new RangeError('bcrypt truncates a password at a NUL character. Remove this character.');
    if (isTooLongForBcrypt(password)) {
      throw new RangeError(
        `bcrypt ignores everything after the first ${bcryptMaxBytes} bytes. Use scrypt for this password.`,
      );
    }
    const bcrypt = await loadBcrypt();
    return bcrypt.hash(password, bcryptCost);
  }
  const { logN, r, p, saltBytes, keyBytes } = scryptDefaults;
  const salt = randomBytes(saltBytes);
  const key = deriveScryptKey(password, { logN, r, p, salt }, keyBytes);
  return `$scrypt$ln=${logN},r=${r},p=${p}$${encodeBase64(salt)}$${encodeBase64(key)}`;
}

/** Loads the library on first use, because most servers have no bcrypt hash. */
async function loadBcrypt() {
  return (await import('bcryptjs')).default;
}

/**
 * Returns whether a password matches a hash. Blocks the calling thread for up to several seconds; a server calls `verifyInThread` instead.
 * An empty password matches no hash, and a password of more than 72 bytes matches no bcrypt hash.
 *
 * @throws {RangeError} when the hash is malformed; see `assertPasswordHash`.
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  assertPasswordHash(hash);
  if (password === '') return false;
  const expected = findScryptHash(hash);
  if (expected) return timingSafeEqual(deriveScryptKey(password, expected, expected.key.length), expected.key);
  if (isTooLongForBcrypt(password)) return false;
  const bcrypt = await loadBcrypt();
  return bcrypt.compareSync(password, hash);
}

/**
 * Throws unless `hash` is a well-formed bcrypt (`$2a$`, `$2b$`, `$2y$`; cost 4 to 16) or scrypt hash (`ln` 10 to 20,
 * N·r·p at most 2^23). Verifying such a hash ends within seconds.
 *
 * @throws {RangeError} whose message states the error and the fix, but does not contain the hash.
 */
export function assertPasswordHash(hash: string): void {
  const fault = findHashFault(hash);
  if (fault) throw new RangeError(fault);
}

function findHashFault(hash: string): string | null {
  const remedy = 'Create a new hash with `user-info hash-password`.';
  if (hash.startsWith('$scrypt$')) {
    const parsed = findScryptHash(hash);
    if (!parsed) return `The scrypt hash is not of the form $scrypt$ln=…,r=…,p=…$salt$key. ${remedy}`;
    const { logN, r, p } = parsed;
    if (logN < scryptLogNRange.min || logN > scryptLogNRange.max) {
      return `The scrypt hash's ln is not between ${scryptLogNRange.min} and ${scryptLogNRange.max}. ${remedy}`;
    }
    if (r < 1 || p < 1 || 2 ** logN * r * p > scryptMaxWork) {
      return `The scrypt hash's ln, r and p are zero or require too much memory and time. ${remedy}`;
    }
    return null;
  }
  const bcryptHash = bcryptPattern.exec(hash);
  if (!bcryptHash) return `It is neither a bcrypt ($2a$, $2b$, $2y$) nor a scrypt ($scrypt$) hash. ${remedy}`;
  const cost = Number(bcryptHash[1]);
  if (cost < bcryptCostRange.min || cost > bcryptCostRange.max) {
    return `The bcrypt hash's cost is not between ${bcryptCostRange.min} and ${bcryptCostRange.max}. ${remedy}`;
  }
  return null;
}

function findScryptHash(hash: string): ScryptHash | null {
  const match = scryptPattern.exec(hash);
  if (!match) return null;
  const [, logN, r, p, salt = '', key = ''] = match;
  return {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}

function deriveScryptKey(password: string, { logN, r, p, salt }: Omit<ScryptHash, 'key'>, keyBytes: number): Buffer {
  const N = 2 ** logN;
  // OpenSSL needs 128·r bytes for each of N + 2 blocks and p lanes; Node's default limit is too low for 2^15.
  const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p + 2) + 1024 };
  return scryptSync(password, salt, keyBytes, options);
}

function isTooLongForBcrypt(password: string): boolean {
  return Buffer.byteLength(password, 'utf8') > bcryptMaxBytes;
}

function encodeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
