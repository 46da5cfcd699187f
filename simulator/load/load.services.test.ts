// Tests of the load test: the knee is found, waiting time counts, and a saturated endpoint is detected.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { findKnee } from './find-knee.ts';
import type { StageResult } from './load-stage.ts';
import { type LoadRequest, type LoadResult, runLoad } from './run-load.ts';

const noAbort = new AbortController().signal;

function stageOf(given: Partial<StageResult>): StageResult {
  const latency = { requests: 1, meanMs: 1, p50Ms: 1, p90Ms: 1, p99Ms: 2, p999Ms: 2, maxMs: 2, histogram: '' };
  const none = { requests: 1, failures: {}, overloaded: 0, unsent: 0, latency };
  return { mode: 'open', level: 100, answersPerSecond: 100, ...none, ...given };
}

describe('the saturation point of a load test', () => {
  const open = (...stages: Array<readonly [level: number, answered: number, more?: Partial<StageResult>]>) =>
    findKnee(
      stages.map(([level, answersPerSecond, more]) => stageOf({ level, answersPerSecond, ...more })),
      1000,
    );
  const slow = { latency: { ...stageOf({}).latency, p99Ms: 1500 } as StageResult['latency'] };

  it('is the last rate with timely responses and without failures', () => {
    expect(open([100, 100], [200, 199], [400, 310])).to.deep.equal({
      level: 200,
      answersPerSecond: 199,
      reason: 'at 400 per second, only 310 responses per second were received',
    });
    expect(open([100, 100], [200, 200, { overloaded: 3 }]).reason).to.equal(
      'at 200 per second, 3 requests were not sent, got no response, or got a 429 or 5xx',
    );
    expect(open([100, 100], [200, 200, { unsent: 2, overloaded: 1 }]).level).to.equal(100);
    expect(open([100, 100], [200, 200, slow]).reason).to.equal('at 200 per second, p99 was 1500 ms, above 1000 ms');
  });

  it('is beyond the last level when all levels succeeded, and missing when the first failed', () => {
    expect(open([100, 100], [200, 195])).to.deep.equal({ level: 200, answersPerSecond: 195, reason: null });
    expect(open([100, 50]).level).to.equal(null);
  });

  it('of waiting users is the level at which more users hardly increase the throughput', () => {
    const closed = (...stages: Array<readonly [level: number, answered: number]>) =>
      findKnee(
        stages.map(([level, answersPerSecond]) => stageOf({ mode: 'closed', level, answersPerSecond })),
        1000,
      );
    expect(closed([1, 100], [2, 190], [4, 200])).to.include({ level: 2 });
    expect(closed([1, 100], [2, 190], [4, 200]).reason).to.include('hardly more than 190 with 2');
    expect(closed([1, 100], [2, 90]).reason).to.include('no more than 100 with 1');
    expect(closed([1, 100], [4, 125])).to.include({ level: 4, reason: null });
  });
});

describe('a load on an endpoint', function () {
  this.timeout(60_000);
  let endpoint: ChangingEndpoint;
  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    for (const userid of ['ada', 'bob', 'eve']) endpoint.users.set(userid, { groups: ['staff'] });
  });
  afterEach(() => endpoint.close());

  function load(given: Partial<LoadRequest>): Promise<LoadResult> {
    const settings = loadIamSettings({
      externalUserInfo: { uri: endpoint.uri },
      guesses: { timeoutMs: 2000, retries: 5 },
    });
    const credentials = { basicHeader: null, cert: null, key: null, ca: null };
    const request: LoadRequest = {
      ...{ settings, credentials, mode: 'open', levels: [50], seconds: 1, connections: 4, maxP99Ms: 1000 },
      ...{ userids: ['ada', 'bob', 'eve', 'nobody'] },
      ...given,
    };
    return runLoad(request, noAbort, () => undefined);
  }
  const only = ({ stages }: LoadResult): StageResult => stages[0] ?? expect.fail('no stage');

  it('sends an open load at its rate, requests the users in turn, and counts a 404 as a response', async () => {
    const stage = only(await load({ levels: [80] }));
    expect(stage).to.deep.include({ requests: 80, overloaded: 0, unsent: 0, failures: { 'not-found': 20 } });
    expect(new Set(endpoint.requests.map(({ target }) => target)).size).to.equal(4);
  });

  it('includes the waiting time before slow responses, which would look fast without it', async () => {
    // One connection, responses after 50 ms, 50 requests per second: 20 are served, and each waits longer than the previous one.
    endpoint.handler = async (_request, response) => {
      await delay(50);
      answer(response, {});
    };
    const stage = only(await load({ connections: 1, maxP99Ms: 100 }));
    expect(stage.latency?.p50Ms).to.be.greaterThan(500);
    expect(stage.answersPerSecond).to.be.below(25);
  });

  it('records an endpoint that rejects requests, repeats no request, and ends after the saturation point', async () => {
    let onTheirWay = 0;
    endpoint.handler = async (_request, response) => {
      const isTooMany = ++onTheirWay > 3;
      await delay(60);
      onTheirWay--;
      answer(response, isTooMany ? 503 : {});
    };
    const { stages, knee } = await load({ mode: 'closed', levels: null, seconds: 1 });
    expect(stages.map(({ level }) => level)).to.deep.equal([1, 2, 4, 8]);
    expect(knee.level).to.equal(2);
    expect(knee.reason).to.match(/^with 4 users, \d+ requests were not sent, got no response, or got a 429 or 5xx$/);
    expect(stages[2]?.failures).to.have.all.keys('server-error');
  });

  it('ends at once when it is cancelled', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 100);
    const settings = loadIamSettings({ externalUserInfo: { uri: endpoint.uri } });
    const credentials = { basicHeader: null, cert: null, key: null, ca: null };
    const common = { settings, credentials, levels: [5], seconds: 50, connections: 4, maxP99Ms: 1000 };
    for (const mode of ['open', 'closed'] as const) {
      const failure = await runLoad({ ...common, mode, userids: ['ada'] }, stop.signal, () => undefined).catch(
        (error: Error) => error,
      );
      expect(failure).to.include({ message: 'enough' });
    }
  });
});
