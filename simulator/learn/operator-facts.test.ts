// Tests facts that require more effort to determine with an operator than with the REST API: an overriding merge, and the body limit.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { createOperatorDriver, type Operator } from './operator-driver.ts';
import { PlatformError, Unanswered } from './platform-driver.ts';
import { createPerson, createPersonOperator } from './testing/simulated-person.ts';
import { type SimulatedPlatform, startSimulatedPlatform } from './testing/simulated-platform.ts';

describe('the facts from an operator', () => {
  let platform: SimulatedPlatform;
  afterEach(() => platform.close());

  /** @param skipsAfter number of questions about padded-body after which the operator skips it. */
  async function learn(guesses: Readonly<Record<string, unknown>>, only: readonly string[], skipsAfter = Infinity) {
    platform = await startSimulatedPlatform({ guesses, isPlain: true });
    const person = createPersonOperator(createPerson(platform.driver));
    const asked: string[] = [];
    let sizes = 0;
    const operator: Operator = {
      ...person,
      async ask(question, userid, plan, previous) {
        asked.push(...question.names);
        if (plan.experiment === 'padded-body' && ++sizes > skipsAfter)
          throw new Unanswered('The operator skipped the experiment.');
        return person.ask(question, userid, plan, previous);
      },
    };
    const driver = createOperatorDriver(operator, platform.endpoint);
    const { profile } = await platform.learn({ driver, only: new Set(only), seed: 1 });
    return { facts: profile.facts, asked };
  }
  const countProvided = (asked: readonly string[]) => asked.filter((name) => name === 'learn-provided').length;

  it('show that the group from the identity provider is overridden when that group returns after a failed response', async () => {
    const { facts, asked } = await learn({ mergeRule: 'override' }, ['merge', 'status-403']);
    expect(facts.mergeRule).to.include({ determined: 'answered', value: 'override' });
    expect(countProvided(asked), 'four tries of merge with the control, and status-403 once').to.equal(4 + 1);
  });

  it('require no question about this group when it is visible', async () => {
    const { facts, asked } = await learn({ mergeRule: 'union' }, ['merge', 'status-403']);
    expect(facts.mergeRule).to.include({ determined: 'answered', value: 'union' });
    expect(countProvided(asked)).to.equal(4);
  });

  it('are determined although the platform starts neither the very first sync nor the first one between experiments', async () => {
    platform = await startSimulatedPlatform({ guesses: { contentType: 'json' }, isPlain: true });
    const { driver: api, endpoint } = platform;
    let syncs = 0;
    // Two tries of text-plain have four steps.
    const failing = new Set([1, 1 + 1 + 4 + 1]);
    const person = createPerson({
      ...api,
      async sync(userid, plan) {
        if (failing.has(++syncs)) throw new PlatformError('The platform shows an error.');
        return api.sync(userid, plan);
      },
    });
    const driver = createOperatorDriver(createPersonOperator(person), endpoint);
    const { profile, stopped } = await platform.learn({ driver, only: new Set(['text-plain', 'removed-group']) });
    expect(stopped).to.equal(null);
    expect(profile.facts.contentType?.value).to.equal('json');
    expect(profile.facts.removalRule?.value).to.equal('remove');
  });

  it('include whether a proxy is in front of the endpoint, when the first request suggests it', async () => {
    const sockets = new Set<Socket>();
    /** Forwards requests as HTTP/1.0. */
    const proxy = createServer((client) => {
      const upstream = connect(Number(new URL(platform.endpoint.url).port), '127.0.0.1');
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy()).once('close', () => other.destroy());
      }
      client.on('data', (chunk) =>
        upstream.write(chunk.toString('latin1').replace('HTTP/1.1\r\n', 'HTTP/1.0\r\n'), 'latin1'),
      );
      upstream.pipe(client);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const between = async () => (proxy.address() as AddressInfo).port;
    const asked: Array<readonly string[]> = [];
    try {
      platform = await startSimulatedPlatform({ guesses: {}, isPlain: true, between });
      const operator: Operator = {
        ...createPersonOperator(createPerson(platform.driver)),
        async askIntermediary(signs) {
          asked.push(signs);
          return true;
        },
      };
      const driver = createOperatorDriver(operator, platform.endpoint);
      const only = new Set(['redirect']);
      const { profile: before } = await platform.learn({ driver, only });
      expect(before.connection.intermediary).to.deep.equal({ determined: 'answered', value: true });
      expect(before.connection.httpVersions).to.deep.include({ value: ['1.0'], throughIntermediary: true });
      await platform.learn({ driver, only: new Set(['text-plain']), before });
      expect(asked).to.deep.equal([['HTTP/1.0']]);
    } finally {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    }
  });

  it('contain a common body limit exactly, after a few questions', async () => {
    const { facts, asked } = await learn({ maxBodyBytes: 100_000 }, ['padded-body']);
    expect(facts.maxBodyBytes).to.include({ determined: 'answered', value: 100_000 });
    expect(asked.filter((name) => name.startsWith('learn-size-')).length).to.be.at.most(11);
  });

  it('contain the known bounds when the operator skips the remaining questions', async () => {
    const { facts } = await learn({ maxBodyBytes: 100_000 }, ['padded-body'], 6);
    const { determined, reason = '' } = facts.maxBodyBytes ?? {};
    expect(determined).to.equal('no');
    const [, low, high] =
      /^The operator skipped the experiment\. The limit is between (\d+) and (\d+) bytes\.$/.exec(reason) ?? [];
    expect(Number(low)).to.be.at.most(100_000);
    expect(Number(high))
      .to.be.greaterThan(100_000)
      .and.lessThan(8 * 1024 * 1024);
  });
});
