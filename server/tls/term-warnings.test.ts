// Tests that a warning about an expiring certificate or CRL is logged at startup and once for each threshold.
import { expect } from 'chai';
import { pino } from 'pino';
import type { TlsConfig } from '../../schemas/generated/loaded-server-config.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { type CertificateTerm, readCertificateTerms } from './certificate-terms.ts';
import { watchTerms } from './term-warnings.ts';
import { readTlsMaterial } from './tls-material.ts';

const dayMs = 86_400_000;

interface Line {
  readonly level: number;
  readonly certificate: string;
  readonly daysLeft: number;
  readonly msg: string;
}

function watchFrom(terms: CertificateTerm[]) {
  const lines: Line[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, warnings: watchTerms(() => terms, logger) };
}

describe('certificates that are about to expire', () => {
  it('are each reported once, 30, 14, 7 and 1 days before expiry, and as an error after expiry', () => {
    const endsAtMs = Date.now() + 31 * dayMs;
    const { lines, warnings } = watchFrom([{ use: 'server', endsAtMs }]);
    const before = (days: number) => warnings.check(endsAtMs - days * dayMs);
    expect(lines, '31 days before').to.deep.equal([]);
    for (const days of [30.5, 29.9, 29, 20, 13.5, 13, 7, 6.9, 2, 0.9, 0.5, -1, -2]) before(days);
    warnings.close();
    expect(lines.map(({ level, daysLeft }) => [level, daysLeft])).to.deep.equal([
      [40, 29],
      [40, 13],
      [40, 7],
      [40, 0],
      [50, -1],
    ]);
    expect(lines.map(({ msg }) => /within (.+?):|has expired/.exec(msg)?.[1] ?? 'expired')).to.deep.equal([
      '30 days',
      '14 days',
      '7 days',
      'a day',
      'expired',
    ]);
  });

  it('are reported at startup, and again when a replacement also expires soon', () => {
    const terms: CertificateTerm[] = [{ use: 'crl', endsAtMs: Date.now() + 5.5 * dayMs }];
    const { lines, warnings } = watchFrom(terms);
    terms[0] = { use: 'crl', endsAtMs: Date.now() + 4.5 * dayMs };
    warnings.check(Date.now());
    warnings.check(Date.now());
    warnings.close();
    expect(lines.map(({ certificate, daysLeft }) => [certificate, daysLeft])).to.deep.equal([
      ['crl', 5],
      ['crl', 4],
    ]);
  });

  it('include whichever expires first in the server’s chain, among the client CAs and among the CRLs', async () => {
    const { listenerTls, crl, good, bad } = await certificateFiles();
    const tls: TlsConfig = { ...listenerTls, crl: [crl], minVersion: 'TLSv1.2' };
    const terms = readCertificateTerms(readTlsMaterial(tls, 'required'));
    expect(terms.map(({ use }) => use)).to.deep.equal(['server', 'client-ca', 'crl']);
    const days = terms.map(({ endsAtMs }) => Math.round((endsAtMs - Date.now()) / dayMs));
    expect(days).to.deep.equal([825, 3650, 3650]);
    const expired = bad.certificates['expired-server'].certificate;
    const [first] = readCertificateTerms({
      ...readTlsMaterial(tls, 'none'),
      certificate: `${good.server.certificate}\n${expired}`,
    });
    expect(first?.endsAtMs).to.be.lessThan(Date.now());
  });
});
