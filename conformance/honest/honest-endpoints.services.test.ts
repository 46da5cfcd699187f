// Tests that endpoints written like tutorials conform, and that the kit says so.
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { closeBrowser, withReportPage } from '../../tests/browser.ts';
import { renderHtmlReport } from '../report/html-report.ts';
import { type ConformanceReport, runConformance } from '../run-conformance.ts';
import {
  credentials,
  type HonestEndpoint,
  honestEndpoints,
  type RunningHonestEndpoint,
  startHonestEndpoint,
  users,
} from './testing/honest-endpoints.ts';
import { verifyEndpoint } from './testing/verify-endpoint.ts';

const pictureFile = join(import.meta.dirname, '../../docs/screenshots/conformance-report.png');
const warningsFile = join(import.meta.dirname, 'warnings.json');

/** The warnings that each endpoint should get, according to the committed file. */
const expectedWarnings = JSON.parse(readFileSync(warningsFile, 'utf8')) as Record<string, string[]>;

/** The warnings that each endpoint got in this run. */
const warnings: Record<string, string[]> = {};

describe('honest endpoints', () => {
  it('are all listed in the list of endpoints and in warnings.json', () => {
    const directories = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const names = directories.map(({ name }) => name).filter((name) => name !== 'data' && name !== 'testing');
    expect(honestEndpoints.map(({ name }) => name)).to.have.members(names);
    expect(Object.keys(expectedWarnings)).to.have.members(names);
  });

  it('are verified by a script that detects a server that returns the same user info for everyone', async () => {
    const server = createServer((_request, response) => response.end(JSON.stringify(users['ada@example.com'])));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/user-info`;
    const wrong = await verifyEndpoint({ url, ...credentials, users });
    server.close();
    expect(wrong.filter((sentence) => sentence.startsWith('another user info for '))).to.have.lengthOf(3);
    expect(wrong).to.include.members([
      'status 200 for the unknown user "nobody@example.com"',
      'status 200 for GET with undefined',
      'status 200 for GET with Basic',
      'status 200 for POST with undefined',
    ]);
  });

  for (const endpoint of honestEndpoints) describe(endpoint.name, () => describeEndpoint(endpoint));

  after(() => {
    if (process.env.WRITE_ENDPOINT_REPORTS) writeFileSync(warningsFile, `${JSON.stringify(warnings, null, 2)}\n`);
  });
});

/** Runs the kit with every possible input, so that every possible check of the contract runs. */
function runKit({ url, ca }: RunningHonestEndpoint, { useridCase }: HonestEndpoint): Promise<ConformanceReport> {
  return runConformance({
    ...{ url, ca, auth: 'basic', ...credentials, knownUsers: Object.keys(users), expectedData: users },
    ...{ useridCase: useridCase ?? 'sensitive', useridSpaces: 'kept' },
    ...{ intrusive: true, maxFailedLogins: 60, failedLoginSpacingMs: 0 },
    ...{ explore: 20, seed: 271828 },
    // This check would wait for seconds on a single-threaded server, and is only advice.
    skip: ['dawdling-requests-others-answered'],
  });
}

/** Takes the picture of a report that is in the README. */
async function takePicture(report: ConformanceReport): Promise<void> {
  const desk = { viewport: { width: 1100, height: 900 } };
  await withReportPage(renderHtmlReport(report), desk, (page) => page.screenshot({ path: pictureFile }));
  await closeBrowser();
}

function describeEndpoint(endpoint: HonestEndpoint): void {
  let running: RunningHonestEndpoint;

  before(async () => {
    running = await startHonestEndpoint(endpoint);
  });
  after(() => running?.stop());

  it('responds correctly to requests with known users, unknown users and wrong credentials', async () => {
    const { url, ca } = running;
    expect(await verifyEndpoint({ url, ...credentials, users, ...(ca !== undefined && { ca }) })).to.deep.equal([]);
  });

  it('conforms, with the warnings of warnings.json', async () => {
    const report = await runKit(running, endpoint);
    if (process.env.WRITE_SCREENSHOTS === '1' && endpoint.name === 'nginx') await takePicture(report);
    const { verdict, reason, checks, notRun } = report;
    const failed = checks.filter(({ status }) => status === 'failed' || status === 'error');
    expect(failed.map(({ id, message }) => `${id}: ${message}`)).to.deep.equal([]);
    expect([verdict, reason]).to.deep.equal(['conforms', undefined]);
    // Only checks that require a way to take the data source down.
    expect(notRun).to.deep.equal(['source-down-no-wrong-200', 'source-back-200']);
    warnings[endpoint.name] = checks.filter(({ status }) => status === 'warning').map(({ id }) => id);
    if (!process.env.WRITE_ENDPOINT_REPORTS) {
      expect(warnings[endpoint.name], 'to update: npm run generate:endpoint-reports').to.deep.equal(
        expectedWarnings[endpoint.name],
      );
    }
  });
}
