// Tests of how the platform's client interprets each fault, over real connections to our server, with TLS and credentials.
import { expect } from 'chai';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import type { NoAnswer } from '../sync/endpoint-answer.ts';
import type { Answer } from '../sync/evaluate-response.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { createPlatformClient } from '../sync/platform-client.ts';
import { startFaultGateway } from './fault-gateway.ts';
import { parseFaultRules } from './fault-rules.ts';

const noAbort = new AbortController().signal;
const userids = Array.from({ length: 60 }, (_, index) => `user${index}`);
const source = {
  type: 'static',
  users: Object.fromEntries(userids.map((userid) => [userid, { groups: [`group of ${userid}`], authorizations: {} }])),
};

describe('a fault between simulator and endpoint', () => {
  let server: TestServer;
  let files: Awaited<ReturnType<typeof certificateFiles>>;
  before(async () => {
    files = await certificateFiles();
    server = await startTestServer({
      source,
      listener: { tls: { certificate: files.listenerTls.certificate, key: files.listenerTls.key } },
    });
  });
  after(() => server.stop());

  /** Requests all users with this concurrency. */
  async function askAll(
    text: string,
    guesses: Partial<LoadedIamSettings['guesses']> = {},
    { seed = 7, concurrency = 8 } = {},
  ) {
    const settings = loadIamSettings({
      externalUserInfo: { uri: server.url, useSSL: true },
      sync: { concurrency },
      guesses: { retryDelayMs: 1, ...guesses },
    });
    const credentials = { basicHeader: null, cert: null, key: null, ca: files.good.ca.certificate };
    const client = createPlatformClient(settings, credentials, { rules: parseFaultRules(text), seed });
    try {
      const answers: Answer[] = [];
      const left = userids.entries();
      const work = async () => {
        for (const [index, userid] of left) answers[index] = await client.ask(userid, noAbort);
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      return { kinds: answers.map(({ kind }) => kind), answers, seen: client.faultsSeen };
    } finally {
      await client.close();
    }
  }

  const outcomes: Readonly<Record<string, readonly [kind: Answer['kind'], guesses?: object]>> = {
    'delay=100%:1ms': ['user'],
    'delay=100%:5000ms': ['timeout', { timeoutMs: 300 }],
    'reset=100%': ['connection'],
    'truncate=100%': ['connection'],
    'half-body=100%': ['invalid-body'],
    'content-type=100%': ['user'],
    'content-type=100% ': ['invalid-body', { contentType: 'json' }],
    'html-page=100%': ['invalid-body'],
    '5xx=100%': ['server-error'],
    'tls=100%': ['tls', { verifyServerCertificate: false }],
  };
  for (const [text, [kind, guesses = {}]] of Object.entries(outcomes)) {
    it(`${text} is classified as ${kind}${text.endsWith(' ') ? ' when JSON is expected' : ''}`, async () => {
      const { kinds, seen } = await askAll(text, guesses);
      expect(new Set(kinds)).to.deep.equal(new Set([kind]));
      expect(Object.values(seen)).to.deep.equal([userids.length]);
    });
  }

  it('never returns the response for another user, and does not affect other users', async () => {
    const { answers, seen } = await askAll('delay=40%:3ms,content-type=40%');
    expect(answers.map((answer) => answer.kind === 'user' && [...answer.access.groups].join())).to.deep.equal(
      userids.map((userid) => `group of ${userid}`),
    );
    expect(Object.keys(seen)).to.have.members(['delay', 'content-type']);
  });

  it('affects the same users again with the same seed, whatever the concurrency, and others with another seed', async () => {
    const text = 'reset=10%,truncate=5%,half-body=5%,5xx=20%:5,tls=5%,html-page=5%';
    const first = await askAll(text);
    expect(new Set(first.kinds)).to.include.members(['user', 'connection', 'server-error', 'invalid-body']);
    expect((await askAll(text, {}, { concurrency: 1 })).kinds).to.deep.equal(first.kinds);
    expect((await askAll(text, {}, { seed: 8 })).kinds).not.to.deep.equal(first.kinds);
  });

  it('is overcome by retries when the platform sends any', async () => {
    expect((await askAll('reset=30%')).kinds).to.include('connection');
    expect(new Set((await askAll('reset=30%', { retries: 10 })).kinds)).to.deep.equal(new Set(['user']));
  });

  it('forwards no request from another program to the endpoint', async () => {
    let asked = 0;
    const ask = async () => {
      asked++;
      return { status: 200, contentType: '', contentEncoding: '', location: '', body: Buffer.from('{}') };
    };
    const gateway = await startFaultGateway(
      ask,
      loadIamSettings({ externalUserInfo: { uri: server.url, useSSL: true } }),
    );
    try {
      const [rule] = parseFaultRules('delay=100%:1ms');
      if (!rule) throw new Error('there is no rule');
      const withKeys = [{}, { 'x-gateway-key': '0'.repeat(32) }];
      const others = withKeys.map((headers) =>
        fetch(`${gateway.url}/user-info`, { headers: { ...headers, 'x-fault': 'delay:1' } }).then(
          () => 'answered',
          () => 'closed',
        ),
      );
      const { status } = await gateway.get('/user-info', true, rule, new AbortController().signal);
      expect([await Promise.all(others), status, asked]).to.deep.equal([['closed', 'closed'], 200, 1]);
    } finally {
      await gateway.close();
    }
  });

  it('sends each request to the endpoint once, even when the endpoint does not respond', async () => {
    let asked = 0;
    const gateway = await startFaultGateway(
      async () => {
        if (asked++ % 2 === 0)
          return { status: 200, contentType: '', contentEncoding: '', location: '', body: Buffer.from('{}') };
        throw new Error('no answer');
      },
      loadIamSettings({ externalUserInfo: { uri: server.url, useSSL: true } }),
    );
    try {
      const [rule] = parseFaultRules('delay=100%:1ms');
      if (!rule) throw new Error('there is no rule');
      const outcomes: Array<number | string> = [];
      for (let time = 0; time < 4; time++) {
        const asking = gateway.get('/user-info', false, rule, new AbortController().signal);
        outcomes.push(
          await asking.then(
            ({ status }) => status,
            ({ kind }: NoAnswer) => kind,
          ),
        );
      }
      expect([outcomes, asked]).to.deep.equal([[200, 'connection', 200, 'connection'], 4]);
    } finally {
      await gateway.close();
    }
  });
}).timeout(60_000);
