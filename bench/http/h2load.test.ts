// Tests of the h2load log parser, especially for failures.
import { expect } from 'chai';
import { readTimes } from './h2load.ts';

describe("h2load's log", () => {
  const lineOf = (microseconds: number, status = 200) => `1764390235182000\t${status}\t${microseconds}\n`;

  it('returns percentiles of the request times in milliseconds', () => {
    const log = Array.from({ length: 200 }, (_, n) => lineOf((n + 1) * 10));
    expect(readTimes(log.reverse().join(''))).to.deep.equal({ p50: 1, p99: 1.98 });
  });

  it('rejects output with a failed request, and output without a response', () => {
    expect(() => readTimes(lineOf(10) + lineOf(20, 503))).to.throw('503');
    // The output of h2load for a failed request.
    expect(() => readTimes(lineOf(10) + lineOf(20, -1))).to.throw('-1');
    expect(() => readTimes('')).to.throw('no 200');
  });
});
