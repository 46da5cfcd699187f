// Tests of the login queue: the order of turns, the bounds, and what is refused.
import { expect } from 'chai';
import { LoginNotQueued, LoginQueue, maxConcurrentHashes } from './login-queue.ts';

const long = 60_000;

/** Verifications that the test ends, one at a time, and the order in which they started. */
function createBench(options: { maxWaitingPerClient?: number; maxWaiting?: number; concurrency?: number } = {}) {
  const queue = new LoginQueue({ concurrency: 1, ...options });
  const started: string[] = [];
  const refused: Array<[name: string, code: string]> = [];
  const endings: Array<() => void> = [];
  const settled: Promise<unknown>[] = [];
  return {
    started,
    refused,
    add(name: string, { isKnown = false, maxWaitMs = long } = {}) {
      const key = name.replace(/\d+$/, '');
      const verify = () => {
        started.push(name);
        return new Promise<void>((resolve) => endings.push(resolve));
      };
      const outcome = queue.run({ key, isKnown }, maxWaitMs, verify).catch((error: unknown) => {
        if (!(error instanceof LoginNotQueued)) throw error;
        refused.push([name, error.code]);
      });
      settled.push(outcome);
    },
    /** Ends the running verification, and each that follows. */
    async endAll() {
      for (let end = endings.shift(); end !== undefined; end = endings.shift()) {
        end();
        await new Promise(setImmediate);
      }
      await Promise.all(settled);
    },
    async endOne() {
      endings.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

describe('the login queue', () => {
  it('alternates between clients, however many verifications one of them has queued', async () => {
    const bench = createBench();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) bench.add(name);
    await bench.endAll();
    expect(bench.started).to.deep.equal(['a1', 'c1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('serves a new client next, before those that were already served', async () => {
    const bench = createBench();
    for (const name of ['a1', 'a2', 'b1', 'b2', 'b3']) bench.add(name);
    await bench.endOne();
    await bench.endOne();
    bench.add('new1');
    await bench.endAll();
    expect(bench.started).to.deep.equal(['a1', 'b1', 'a2', 'new1', 'b2', 'b3']);
  });

  it('serves the newest of several new clients next', async () => {
    const bench = createBench();
    for (const name of ['a1', 'a2', 'b1', 'c1', 'd1']) bench.add(name);
    await bench.endAll();
    expect(bench.started).to.deep.equal(['a1', 'd1', 'c1', 'b1', 'a2']);
  });

  it('alternates between known clients and others', async () => {
    const bench = createBench();
    for (const name of ['a1', 'b1', 'c1', 'd1']) bench.add(name);
    bench.add('known1', { isKnown: true });
    bench.add('known2', { isKnown: true });
    await bench.endAll();
    expect(bench.started).to.deep.equal(['a1', 'known1', 'd1', 'known2', 'c1', 'b1']);
  });

  it('runs the configured number of verifications concurrently', async () => {
    const bench = createBench({ concurrency: 3 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) bench.add(name);
    expect(bench.started).to.deep.equal(['a1', 'a2', 'a3']);
    await bench.endAll();
    expect(bench.started).to.have.length(5);
  });

  it('rejects a client with too many queued verifications, and no other client', async () => {
    const bench = createBench({ maxWaitingPerClient: 2 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1']) bench.add(name);
    await bench.endAll();
    expect(bench.refused).to.deep.equal([['a4', 'too-many-requests']]);
    expect(bench.started).to.deep.equal(['a1', 'b1', 'a2', 'a3']);
  });

  it('when it is full, rejects the newest verification of the client with the most verifications', async () => {
    const bench = createBench({ maxWaiting: 3 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'd1']) bench.add(name);
    await bench.endAll();
    expect(bench.refused).to.deep.equal([
      ['a4', 'too-many-requests'],
      ['a3', 'too-many-requests'],
      ['d1', 'server-overloaded'],
    ]);
    expect(bench.started).to.deep.equal(['a1', 'c1', 'b1', 'a2']);
  });

  it('rejects a verification that waited too long, and continues with the next', async () => {
    const bench = createBench();
    bench.add('a1');
    bench.add('b1', { maxWaitMs: -1 });
    bench.add('c1');
    await bench.endAll();
    expect(bench.refused).to.deep.equal([['b1', 'server-overloaded']]);
    expect(bench.started).to.deep.equal(['a1', 'c1']);
  });

  it('passes on a failure, and continues with the next', async () => {
    const queue = new LoginQueue({ concurrency: 1 });
    const fail = queue.run({ key: 'a', isKnown: false }, long, () => Promise.reject(new Error('out of memory')));
    const next = queue.run({ key: 'a', isKnown: false }, long, async () => 'verified');
    expect(await fail.catch(String)).to.equal('Error: out of memory');
    expect(await next).to.equal('verified');
  });

  it('computes at least one hash at a time, and exactly one with a process per core', () => {
    expect(maxConcurrentHashes(1)).to.be.at.least(1);
    expect(maxConcurrentHashes(0)).to.equal(1);
    expect(maxConcurrentHashes(1000)).to.equal(1);
  });
});
