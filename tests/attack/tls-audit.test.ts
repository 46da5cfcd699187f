// Tests that the committed findings of testssl.sh are complete, and that none is above LOW.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { aboveLow, type TlsAudit, tlsAuditFile } from './tls-audit.ts';

const audit = JSON.parse(readFileSync(tlsAuditFile, 'utf8')) as TlsAudit;

/** One test of each group of tests in testssl.sh, including the last group: the findings of an interrupted run do not contain all of them. */
const groups = [
  'SSLv2',
  'TLS1',
  'cipherlist_3DES_IDEA',
  'PFS',
  'cert_trust',
  'cert_crlDistributionPoints',
  'heartbleed',
  'ROBOT',
  'BEAST',
  'RC4',
];

describe('the TLS audit', () => {
  it('covers every group of tests', () => {
    expect(audit.findings.map(({ id }) => id)).to.include.members(groups);
  });

  it('has no finding above LOW', () => {
    expect(aboveLow(audit)).to.deep.equal([]);
  });

  it('is evaluated by a function that detects a critical finding', () => {
    const bad = { id: 'SSLv3', severity: 'CRITICAL', finding: 'offered' };
    expect(aboveLow({ ...audit, findings: [...audit.findings, bad] })).to.deep.equal([bad]);
  });
});
