// Tests the forms of a report: what people see on a terminal, and the JSON against its schema.
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { validateConformanceReport } from '../../schemas/validators.ts';
import type { CheckResult, ConformanceReport } from '../run-conformance.ts';
import { renderConsoleReport } from './console-report.ts';
import { reportFormats } from './report-formats.ts';

function createResult(change: Partial<CheckResult>): CheckResult {
  const result = { id: 'x', topic: 'First', title: 'MUST hold', level: 'MUST', status: 'passed', message: '' } as const;
  const words: Pick<CheckResult, 'platformVerdict' | 'why' | 'mend' | 'evidence'> = {
    ...{ platformVerdict: 'refused', why: 'It hurts.', mend: [{ stack: 'any', text: 'Mend it.' }], evidence: [] },
  };
  return { ...result, ...words, source: 'RFC 9110, 1', durationMs: 1, ...change };
}

const attestation: ConformanceReport['attestation'] = {
  ruleSetSha256: '0'.repeat(64),
  finishedAt: '2026-01-02T03:04:06.000Z',
  serverCertificateSha256: null,
  configuration: {
    ...{ auth: 'none', profile: 'strict', timeoutMs: 10_000, maxRequests: 400, maxFailedLogins: 5 },
    ...{ failedLoginSpacingMs: 250, intrusive: false, showData: false, inputs: [] },
  },
  requestsSent: 4,
  failedLoginsSent: 0,
};

const report: ConformanceReport = {
  attestation,
  leftOut: [],
  kit: { name: 'user-info-kit', version: '0.1.0' },
  target: { url: 'http://127.0.0.1/user-info', auth: 'none', profile: 'strict' },
  startedAt: '2026-01-02T03:04:05.000Z',
  durationMs: 12,
  verdict: 'does-not-conform',
  summary: { passed: 1, failed: 1, untestable: 1, skipped: 1, error: 0 },
  checks: [
    createResult({}),
    createResult({ id: 'y', status: 'failed', message: 'Asked: this.\nTo change: a long advice of several words.' }),
    createResult({ id: 'z', topic: 'Second', status: 'skipped', message: 'Give --x.' }),
    createResult({
      id: 'u',
      topic: 'Second',
      level: 'SHOULD',
      title: 'SHOULD hold',
      status: 'untestable',
      message: 'Why.',
    }),
  ],
};

describe('the console report', () => {
  it('shows the checks by topic, what to change, and the verdict in the last line', () => {
    expect(renderConsoleReport(report, { isColored: false, columns: 100 })).to.equal(`First
  ✓ MUST hold
  ✗ MUST hold
      Asked: this.
      To change: a long advice of several words.
      y; source: RFC 9110, 1

Second
  – MUST hold (skipped)
      Give --x.
  – SHOULD hold (untestable)
      Why.

http://127.0.0.1/user-info does not conform: 1 passed, 1 failed, 1 untestable, 1 skipped.
`);
  });

  it('keeps within the width of the terminal', () => {
    const lines = renderConsoleReport(report, { isColored: false, columns: 32 }).split('\n');
    expect(lines.filter((line) => line.length > 32)).to.deep.equal([]);
  });

  it('says the same with colour as without', () => {
    const colored = renderConsoleReport(report, { isColored: true, columns: 80 });
    expect(colored).to.include('\u001b[');
    expect(stripVTControlCharacters(colored)).to.equal(renderConsoleReport(report, { isColored: false, columns: 80 }));
  });

  it('says why a run could not begin', () => {
    const text = renderConsoleReport(
      { ...report, verdict: 'could-not-run', reason: 'Give --ca FILE.', checks: [] },
      { isColored: false, columns: 80 },
    );
    expect(text).to.match(/^Give --ca FILE\.\nhttp:.* could not be judged/);
  });
});

describe('the JSON report', () => {
  it('holds its schema and is the result model itself', () => {
    const text = reportFormats.get('json')?.(report) ?? '';
    expect(JSON.parse(text)).to.deep.equal(report);
    expect(validateConformanceReport(JSON.parse(text))).to.equal(true);
    expect(text.endsWith('}\n')).to.equal(true);
  });
});
