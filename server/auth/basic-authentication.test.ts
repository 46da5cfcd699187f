// Tests of Basic authentication over real requests: what is cached, counted and rejected.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import passport from 'passport';
import { type Answer, ask, basicHeader } from '../../tests/ask-server.ts';
import { createApp } from '../create-app.ts';
import { type BasicAuthenticationOptions, createBasicAuthentication } from './basic-authentication.ts';
import { hashPassword } from './password-hash.ts';

const right = basicHeader('ada', 'p:q');
const codeOf = ({ body }: Answer) => (JSON.parse(body) as { code?: string }).code ?? null;

describe('Basic authentication', () => {
  const open: Server[] = [];

  afterEach(async () => {
    for (const server of open.splice(0)) {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
  });

  /** @returns a function that authenticates an Authorization header, from the given address. */
  async function listen(options: BasicAuthenticationOptions, host = '127.0.0.1') {
    const source = { findUser: async () => ({ groups: [], authorizations: {} }), async check() {}, async close() {} };
    const server = createServer(createApp({ source, authenticate: createBasicAuthentication(options) }));
    server.listen(0, host);
    await once(server, 'listening');
    open.push(server);
    const { port, family, address } = server.address() as AddressInfo;
    const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/user-info?userid=x`;
    return (authorization?: string, localAddress?: string) =>
      ask(url, {
        ...(authorization !== undefined && { headers: { authorization } }),
        ...(localAddress && { localAddress }),
      });
  }

  const plain: BasicAuthenticationOptions = { credentials: [{ username: 'ada', password: 'p:q' }] };

  it('rejects a maxWaitMs that would overflow a timer', () => {
    expect(() => createBasicAuthentication({ ...plain, maxWaitMs: 2 ** 31 })).to.throw(
      RangeError,
      'maxWaitMs must be a whole number of milliseconds from 1 to 86400000 (one day). It is 2147483648.',
    );
  });

  const refusals: Array<[name: string, header: string | undefined, code: string]> = [
    ['no header', undefined, 'credentials-missing'],
    ['an empty header', '', 'credentials-malformed'],
    ['another scheme', 'Bearer x', 'credentials-malformed'],
    ['XBasic', right.replace('Basic', 'XBasic'), 'credentials-malformed'],
    ['two spaces', right.replace(' ', '  '), 'credentials-malformed'],
    ['a password truncated at its second colon', basicHeader('ada', 'q'), 'credentials-wrong'],
    ['an empty password', basicHeader('ada', ''), 'credentials-wrong'],
    ['another user name', basicHeader('eve', 'p:q'), 'credentials-wrong'],
  ];
  for (const [name, header, code] of refusals) {
    it(`answers 401 ${code} with a challenge to ${name}`, async () => {
      const answer = await (await listen(plain))(header);
      expect([answer.status, codeOf(answer)]).to.deep.equal([401, code]);
      expect(answer.headers['www-authenticate']).to.equal('Basic realm="user-info", charset="UTF-8"');
    });
  }

  it('accepts correct credentials repeatedly, with the scheme in any letter case', async () => {
    const askWith = await listen(plain);
    for (const header of [right, right, right.replace('Basic', 'bASIC')]) {
      expect((await askWith(header)).status).to.equal(200);
    }
  });

  it('rejects wrong credentials that are in the credential cache', async () => {
    const askWith = await listen(plain);
    const wrong = basicHeader('ada', 'wrong');
    for (let time = 0; time < 3; time += 1) expect(codeOf(await askWith(wrong))).to.equal('credentials-wrong');
    expect((await askWith(right)).status).to.equal(200);
  });

  it('verifies a hash once for 50 concurrent first requests, which count as one attempt', async () => {
    const passwordHash = await hashPassword('p:q');
    const askWith = await listen({
      credentials: [{ username: 'ada', passwordHash }],
      // A second simultaneous attempt would exceed the limit.
      failedLogins: { max: 1, windowSeconds: 60 },
    });
    const answers = await Promise.all(Array.from({ length: 50 }, () => askWith(right)));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
  });

  it('verifies at most `max` of 200 concurrent guesses, and responds to the others with 429 and Retry-After', async () => {
    const askWith = await listen({ ...plain, failedLogins: { max: 20, windowSeconds: 60 } });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, guess) => askWith(basicHeader('ada', String(guess)))),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'credentials-wrong')).to.have.length(20);
    const waiting = answers.filter(({ status }) => status === 429);
    expect(waiting).to.have.length(180);
    for (const answer of waiting) {
      expect(codeOf(answer)).to.equal('too-many-failures');
      expect(Number(answer.headers['retry-after'])).to.be.within(1, 60);
      expect(answer.headers).not.to.have.property('www-authenticate');
    }
  });

  it('accepts cached credentials from a blocked address, and no new ones', async () => {
    const other = basicHeader('bob', 'b');
    const askWith = await listen({
      credentials: [...plain.credentials, { username: 'bob', password: 'b' }],
      failedLogins: { max: 2, windowSeconds: 60 },
    });
    expect((await askWith(right)).status).to.equal(200);
    const wrong = basicHeader('ada', 'wrong');
    const statuses = [await askWith(wrong), await askWith(wrong), await askWith(wrong)].map(({ status }) => status);
    expect(statuses).to.deep.equal([401, 401, 429]);
    expect((await askWith(right)).status).to.equal(200);
    expect((await askWith(other)).status).to.equal(429);
    expect((await askWith(other, '127.0.0.2')).status, 'from another address').to.equal(200);
  });

  it('accepts attempts from an address again after the window', async () => {
    const askWith = await listen({ ...plain, failedLogins: { max: 1, windowSeconds: 1 } });
    const wrong = basicHeader('ada', 'wrong');
    await askWith(wrong);
    const blocked = await askWith(wrong);
    expect(blocked.status).to.equal(429);
    await new Promise((resolve) => setTimeout(resolve, Number(blocked.headers['retry-after']) * 1000));
    expect((await askWith(right)).status).to.equal(200);
  });

  it('does not count missing and malformed headers', async () => {
    const askWith = await listen({ ...plain, failedLogins: { max: 1, windowSeconds: 60 } });
    for (let time = 0; time < 5; time += 1) {
      await askWith();
      await askWith('Basic !');
    }
    expect((await askWith(right)).status).to.equal(200);
  });

  it('has no limit when `max` is 0', async () => {
    const askWith = await listen({ ...plain, failedLogins: { max: 0, windowSeconds: 60 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => askWith(basicHeader('ada', 'wrong'))));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([401]));
  });

  it('also counts the attempts of an IPv6 client', async () => {
    const askWith = await listen({ ...plain, failedLogins: { max: 1, windowSeconds: 60 } }, '::1');
    const wrong = basicHeader('ada', 'wrong');
    expect([(await askWith(wrong)).status, (await askWith(wrong)).status]).to.deep.equal([401, 429]);
  });

  it('does not change the passport of a host application', async () => {
    const before = Object.keys(Reflect.get(passport, '_strategies'));
    const askWith = await listen(plain);
    await askWith(right);
    await askWith(basicHeader('ada', 'wrong'));
    expect(Object.keys(Reflect.get(passport, '_strategies'))).to.deep.equal(before);
  });
});
