// Tests that exactly the configured credentials are accepted, as passwords and as hashes.
import { expect } from 'chai';
import { hashPassword } from './password-hash.ts';
import { type AcceptedCredential, createCredentialVerifier, type InTurn } from './verify-credentials.ts';

const atOnce: InTurn = (verify) => verify();

describe('the accepted credentials', () => {
  let accepted: AcceptedCredential[];

  before(async () => {
    accepted = [
      { username: 'plain', password: 'old' },
      { username: 'plain', password: 'new' },
      { username: 'mixed', password: 'in the clear' },
      { username: 'mixed', passwordHash: await hashPassword('hashed') },
      // htpasswd -B writes $2y$; the cost is the lowest allowed one.
      { username: 'htpasswd', passwordHash: '$2y$04$bVvBtZP9CuLshqBnQhnIdu1yOQ8xDG8cjTXJmMJIO4EnWvLWr0vW2' },
      { username: 'rotated', passwordHash: await hashPassword('old') },
      { username: 'rotated', passwordHash: await hashPassword('new', 'bcrypt') },
      { username: 'a', password: 'b:c' },
    ];
  });

  const cases: Array<[name: string, username: string, password: string, isAccepted: boolean]> = [
    ['the old password of a rotation', 'plain', 'old', true],
    ['the new password of a rotation', 'plain', 'new', true],
    ['another user’s password', 'plain', 'in the clear', false],
    ['a password in the clear beside a hash', 'mixed', 'in the clear', true],
    ['a hash beside a password in the clear', 'mixed', 'hashed', true],
    ['the old hash of a rotation', 'rotated', 'old', true],
    ['the new hash of a rotation, of another kind', 'rotated', 'new', true],
    ['a wrong password for a hash', 'rotated', 'older', false],
    ['an empty password', 'rotated', '', false],
    ['an unknown user name with a known password', 'nobody', 'hashed', false],
    ['a user name in another letter case', 'Plain', 'old', false],
    ['a password in another letter case', 'plain', 'Old', false],
    ['a password with a trailing space', 'plain', 'old ', false],
    ['a colon on the right side', 'a', 'b:c', true],
    ['a colon on the wrong side', 'a:b', 'c', false],
    ['the hash itself as password', 'htpasswd', '$2y$04$bVvBtZP9CuLshqBnQhnIdu1yOQ8xDG8cjTXJmMJIO4EnWvLWr0vW2', false],
    ['a name of Object.prototype', '__proto__', 'old', false],
  ];
  for (const [name, username, password, isAccepted] of cases) {
    it(`${isAccepted ? 'accept' : 'refuse'} ${name}`, async () => {
      const verify = createCredentialVerifier(accepted);
      expect(await verify({ username, password }, atOnce)).to.equal(isAccepted ? username : null);
    });
  }

  it('are verified in the queue whether the user name is known or not, except for a correct plain-text password', async () => {
    const verify = createCredentialVerifier(accepted);
    const turnsOf = async (username: string, password: string) => {
      let turns = 0;
      await verify({ username, password }, (hashing) => {
        turns += 1;
        return hashing();
      });
      return turns;
    };
    expect(await turnsOf('nobody', 'wrong')).to.equal(1);
    expect(await turnsOf('rotated', 'wrong')).to.equal(1);
    expect(await turnsOf('rotated', 'old')).to.equal(1);
    expect(await turnsOf('plain', 'wrong')).to.equal(1);
    expect(await turnsOf('plain', 'new')).to.equal(0);
  });

  it('include no user when there are no credentials', async () => {
    expect(await createCredentialVerifier([])({ username: '', password: '' }, atOnce)).to.equal(null);
  });
});
