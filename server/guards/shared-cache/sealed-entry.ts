// Encrypted entry of a shared cache: its user is hidden, and it cannot be read, changed or moved.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export interface SharedEntry {
  /** The JSON of a user, or `null`: no such user. */
  readonly json: Buffer | null;
  /** Start of the lookup that returned the answer, in milliseconds since the epoch. */
  readonly bornAtMs: number;
}

/** Encrypts and decrypts entries. Two sealers can read each other's entries if and only if key and space are equal. */
export interface Sealer {
  /** Returns the name of a user's entry; without the key, it can be neither computed nor reversed. */
  nameOf(userid: string): string;
  seal(name: string, entry: SharedEntry): Buffer;
  /** Decrypts an entry; `null`: it was not sealed with this key for this name, or it is damaged. */
  open(name: string, sealed: Buffer): SharedEntry | null;
}

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** Creation time (8 bytes), and whether there is a user (1 byte). */
const headBytes = 9;

/**
 * Creates a sealer. The name is an HMAC of the userid. The entry is encrypted and authenticated by AES-256-GCM under a separate key for each name.
 * Separate keys bind each entry to its user. They also ensure that no key is used with more than the 2^32 random nonces that are allowed (NIST SP
 * 800-38D,
 * 8.3). Thus, anyone who can write to the cache can only remove entries, or restore an older one of the same user with its creation time.
 *
 * @param key a secret of the configuration, at least 32 characters.
 * @param space what must be equal for answers to be shared, e.g. the source's configuration.
 */
export function createSealer(key: string, prefix: string, space: string): Sealer {
  const keys = Buffer.from(hkdfSync('sha256', key, '', `user-info-kit shared cache 1\n${space}`, 2 * keyBytes));
  const nameKey = keys.subarray(0, keyBytes);
  const entryKey = keys.subarray(keyBytes);
  const keyOf = (name: string) => createHmac('sha256', entryKey).update(name).digest();

  return {
    nameOf: (userid) => `${prefix}:${createHmac('sha256', nameKey).update(userid).digest('base64url')}`,
    seal(name, { json, bornAtMs }) {
      const head = Buffer.alloc(headBytes);
      head.writeDoubleBE(bornAtMs);
      head.writeUInt8(json === null ? 0 : 1, headBytes - 1);
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, keyOf(name), nonce);
      const parts = [sealing.update(head), ...(json === null ? [] : [sealing.update(json)]), sealing.final()];
      return Buffer.concat([nonce, ...parts, sealing.getAuthTag()]);
    },
    open(name, sealed) {
      if (sealed.length < nonceBytes + headBytes + tagBytes) return null;
      const nonce = sealed.subarray(0, nonceBytes);
      const tag = sealed.subarray(sealed.length - tagBytes);
      const opening = createDecipheriv(cipher, keyOf(name), nonce, { authTagLength: tagBytes }).setAuthTag(tag);
      let plain: Buffer;
      try {
        plain = Buffer.concat([opening.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), opening.final()]);
      } catch {
        return null;
      }
      const json = plain[headBytes - 1] === 0 ? null : plain.subarray(headBytes);
      return { json, bornAtMs: plain.readDoubleBE() };
    },
  };
}
