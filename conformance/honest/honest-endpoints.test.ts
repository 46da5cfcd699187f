// Tests that endpoints written as tutorials write them are right, and conform.
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
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

const idsOf = ({ checks }: ConformanceReport, wanted: string) =>
  checks.filter(({ status }) => status === wanted).map(({ id, message }) => `${id}: ${message}`);

describe('honest endpoints', () => {
  it('have a line here for each directory', () => {
    const directories = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const names = directories.map(({ name }) => name).filter((name) => name !== 'data' && name !== 'testing');
    expect(honestEndpoints.map(({ name }) => name)).to.have.members(names);
  });

  for (const endpoint of honestEndpoints) describe(endpoint.name, () => describeEndpoint(endpoint));
});

function describeEndpoint(endpoint: HonestEndpoint): void {
  let running: RunningHonestEndpoint;

  before(async () => {
    running = await startHonestEndpoint(endpoint);
  });
  after(() => running?.stop());

  it('is right: known users, unknown users, wrong credentials', async () => {
    const { url, ca } = running;
    expect(await verifyEndpoint({ url, ...credentials, users, ...(ca !== undefined && { ca }) })).to.deep.equal([]);
  });

  it('conforms', async () => {
    const { url, ca } = running;
    const report = await runConformance({
      ...{ url, auth: 'basic', ...credentials, ca, knownUsers: Object.keys(users), failedLoginSpacingMs: 0 },
    });
    expect(idsOf(report, 'failed'), running.output()).to.deep.equal([]);
    expect([report.verdict, report.reason]).to.deep.equal(['conforms', undefined]);
  });
}
