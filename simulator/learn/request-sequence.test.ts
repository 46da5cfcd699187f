// Tests what a sequence of requests shows: concurrency, order, time between requests, and repeats after failures.
import { expect } from 'chai';
import { describeSequence, findObservedRepeats, type SequencedRequest } from './request-sequence.ts';

const client = 'sha256:0123456789abcdef';
const names = Array.from({ length: 24 }, (_, at) => `user-${String(at).padStart(2, '0')}`);
const request = (userid: string, startedMs: number, tookMs = 10, isFailed = false): SequencedRequest => ({
  ...{ userid, client, step: null, startedMs, endedMs: startedMs + tookMs, isFailed },
});
/** Returns requests for users one after the other, every 20 ms. */
const sync = (users: readonly string[], fromMs = 0, tookMs = 10) =>
  users.map((user, at) => request(user, fromMs + at * 20, tookMs));
const mixed = [...names.slice(5), ...names.slice(0, 5)];

describe('a sequence of requests', () => {
  const reasonsOf = (all: readonly SequencedRequest[]) =>
    Object.values(describeSequence(all, 'observed')).map(({ determined, reason }) => [determined, reason]);

  it('shows nothing for few users, for requests far apart in time, or for different clients', () => {
    const reason = 'No synchronization of 10 users or more was seen.';
    const none = [1, 2, 3].map(() => ['no', reason]);
    expect(reasonsOf([])).to.deep.equal(none);
    expect(reasonsOf(sync(names.slice(0, 9)))).to.deep.equal(none);
    expect(reasonsOf(names.map((user, at) => request(user, at * 5000)))).to.deep.equal(none);
    expect(reasonsOf(Array.from({ length: 30 }, (_, at) => request('one', at * 20)))).to.deep.equal(none);
    const others = sync(names).map((one) => ({ ...one, client: 'sha256:ffffffffffffffff' }));
    expect(reasonsOf([...sync(mixed), ...others])[0]).to.deep.equal(['no', 'More than one client sent requests.']);
  });

  it('shows that users are requested sequentially and ordered by name, and the time between requests', () => {
    const { maxConcurrent, order, betweenRequestsMs } = describeSequence(sync(names), 'all');
    expect(maxConcurrent).to.include({ determined: 'measured', value: 1 });
    expect(order).to.include({ determined: 'measured', value: 'by name' });
    expect(betweenRequestsMs).to.deep.include({ value: 20, interval: { low: 20, high: 20 } });
    expect(betweenRequestsMs?.evidence?.[0]).to.include({ experiment: 'all', tries: 23 });
  });

  it('counts only steps of an experiment that request several users', () => {
    const perStep = (users: number) => sync(names).map((one, at) => ({ ...one, step: Math.floor(at / users) }));
    expect(reasonsOf(perStep(1))[0]).to.deep.equal(['no', 'No synchronization of 10 users or more was seen.']);
    expect(describeSequence(perStep(12), 'all').maxConcurrent?.value).to.equal(1);
  });

  it('shows concurrency, and no order for concurrent requests', () => {
    const { maxConcurrent, order } = describeSequence(sync(mixed, 0, 50), 'all');
    expect(maxConcurrent?.value).to.equal(3);
    expect(order).to.include({ determined: 'no', reason: 'The requests overlap.' });
  });

  it('shows whether another synchronization has the same order', () => {
    const orderOf = (...syncs: ReadonlyArray<readonly string[]>) =>
      describeSequence(
        syncs.flatMap((users, at) => sync(users, at * 60_000)),
        'observed',
      ).order;
    expect(orderOf(mixed)).to.include({ determined: 'no', reason: 'Only one synchronization was seen.' });
    expect(orderOf(mixed, mixed.slice(1), mixed)).to.include({ value: 'the same each time' });
    expect(orderOf(mixed, [...mixed].reverse())).to.include({ value: 'different each time' });
    expect(orderOf(names, [...names].reverse())).to.include({ value: 'different each time' });
  });
});

describe('repeats after failures in operation', () => {
  const long = 10_000_000;
  /** Returns failed requests for one user, with pauses of 200 ms. */
  const failing = (userid: string, times: number, fromMs: number) =>
    Array.from({ length: times }, (_, at) => request(userid, fromMs + at * 210, 10, true));
  const observedOf = (all: readonly SequencedRequest[], untilMs = long) => findObservedRepeats(all, untilMs);

  it('are counted when requests fail until the last repeat', () => {
    const all = names.slice(0, 4).flatMap((user, at) => failing(user, 3, at * 100_000));
    const { observed, observedPauseMs } = observedOf(all);
    expect(observed).to.include({ determined: 'measured', value: 2 });
    expect(observedPauseMs).to.deep.include({ value: 200, interval: { low: 200, high: 200 } });
  });

  it('are zero when no user is requested again within a minute', () => {
    const all = names
      .slice(0, 3)
      .flatMap((user, at) => [...failing(user, 1, at * 200_000), request(user, at * 200_000 + 70_000)]);
    const { observed, observedPauseMs } = observedOf(all);
    expect(observed).to.include({ determined: 'measured', value: 0 });
    expect(observedPauseMs).to.include({ determined: 'no', reason: 'No request was repeated.' });
  });

  it('are undetermined when a repeat succeeds, the numbers differ, there are too few failures, or the observation ends too early', () => {
    const recovered = names
      .slice(0, 3)
      .flatMap((user, at) => [...failing(user, 1, at * 100_000), request(user, at * 100_000 + 300)]);
    expect(observedOf(recovered).observed?.reason).to.equal(
      '3 of 3 failed requests were followed by another request for the same user within a minute.',
    );
    const differing = [1, 2, 3].flatMap((times, at) => failing(names[at] ?? '', times, at * 100_000));
    expect(observedOf(differing).observed?.reason).to.match(/^2 of 3 failed requests/);
    const none = 'No request failed, or the observation ended less than a minute after the failure.';
    expect(observedOf(sync(names)).observed?.reason).to.equal(none);
    expect(observedOf(failing('ada', 2, 0), 1000).observed?.reason).to.equal(none);
    expect(observedOf(failing('ada', 2, 0)).observed?.reason).to.equal('Fewer than 3 failures were seen.');
  });

  it('are undetermined when a later failure is followed by a successful request', () => {
    const all = [
      ...names.slice(0, 3).flatMap((user, at) => failing(user, 1, at * 100_000)),
      ...[...failing('zoe', 1, 900_000), request('zoe', 900_300)],
    ];
    expect(observedOf(all).observed).to.include({ determined: 'no' });
  });
});
