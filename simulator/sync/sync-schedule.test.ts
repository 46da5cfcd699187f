// Tests of the schedule of a sync: the times of a pattern are correct, and runs follow the pattern, one after the other.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { SyncError } from './sync-error.ts';
import { parseSchedule, runOnSchedule } from './sync-schedule.ts';

describe('the schedule of a sync', () => {
  const next = (pattern: string, after: string, timeZone?: string) => {
    const ms = parseSchedule(pattern, timeZone).nextAfter(Date.parse(after));
    return ms === null ? null : new Date(ms).toISOString();
  };
  const times: ReadonlyArray<readonly [pattern: string, zone: string, after: string, next: string | null]> = [
    ['0 2 * * *', 'UTC', '2026-11-28T01:59:59Z', '2026-11-28T02:00:00.000Z'],
    ['0 2 * * *', 'UTC', '2026-11-28T02:00:00Z', '2026-11-29T02:00:00.000Z'],
    ['0 2 * * *', 'Europe/Zurich', '2026-07-01T12:00:00Z', '2026-07-02T00:00:00.000Z'],
    // 2:30 does not exist on the day that the clocks go forward; the platform's behavior is unknown.
    ['30 2 * * *', 'Europe/Zurich', '2026-03-28T12:00:00Z', '2026-03-29T01:30:00.000Z'],
    ['*/15 8-17 * * 1-5', 'UTC', '2026-11-27T17:46:00Z', '2026-11-30T08:00:00.000Z'],
    ['*/10 * * * * *', 'UTC', '2026-11-28T00:00:01Z', '2026-11-28T00:00:10.000Z'],
    ['0 0 30 2 *', 'UTC', '2026-11-28T00:00:00Z', null],
  ];
  for (const [pattern, zone, after, expected] of times) {
    it(`is ${expected ?? 'never'} for ${pattern} in ${zone}, after ${after}`, () => {
      expect(next(pattern, after, zone)).to.equal(expected);
    });
  }

  for (const [pattern, zone] of [
    ['0 2 * *', 'UTC'],
    ['61 * * * *', 'UTC'],
    ['', 'UTC'],
    ['0 2 * * *', 'Mars/Base'],
  ] as const) {
    it(`is rejected as "${pattern}" in ${zone}`, () => {
      expect(() => parseSchedule(pattern, zone)).to.throw(SyncError, /is not a valid cron pattern|does not exist/);
    });
  }

  it('runs at the scheduled times, never starts two runs at once, and ends when it is cancelled', async () => {
    const stop = new AbortController();
    const runs: number[] = [];
    let atOnce = 0;
    await runOnSchedule(
      parseSchedule('* * * * * *'),
      async (dueMs) => {
        expect(++atOnce).to.equal(1);
        expect(Date.now()).to.be.at.least(dueMs);
        runs.push(dueMs);
        // The run takes longer than the interval to the next time, which is therefore skipped.
        await delay(1200);
        atOnce--;
        if (runs.length === 2) stop.abort();
      },
      { signal: stop.signal, missedSinceMs: null },
    );
    expect((runs[1] ?? 0) - (runs[0] ?? 0)).to.be.at.least(2000);
  }).timeout(20_000);

  it('replaces all missed runs with one immediate run when that is configured', async () => {
    const stop = new AbortController();
    const startedMs = Date.now();
    const due: number[] = [];
    await runOnSchedule(
      parseSchedule('0 0 * * *'),
      async (dueMs) => {
        due.push(dueMs);
        setTimeout(() => stop.abort(), 50);
      },
      { signal: stop.signal, missedSinceMs: startedMs - 3 * 86_400_000 },
    );
    // Only one run replaces the missed times; the schedule then waits for the next time.
    expect(due).to.have.length(1);
    expect(due[0]).to.be.at.most(startedMs);
  });

  it('ends at once when it is cancelled while it waits, and fails when a run fails', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await runOnSchedule(parseSchedule('0 0 1 1 *'), () => expect.fail('it ran'), {
      signal: stop.signal,
      missedSinceMs: null,
    });
    const failing = runOnSchedule(parseSchedule('* * * * * *'), () => Promise.reject(new Error('no')), {
      signal: new AbortController().signal,
      missedSinceMs: null,
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
  }).timeout(20_000);
});
