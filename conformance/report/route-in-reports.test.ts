// Tests that every report format contains the proxy and the address through which the endpoint was reached, and nothing if neither was given.
import { expect } from 'chai';
import type { ConformanceReport } from '../run-conformance.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { type ReportFormat, renderReport, reportFormats } from './report-formats.ts';

const { proxy = '', resolve = '', ...target } = sampleReport.target;
const words = `through the proxy ${proxy}, at the address ${resolve}`;

/** The part that a reader sees. */
const shown: Readonly<Record<ReportFormat, (text: string) => string>> = {
  html: (text) => text.replaceAll('<wbr>', ''),
  json: (text) => {
    const report: ConformanceReport = JSON.parse(text);
    return `through the proxy ${report.target.proxy}, at the address ${report.target.resolve}`;
  },
  junit: (text) => text,
  markdown: (text) => text,
  sarif: (text) => text,
  text: (text) => text.replace(/\s+/g, ' '),
};

describe('the route to the endpoint in a report', () => {
  for (const format of reportFormats) {
    it(`is in ${format}`, () => {
      expect(shown[format](renderReport(sampleReport, format))).to.include(words);
    });

    it(`is not mentioned in ${format} where the URL is sufficient`, () => {
      const text = shown[format](renderReport({ ...sampleReport, target }, format));
      expect(text).not.to.match(/through the proxy (?!undefined)|at the address (?!undefined)/);
    });
  }

  it('is also shown when it has only one of its parts', () => {
    const direct = renderReport({ ...sampleReport, target: { ...target, resolve } }, 'markdown');
    expect(direct).to.include(`Requests were sent \`at the address ${resolve}\`.`);
    const through = renderReport({ ...sampleReport, target: { ...target, proxy } }, 'markdown');
    expect(through).to.include(`Requests were sent \`through the proxy ${proxy}\`.`);
  });
});
