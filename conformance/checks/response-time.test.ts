// Tests of the check that measures the duration of a single response.
import { expect } from 'chai';
import { NotAsked, Untestable } from '../check-endings.ts';
import { answer, createFakeContext, endingOf, findingOf } from '../testing/fake-context.ts';
import { responseTime } from './response-time.ts';

/** Runs the check against an endpoint whose responses take these times in ms, or fail. */
function run(...came: readonly (number | Error)[]) {
  const created = createFakeContext({
    respond(_question, index) {
      const each = came[index] ?? 0;
      return typeof each === 'number' ? answer(index === 1 ? 503 : 200, '', { totalMs: each }) : each;
    },
  });
  return { ...created, ended: responseTime.run(created.context) };
}

describe('known-user-response-time', () => {
  it('sends one request when the response is fast, and measures nothing', async () => {
    const { ended, sent, latencies } = run(2000);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada@kit.test'] }]);
    expect(latencies).to.have.length(0);
  });

  it('takes the median of three requests when the first is slow', async () => {
    const { ended, sent, latencies } = run(9000, 100, 2000);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length(3);
    expect(latencies).to.deep.equal([{ requests: 3, concurrency: 1, p50Ms: 2000, p95Ms: 9000, p99Ms: 9000 }]);
    const finding = await findingOf(run(9000, 10_000, 2001).ended);
    expect(finding.seen).to.equal('a median of 9.0 s, with status 200 and 503');
    expect(finding.asked).to.equal('a known user, 3 times, one after the other');
    expect(finding.answers?.map(({ totalMs }) => totalMs)).to.deep.equal([9000]);
  });

  it('uses the lower of two times when the limit on requests is reached', async () => {
    expect(await endingOf(run(3000, 1000, new NotAsked('no more')).ended)).to.equal('passed');
    expect(await endingOf(run(3000, 2500, new NotAsked('no more')).ended)).to.equal(
      'violated: a median of 2.5 s, with status 200 and 503',
    );
    const { ended, latencies } = run(3000, new NotAsked('no more'));
    expect(await endingOf(ended)).to.equal('violated: a median of 3.0 s, with status 200');
    expect(latencies).to.have.length(0);
  });

  it('stops at any other failure', async () => {
    expect(await endingOf(run(3000, new Untestable('429')).ended)).to.equal('untestable: 429');
    expect(await endingOf(run(new NotAsked('no more')).ended)).to.equal('untestable: no more');
  });
});
