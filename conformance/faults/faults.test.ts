// Proves the checks: a conformant endpoint passes them all in every mode, and each fault trips exactly its own.
import { expect } from 'chai';
import { validateConformanceReport } from '../../schemas/validators.ts';
import { catalogue } from '../checks/catalogue.ts';
import type { ConformanceReport } from '../run-conformance.ts';
import { canaries, certificates, runAgainst, runAgainstFault } from '../testing/fixture.ts';
import type { EndpointOptions } from './conformant-endpoint.ts';
import { faults } from './faults.ts';

const checks = catalogue.flatMap((topic) => topic.checks);

function idsWith(report: ConformanceReport, status: string): string[] {
  return report.checks.filter((check) => check.status === status).map(({ id }) => id);
}

/** Every string of the fixture that stands in a report, where none may. */
function findLeaks(report: ConformanceReport): string[] {
  const text = JSON.stringify(report);
  return canaries.filter((canary) => text.includes(canary));
}

async function httpsOnly(): Promise<Partial<EndpointOptions>> {
  const { ca, server } = await certificates();
  return { tls: { cert: server.certificate, key: server.key, ca: ca.certificate } };
}

describe('the conformant endpoint', () => {
  const modes: readonly (Pick<EndpointOptions, 'auth' | 'isCertificateDemanded'> & {
    name: string;
    isHttps?: boolean;
  })[] = [
    { name: 'none over HTTP', auth: 'none' },
    { name: 'basic over HTTP', auth: 'basic' },
    { name: 'basic over HTTPS', auth: 'basic', isHttps: true },
    { name: 'mtls, refused by TLS', auth: 'mtls', isCertificateDemanded: true },
    { name: 'mtls, refused with 403', auth: 'mtls' },
    { name: 'both, refused by TLS', auth: 'both', isCertificateDemanded: true },
    { name: 'both, refused with 403', auth: 'both' },
    { name: 'either', auth: 'either' },
  ];
  for (const { name, isHttps, ...options } of modes) {
    it(`passes every check that applies: ${name}`, async () => {
      const report = await runAgainst({ ...options, ...(isHttps ? await httpsOnly() : {}) });
      const isOverTls = isHttps || options.auth === 'mtls' || options.auth === 'both' || options.auth === 'either';
      const applying = checks
        .filter(({ auth, needs }) => (!auth || auth.includes(options.auth)) && (isOverTls || !needs.includes('https')))
        .map(({ id }) => id);
      expect(report.reason).to.equal(undefined);
      expect(idsWith(report, 'passed')).to.deep.equal(applying);
      expect(report.summary.skipped).to.equal(checks.length - applying.length);
      expect(report.verdict).to.equal('conforms');
    });
  }
});

describe('the faults', () => {
  for (const fault of faults) {
    it(`${fault.name} fails exactly ${fault.trips.join(', ')}`, async () => {
      const report = await runAgainstFault(fault);
      expect(report.reason).to.equal(undefined);
      expect(idsWith(report, 'failed')).to.have.members(fault.trips);
      expect(idsWith(report, 'error')).to.deep.equal([]);
      const isMust = report.checks.some(({ status, level }) => status === 'failed' && level === 'MUST');
      expect(report.verdict).to.equal(isMust ? 'does-not-conform' : 'conforms');
      expect(validateConformanceReport(report), JSON.stringify(validateConformanceReport.errors)).to.equal(true);
      expect(findLeaks(report)).to.deep.equal([]);
    });
  }

  it('prove every check: none is without a fault', () => {
    const tripped = new Set(faults.flatMap(({ trips }) => trips));
    expect(checks.map(({ id }) => id).filter((id) => !tripped.has(id))).to.deep.equal([]);
  });

  it('name only checks that exist, and have names of their own', () => {
    const ids = new Set(checks.map(({ id }) => id));
    expect(faults.flatMap(({ trips }) => trips).filter((id) => !ids.has(id))).to.deep.equal([]);
    expect(new Set(faults.map(({ name }) => name)).size).to.equal(faults.length);
  });
});
