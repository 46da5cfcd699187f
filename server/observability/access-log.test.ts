// Tests of what the log contains about requests, and what it never contains.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask, basicHeader } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { type ConfigSections, type LogLine, secretReference, stoppedAfterEach } from '../../tests/test-server.ts';

const password = 'canary-password';
const basic: ConfigSections = {
  authentication: {
    mode: 'basic',
    basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] },
  },
};
const environment = { API_PASSWORD: password, HASH_KEY: 'canary-hash-key' };
const authorized = { headers: { authorization: basicHeader('api', password) } };

describe('the server', () => {
  const startTestServer = stoppedAfterEach();
  const start = (sections: ConfigSections = {}) => startTestServer(sections, environment);

  describe('logs', () => {
    const requestLines = (lines: LogLine[]) => lines.filter(({ msg }) => msg === 'request');

    it('a JSON line for each request, with the fields for an operator', async () => {
      const server = await start(basic);
      const answer = await ask(server.adaUrl, authorized);
      await ask(`${server.url}?userid=eve`, authorized);
      await ask(server.adaUrl);
      const lines = await server.stopAndReadLog();
      expect(lines[0]).to.include({ msg: 'listening', url: server.url, source: 'static' });
      const [found, unknown, refused] = requestLines(lines);
      const common = { level: 'info', method: 'GET', remoteAddress: '127.0.0.1', msg: 'request' };
      expect(found).to.include({
        ...common,
        status: 200,
        caller: 'basic:api',
        requestId: answer.headers['x-request-id'],
      });
      expect(unknown).to.include({ ...common, status: 404, code: 'user-unknown', caller: 'basic:api' });
      expect(refused).to.include({ ...common, status: 401, code: 'credentials-missing' });
      expect(refused).not.to.have.any.keys('userid', 'caller');
      expect(String(found?.time)).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(found?.durationMs).to.be.a('number');
    });

    async function useridsIn(logging: object): Promise<unknown[]> {
      const server = await start({ logging });
      for (const userid of ['ada', 'ada', 'eve']) await ask(`${server.url}?userid=${userid}`);
      return requestLines(await server.stopAndReadLog()).map(({ userid }) => userid);
    }

    it('hashed userids by default, equal within one run and different across runs', async () => {
      const [first, again, other] = await useridsIn({});
      expect(first)
        .to.match(/^[0-9a-f]{32}$/)
        .and.to.equal(again)
        .and.not.to.equal(other);
      expect((await useridsIn({}))[0]).not.to.equal(first);
    });

    it('hashed userids that are equal across runs under one key', async () => {
      const hashed = { userid: 'hashed', useridHashKey: secretReference('HASH_KEY') };
      expect(await useridsIn(hashed)).to.deep.equal(await useridsIn(hashed));
    });

    it('plain userids, or none, when that is configured', async () => {
      expect(await useridsIn({ userid: 'shown' })).to.deep.equal(['ada', 'ada', 'eve']);
      expect(await useridsIn({ userid: 'hidden' })).to.deep.equal([undefined, undefined, undefined]);
    });

    it('userids with special characters unchanged, and on one line', async () => {
      const server = await start({ logging: { userid: 'shown' } });
      const userid = 'quote" back\\slash \u2028 😀';
      await ask(`${server.url}?userid=${encodeURIComponent(userid)}`);
      expect(requestLines(await server.stopAndReadLog())[0]?.userid).to.equal(userid);
    });

    it('no line for requests when that is configured', async () => {
      const server = await start({ logging: { accessLog: false } });
      await ask(server.adaUrl);
      const lines = await server.stopAndReadLog();
      expect(lines.map(({ msg }) => msg)).to.deep.equal(['listening', 'stopping', 'stopped']);
    });

    it('nothing below its level', async () => {
      const server = await start({ logging: { level: 'warn' } });
      await ask(server.adaUrl);
      expect(await server.stopAndReadLog()).to.deep.equal([]);
    });

    it('no password, no Authorization header, and no plain userid when userids are hashed', async () => {
      const server = await start({
        ...basic,
        logging: { level: 'debug', useridHashKey: secretReference('HASH_KEY') },
      });
      const wrong = { headers: { authorization: basicHeader('api', 'canary-wrong') } };
      await ask(`${server.url}?userid=canary-userid`, authorized);
      await ask(`${server.url}?userid=canary-userid`, wrong);
      await ask(`${server.url}?userid=canary-userid`, { headers: { authorization: 'Basic canary-malformed' } });
      await ask(`${server.url}/canary-path?userid=canary-userid`, authorized);
      await server.stop();
      const log = readFileSync(server.logFile, 'utf8');
      expect(log.split('\n')).to.have.length(8);
      expect(log).not.to.match(/canary/);
      for (const { headers } of [authorized, wrong]) expect(log).not.to.include(headers.authorization.slice(6));
    });
  });

  describe('uses the request id', () => {
    const requestIdHeader = 'X-Correlation-Id';
    const made = /^[0-9a-f]{32}$/;

    async function idOf(logging: object, given: string | string[]): Promise<string> {
      const server = await start({ logging });
      const { headers } = await ask(server.adaUrl, { headers: { [requestIdHeader]: given } });
      const id = String(headers['x-request-id']);
      expect(requestIdIn(await server.stopAndReadLog())).to.equal(id);
      return id;
    }
    const requestIdIn = (lines: LogLine[]) => lines.find(({ msg }) => msg === 'request')?.requestId;

    it('from the trusted header when it is well-formed', async () => {
      expect(await idOf({ requestIdHeader }, 'Trace_1.2-3')).to.equal('Trace_1.2-3');
    });

    it('from no untrusted header', async () => {
      expect(await idOf({}, 'Trace_1.2-3')).to.match(made);
    });

    const malformed: Array<[name: string, given: string | string[]]> = [
      ['empty', ''],
      ['too long', 'x'.repeat(129)],
      ['with a quote', 'x"'],
      ['with a space', 'x y'],
      ['above ASCII', 'caf\xe9'],
      ['sent twice', ['one', 'two']],
    ];
    for (const [name, given] of malformed) {
      it(`of no header that is ${name}`, async () => {
        expect(await idOf({ requestIdHeader }, given)).to.match(made);
      });
    }
  });

  it('appends to an existing log', async () => {
    const destination = join(scratchDirectory(), 'kept.log');
    for (let run = 0; run < 2; run += 1) await (await start({ logging: { destination } })).stop();
    expect(existsSync(destination)).to.equal(true);
    expect(readFileSync(destination, 'utf8').match(/"msg":"listening"/g)).to.have.length(2);
  });
});
