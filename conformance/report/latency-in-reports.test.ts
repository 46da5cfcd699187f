// Tests that every report format contains the response times and the declared limit.
import { expect } from 'chai';
import type { Log } from 'sarif';
import { latencyCheckId } from '../http/latency.ts';
import type { ConformanceReport } from '../run-conformance.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { type ReportFormat, renderReport, reportFormats } from './report-formats.ts';

const latency = { requests: 24, concurrency: 4, p50Ms: 3.1, p95Ms: 8, p99Ms: 9.4, maxP95Ms: 250 };
const [first, ...others] = sampleReport.checks;
if (!first) throw new Error('the sample report has no check');
const measured: ConformanceReport = {
  ...sampleReport,
  latency,
  checks: [{ ...first, id: latencyCheckId, status: 'passed', message: '', evidence: [] }, ...others],
};
const words = '24 requests, 4 in parallel: p50 3.1 ms, p95 8 ms, p99 9.4 ms; declared p95 limit: 250 ms';

describe('the latency in a report', () => {
  const shown: Readonly<Record<ReportFormat, (text: string) => string>> = {
    html: (text) => text.replace(/\s+/g, ' '),
    json: (text) => {
      const { p50Ms, p95Ms, p99Ms, maxP95Ms } = (JSON.parse(text) as ConformanceReport).latency ?? latency;
      return `24 requests, 4 in parallel: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms; declared p95 limit: ${maxP95Ms} ms`;
    },
    junit: (text) => new RegExp(`name="${latencyCheckId}: [^>]*><system-out>([^<]*)`).exec(text)?.[1] ?? '',
    markdown: (text) => text.replaceAll('\\', ''),
    sarif: (text) => {
      const [run] = (JSON.parse(text) as Log).runs;
      expect(run?.properties?.latency).to.deep.equal(latency);
      const notes = run?.invocations?.[0]?.toolExecutionNotifications?.filter(({ level }) => level === 'note');
      return notes?.map(({ message }) => message.text).join() ?? '';
    },
    text: (text) => text.replace(/\s+/g, ' '),
  };

  for (const format of reportFormats) {
    it(`is shown in ${format}, with its limit`, () => {
      expect(shown[format](renderReport(measured, format))).to.include(words);
    });
  }

  it('is shown without a limit when none was declared, and is omitted when nothing was measured', () => {
    const { maxP95Ms: _, ...unbounded } = latency;
    expect(renderReport({ ...measured, latency: unbounded }, 'junit')).to.include('p99 9.4 ms.</system-out>');
    const { latency: __, ...unmeasured } = measured;
    for (const format of reportFormats) expect(renderReport(unmeasured, format)).not.to.match(/p99/);
  });
});

describe('renderReport', () => {
  it('rejects an unknown format, and lists the known ones', () => {
    expect(() => renderReport(sampleReport, 'pdf' as ReportFormat)).to.throw(TypeError, 'formats: html, json, junit');
    expect(() => renderReport(sampleReport, 'toString' as ReportFormat)).to.throw(TypeError);
  });
});
