// Tests of the password hashes, against published vectors and against the limits.
import { expect } from 'chai';
import { assertPasswordHash, hashPassword, verifyPassword } from './password-hash.ts';

/** RFC 7914, 12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1, dkLen=64). */
const rfc7914Key =
  '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
const rfc7914Hash = `$scrypt$ln=14,r=8,p=1$${unpadded(Buffer.from('SodiumChloride'))}$${unpadded(Buffer.from(rfc7914Key, 'hex'))}`;

/** Published by the crypt_blowfish test suite (openwall): password "U*U". */
const openwallHash = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

describe('password-hash', () => {
  for (const algorithm of ['scrypt', 'bcrypt'] as const) {
    it(`verifies only the password that ${algorithm} hashed`, async () => {
      const hash = await hashPassword('corréct hörse', algorithm);
      expect(() => assertPasswordHash(hash)).not.to.throw();
      expect(await verifyPassword('corréct hörse', hash)).to.equal(true);
      expect(await verifyPassword('corréct hörsf', hash)).to.equal(false);
      expect(await verifyPassword('', hash)).to.equal(false);
    });

    it(`salts ${algorithm}, so that equal passwords have different hashes`, async () => {
      expect(await hashPassword('same', algorithm)).not.to.equal(await hashPassword('same', algorithm));
    });

    it(`rejects an empty password with ${algorithm}`, async () => {
      const failure = await hashPassword('', algorithm).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(RangeError);
    });
  }

  it('writes scrypt as a PHC string with a 16-byte salt and a 32-byte key', async () => {
    expect(await hashPassword('x')).to.match(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it('matches the scrypt test vector in RFC 7914, section 12', async () => {
    expect(await verifyPassword('pleaseletmein', rfc7914Hash)).to.equal(true);
    expect(await verifyPassword('pleaseletmeout', rfc7914Hash)).to.equal(false);
  });

  it('matches the bcrypt vector of crypt_blowfish, under each of its prefixes', async () => {
    for (const prefix of ['$2a$', '$2b$', '$2y$']) {
      expect(await verifyPassword('U*U', openwallHash.replace('$2a$', prefix)), prefix).to.equal(true);
      expect(await verifyPassword('U*V', openwallHash.replace('$2a$', prefix)), prefix).to.equal(false);
    }
  });

  it('hashes 72 bytes with bcrypt and rejects 73, which bcrypt would truncate', async () => {
    const longest = 'é'.repeat(36);
    const hash = await hashPassword(longest, 'bcrypt');
    expect(await verifyPassword(longest, hash)).to.equal(true);
    expect(await verifyPassword(`${longest}x`, hash)).to.equal(false);
    const failure = await hashPassword(`${longest}x`, 'bcrypt').catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(RangeError);
  });

  it('rejects a NUL for bcrypt, because other programs would end the password at the NUL', async () => {
    expect(await hashPassword('a\0b', 'bcrypt').catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });

  const [, , , salt, key] = rfc7914Hash.split('$');
  const malformed: Record<string, string> = {
    'an empty text': '',
    'a plain password': 'hunter2',
    'SHA-1 of htpasswd': '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
    'apr1 of htpasswd': '$apr1$salt$UOfQeWjmm3YLoCXuhk.h60',
    'bcrypt of the broken kind $2x$': openwallHash.replace('$2a$', '$2x$'),
    'a truncated bcrypt hash': openwallHash.slice(0, -1),
    'a bcrypt cost below 4': openwallHash.replace('$05$', '$03$'),
    'a bcrypt cost above 16': openwallHash.replace('$05$', '$17$'),
    'scrypt with ln below 10': `$scrypt$ln=9,r=8,p=1$${salt}$${key}`,
    'scrypt with ln above 20': `$scrypt$ln=21,r=1,p=1$${salt}$${key}`,
    'scrypt with more than 1 GiB': `$scrypt$ln=20,r=9,p=1$${salt}$${key}`,
    'scrypt with endless lanes': `$scrypt$ln=15,r=8,p=999$${salt}$${key}`,
    'scrypt with r = 0': `$scrypt$ln=15,r=0,p=1$${salt}$${key}`,
    'scrypt without a salt': `$scrypt$ln=15,r=8,p=1$$${key}`,
    'scrypt with a short key': `$scrypt$ln=15,r=8,p=1$${salt}$AAAA`,
    'scrypt with a line break after it': `${rfc7914Hash}\n`,
  };
  for (const [name, hash] of Object.entries(malformed)) {
    it(`rejects ${name} without showing it`, async () => {
      const failure = await verifyPassword('x', hash).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(RangeError);
      if (hash) expect(String(failure)).not.to.include(hash);
    });
  }
});
