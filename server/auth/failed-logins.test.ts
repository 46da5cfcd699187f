// Tests that guessing from many addresses is limited by user name and does not lock out any known caller.
import { expect } from 'chai';
import { ask, basicHeader } from '../../tests/ask-server.ts';
import { createReloadableServers, expectReloaded } from '../../tests/reloadable-server.ts';
import { type CountedAttempt, FailedLogins, TooManyFailures } from './failed-logins.ts';

const limits = { max: 3, windowSeconds: 60, maxByUsername: 5 };

/** @returns the attempt when it may be verified, otherwise the number of seconds to wait. */
async function attempt(failures: FailedLogins, address: string, username = 'api'): Promise<number | CountedAttempt> {
  return failures.count({ address, username }).catch((error: unknown) => {
    if (error instanceof TooManyFailures) return error.retryAfterSeconds;
    throw error;
  });
}
const isVerified = async (...given: Parameters<typeof attempt>) => typeof (await attempt(...given)) === 'object';

/** Sends one guess from each of this many addresses. */
async function guessFromEverywhere(failures: FailedLogins, count: number, username?: string): Promise<boolean[]> {
  const verified: boolean[] = [];
  for (let host = 1; host <= count; host++) verified.push(await isVerified(failures, `192.0.2.${host}`, username));
  return verified;
}

async function logIn(failures: FailedLogins, address: string): Promise<void> {
  const counted = await attempt(failures, address);
  if (typeof counted === 'number') expect.fail('it has to wait');
  await counted.accept();
}

describe('failed logins', () => {
  it('for one user name are limited across all addresses', async () => {
    const failures = new FailedLogins(limits);
    expect(await guessFromEverywhere(failures, 7)).to.deep.equal([true, true, true, true, true, false, false]);
    expect(await isVerified(failures, '192.0.2.99', 'other'), 'another user name').to.equal(true);
    expect(await attempt(failures, '192.0.2.99')).to.be.within(1, 60);
  });

  it('are counted in the same way for unknown user names', async () => {
    const failures = new FailedLogins(limits);
    expect(await guessFromEverywhere(failures, 6, 'nobody')).to.deep.equal([true, true, true, true, true, false]);
    expect(await guessFromEverywhere(failures, 6, '')).to.deep.equal([true, true, true, true, true, false]);
  });

  it('from other addresses do not block an address that sent correct credentials for the name', async () => {
    const failures = new FailedLogins(limits);
    await logIn(failures, '198.51.100.1');
    await guessFromEverywhere(failures, 20);
    expect(await isVerified(failures, '198.51.100.1'), 'the platform').to.equal(true);
    expect(await isVerified(failures, '198.51.100.2'), 'its neighbour').to.equal(false);
    // A known address has its own limit.
    expect(await isVerified(failures, '198.51.100.1')).to.equal(true);
    expect(await isVerified(failures, '198.51.100.1')).to.equal(true);
    expect(await isVerified(failures, '198.51.100.1')).to.equal(false);
  });

  it('from a known address do not use the budget of unknown addresses, and correct logins use no budget', async () => {
    const failures = new FailedLogins({ ...limits, max: 100 });
    for (let login = 0; login < 20; login++) await logIn(failures, `198.51.100.${login}`);
    for (let guess = 0; guess < 20; guess++) await attempt(failures, '198.51.100.1');
    expect(await guessFromEverywhere(failures, 6)).to.deep.equal([true, true, true, true, true, false]);
  });

  it('from other addresses do not block unknown addresses in the configured networks', async () => {
    const failures = new FailedLogins({ ...limits, callerNetworks: ['198.51.100.0/24', '2001:db8::/32'] });
    await guessFromEverywhere(failures, 20);
    for (const address of ['198.51.100.9', '::ffff:198.51.100.8', '2001:db8:1::1']) {
      expect(await isVerified(failures, address), address).to.equal(true);
    }
    expect(await isVerified(failures, '203.0.113.1')).to.equal(false);
  });

  it('that are rejected because of the name do not count for the address', async () => {
    const failures = new FailedLogins(limits);
    await guessFromEverywhere(failures, 5);
    for (let refused = 0; refused < 10; refused++) {
      expect(await isVerified(failures, '203.0.113.1')).to.equal(false);
    }
    expect(await isVerified(failures, '203.0.113.1', 'other')).to.equal(true);
  });

  it('exclude withdrawn attempts, which do not make an address known', async () => {
    const failures = new FailedLogins(limits);
    for (let time = 0; time < 20; time++) {
      const counted = await attempt(failures, '203.0.113.1');
      if (typeof counted === 'number') expect.fail('it has to wait');
      expect(counted.client).to.deep.equal({ key: '203.0.113.1', isKnown: false });
      await counted.withdraw();
    }
  });

  it('for other names do not share the queue of a known caller at the same address', async () => {
    const failures = new FailedLogins({ ...limits, max: 100, callerNetworks: ['198.51.100.0/24'] });
    await logIn(failures, '203.0.113.1');
    const clientOf = async (address: string, username?: string) => {
      const counted = await attempt(failures, address, username);
      return typeof counted === 'number' ? expect.fail('it has to wait') : counted.client;
    };
    const known = await clientOf('203.0.113.1');
    const guess = await clientOf('203.0.113.1', 'guess');
    expect([known.isKnown, guess.isKnown]).to.deep.equal([true, false]);
    expect(known.key).not.to.equal(guess.key);
    expect(await clientOf('198.51.100.1', 'guess'), 'a named network').to.deep.equal({
      key: '198.51.100.1',
      isKnown: true,
    });
  });

  it('are limited only by address when `maxByUsername` is 0', async () => {
    const failures = new FailedLogins({ ...limits, maxByUsername: 0 });
    expect((await guessFromEverywhere(failures, 50)).every(Boolean)).to.equal(true);
  });
});

describe('a server during password guessing from many addresses', () => {
  const servers = createReloadableServers();
  afterEach(() => servers.stopAll());

  it("accepts the platform's logins across a reload, when its credentials are verified again", async () => {
    const password = (name: string) => ({ username: 'api', password: `\${file:${name}}` });
    const server = await servers.start(
      {
        listener: { trustProxy: { addresses: ['127.0.0.1'] } },
        authentication: {
          mode: 'basic',
          basic: { credentials: [password('password')] },
          failedLogins: { max: 3, windowSeconds: 600, maxByUsername: 6 },
        },
      },
      { password: 'right' },
    );
    async function statusOf(address: string, given: string): Promise<number> {
      const headers = { authorization: basicHeader('api', given), 'X-Forwarded-For': address };
      return (await ask(`${server.url}?userid=ada`, { headers })).status;
    }
    expect(await statusOf('198.51.100.1', 'right')).to.equal(200);
    const guesses: number[] = [];
    for (let host = 1; host <= 8; host++) guesses.push(await statusOf(`192.0.2.${host}`, `guess-${host}`));
    expect(guesses).to.deep.equal([401, 401, 401, 401, 401, 401, 429, 429]);
    server.put('password', 'newer');
    await expectReloaded(server);
    expect(await statusOf('192.0.2.200', 'newer'), 'an unknown address').to.equal(429);
    expect(await statusOf('198.51.100.1', 'newer'), 'the platform').to.equal(200);
    expect(await statusOf('198.51.100.1', 'right'), 'its old password').to.equal(401);
  });
});
