// Tests that guessed passwords, whose hashes take a long time to compute, delay neither known callers nor correct logins from other addresses.
import { writeFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, ask, basicHeader, keepAliveAgent } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { stoppedAfterEach } from '../../tests/test-server.ts';

/** Hashes of the password "right", with the cost that `htpasswd -B -C 11` and `user-info hash-password` write. */
const hashes = {
  bcrypt: '$2y$11$s3olUGWXH19wbfrrZ5u1aOo3TqWdLFklgsE/Etz5NYmdNWhLLXtF.',
  scrypt: '$scrypt$ln=15,r=8,p=1$NFiLMrSXtqWCDCJ20WZcNw$HQ+mUPwuSL5GKc72PRMhVCF5A7nMy6aKQmW5lQxueLQ',
} as const;
const right = basicHeader('known', 'right');
const codeOf = ({ body }: Answer) => (JSON.parse(body) as { code?: string }).code ?? null;

describe('password guessing', () => {
  const start = stoppedAfterEach();
  const agents: Agent[] = [];
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
  });

  async function startWith(hash: string, sections: { authentication?: object; listener?: object } = {}) {
    const htpasswdFile = join(scratchDirectory(), 'users.htpasswd');
    writeFileSync(htpasswdFile, `known:${hash}\nother:${hash}\n`);
    const server = await start({
      listener: { ...sections.listener },
      authentication: { mode: 'basic', basic: { htpasswdFile }, ...sections.authentication },
      deadlineMs: 60_000,
    });
    const agent = keepAliveAgent(server.url);
    agents.push(agent);
    return {
      /** Sends the requests over one persistent connection. */
      askKnown: () => ask(server.adaUrl, { agent, headers: { authorization: right } }),
      askFrom: (localAddress: string, authorization: string, headers: Record<string, string> = {}) =>
        ask(server.adaUrl, { localAddress, headers: { ...headers, authorization } }),
    };
  }

  type Asking = Awaited<ReturnType<typeof startWith>>;

  /** Sends four guesses from each of ten addresses. */
  function guess({ askFrom }: Asking) {
    const tally = { answered: 0 };
    for (let index = 0; index < 40; index += 1) {
      const header = basicHeader(`guess-${index}`, 'wrong');
      askFrom(`127.0.0.${10 + (index % 10)}`, header).then(
        () => (tally.answered += 1),
        () => undefined,
      );
    }
    return tally;
  }

  for (const [algorithm, hash] of Object.entries(hashes)) {
    it(`computes no ${algorithm} hash on the event loop, for either known or unknown user names`, async () => {
      const { askFrom } = await startWith(hash);
      // Starts the thread.
      await askFrom('127.0.0.1', basicHeader('first', 'wrong'));
      const before = performance.eventLoopUtilization();
      const statuses = [
        (await askFrom('127.0.0.2', basicHeader('unknown', 'wrong'))).status,
        (await askFrom('127.0.0.2', basicHeader('known', 'wrong'))).status,
        (await askFrom('127.0.0.2', right)).status,
      ];
      expect(statuses).to.deep.equal([401, 401, 200]);
      expect(performance.eventLoopUtilization(before).utilization).to.be.below(0.5);
    });
  }

  it('from ten addresses does not delay a known client', async () => {
    const asking = await startWith(hashes.bcrypt);
    expect((await asking.askKnown()).status).to.equal(200);
    const guesses = guess(asking);
    const statuses: number[] = [];
    for (let time = 0; time < 30; time += 1) statuses.push((await asking.askKnown()).status);
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
    expect(guesses.answered, 'guesses that were answered meanwhile').to.be.below(20);
  });

  it('from ten addresses does not prevent a correct login from a new address', async () => {
    const asking = await startWith(hashes.bcrypt);
    const guesses = guess(asking);
    // Each of the ten addresses has had a turn.
    while (guesses.answered < 12) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = guesses.answered;
    expect((await asking.askFrom('127.0.0.1', right)).status).to.equal(200);
    expect(guesses.answered - before, 'guesses that were answered meanwhile').to.be.below(10);
  });

  const unlimited = { failedLogins: { max: 0, maxByUsername: 0 } };

  it('makes the server respond with 429 only to the address that floods its own queue', async () => {
    const { askFrom } = await startWith(hashes.bcrypt, { authentication: unlimited });
    const flood = Array.from({ length: 40 }, (_, index) => askFrom('127.0.0.9', basicHeader(`guess-${index}`, 'x')));
    const refused = await Promise.any(
      flood.map(async (answer) => ((await answer).status === 429 ? answer : Promise.reject())),
    );
    expect(codeOf(refused)).to.equal('too-many-requests');
    expect(refused.headers['retry-after']).to.equal('1');
    expect((await askFrom('127.0.0.8', right)).status).to.equal(200);
    const codes = (await Promise.all(flood)).map(codeOf);
    expect(codes.filter((code) => code === 'too-many-requests')).to.have.length.within(1, 40 - 16);
    expect(codes.filter((code) => code === 'credentials-wrong')).to.have.length.within(16, 39);
  });

  it('behind a trusted proxy fills the queue of the client address, not the proxy’s', async () => {
    const { askFrom } = await startWith(hashes.bcrypt, {
      authentication: unlimited,
      listener: { trustProxy: { addresses: ['127.0.0.1'] } },
    });
    const askBehind = (client: string, header: string) => askFrom('127.0.0.1', header, { 'X-Forwarded-For': client });
    const flood = Array.from({ length: 40 }, (_, index) => askBehind('192.0.2.1', basicHeader(`guess-${index}`, 'x')));
    await Promise.any(flood.map(async (answer) => ((await answer).status === 429 ? answer : Promise.reject())));
    expect((await askBehind('192.0.2.2', right)).status).to.equal(200);
    await Promise.all(flood);
  });
});
