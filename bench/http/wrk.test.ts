// Tests of the wrk report parser, especially for failures.
import { expect } from 'chai';
import { readReport } from './wrk.ts';

const report = `Running 4s test @ http://127.0.0.1:40001/user-info
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.61ms    1.02ms  30.11ms   93.37%
    Req/Sec    24.81k     2.11k   28.10k    80.00%
  Latency Distribution
     50%    2.45ms
     75%    2.80ms
     90%    3.21ms
     99%  980.00us
  98731 requests in 4.00s, 71.20MB read
`;

describe("wrk's report", () => {
  it('returns rate, requests and latency in milliseconds', () => {
    expect(readReport(`${report}Requests/sec:  24680.12\n`)).to.deep.equal({
      requestsPerSecond: 24680.12,
      requests: 98731,
      failures: 0,
      latencyP50: 2.45,
      latencyP99: 0.98,
    });
  });

  it('counts unsuccessful responses and socket errors', () => {
    const failed = `${report}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 90\n`;
    expect(readReport(failed).failures).to.equal(100);
  });
});
