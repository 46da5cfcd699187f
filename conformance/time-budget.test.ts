// Tests of the time limit of a run, with an endpoint that takes two seconds for every response.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { describeConformance } from './describe-conformance.ts';
import { renderConsoleReport } from './report/console-report.ts';
import { ConformanceOptionsError, type ConformanceReport, runConformance } from './run-conformance.ts';

const delayMs = 2100;
const maxDuration = 15;

async function startSlowEndpoint() {
  const server = http.createServer(async (request, response) => {
    await sleep(delayMs);
    const isKnown = new URL(request.url ?? '', 'http://x').searchParams.get('userid') === 'ada@example.com';
    response.writeHead(isKnown ? 200 : 404, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(isKnown ? '{"groups":[{"name":"a"}],"authorizations":{}}' : '{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    options: { url: `http://127.0.0.1:${port}/`, auth: 'none', knownUsers: ['ada@example.com'], maxDuration } as const,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('the time limit of a run', function () {
  this.timeout(120_000);
  let report: ConformanceReport;
  let tookMs: number;
  before(async () => {
    const endpoint = await startSlowEndpoint();
    const startedAt = performance.now();
    report = await runConformance(endpoint.options);
    tookMs = performance.now() - startedAt;
    endpoint.close();
  });

  it('ends the run, and bases the verdict on the completed checks', () => {
    // All checks would take minutes. The run does not start requests that would end later; checks that need no requests may take a moment.
    expect(tookMs).to.be.within((maxDuration - 3) * 1000, (maxDuration + 2) * 1000);
    expect(report.verdict).to.equal('conforms');
    expect(report.notRun.length).to.be.greaterThan(30);
    const [last = ''] = renderConsoleReport(report, { isColored: false, columns: 100 }).trimEnd().split('\n').slice(-1);
    expect(last).to.match(
      / conforms, as far as it was tested: \d+ contract checks were not run, \d+ of them for lack of time \(/,
    );
    expect(report.attestation.configuration.maxDuration).to.equal(maxDuration);
  });

  it('measures the latency first, and reports it as a finding', () => {
    const [first] = report.checks;
    expect(first).to.include({ id: 'known-user-response-time', status: 'warning' });
    expect(first?.message).to.match(/Seen: a median of 2\.\d s, with status 200\./);
    expect(report.latency?.p50Ms).to.be.greaterThan(delayMs - 1);
  });

  it('runs the contract checks first, and reports that the time limit was reached for the others', () => {
    // Checks that share a response with another need no time.
    const waited = report.checks.slice(1).filter(({ durationMs }) => durationMs >= delayMs);
    expect(waited.length).to.be.greaterThan(0);
    expect([...new Set(waited.map(({ ruleSet }) => ruleSet))]).to.deep.equal(['contract']);
    const late = report.checks.filter(({ notRun }) => notRun?.because === 'time');
    expect(late.length).to.be.greaterThan(50);
    for (const { status, message, notRun } of late) {
      expect(status).to.equal('untestable');
      expect(message).to.equal('Not tested in time: the run ends after 15 seconds. Increase --max-duration.');
      expect(notRun?.flags).to.deep.equal(['--max-duration SECONDS']);
    }
    expect(renderConsoleReport(report, { isColored: false, columns: 100 })).to.match(
      /\n {2}--max-duration SECONDS +\d+ checks, \d+ of the contract\n/,
    );
  });

  it('applies to a test suite as well', async () => {
    const endpoint = await startSlowEndpoint();
    const tests: ((...given: unknown[]) => Promise<void>)[] = [];
    const runner = {
      describe: (_title: string, define: () => void) => define(),
      it: (_title: string, test: (...given: unknown[]) => Promise<void>) => tests.push(test),
    };
    describeConformance({ ...endpoint.options, maxDuration: 5 }, { runner, only: ['an-unknown-user', 'methods'] });
    const skipped: string[] = [];
    for (const test of tests) await test({ skip: (why: string) => skipped.push(why) });
    endpoint.close();
    expect(skipped.filter((why) => why.startsWith('Not tested in time')).length).to.be.greaterThan(0);
  });

  it('is a whole number of seconds of at most one day', async () => {
    for (const wrong of [0, 1.5, 86_401]) {
      const error: unknown = await runConformance({
        url: 'http://127.0.0.1:1/',
        auth: 'none',
        maxDuration: wrong,
      }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ConformanceOptionsError);
      expect((error as Error).message).to.equal('--max-duration must be a whole number of seconds from 1 to 86400.');
    }
  });
});
