// Tests of the JSON report with its schema, and that text of an endpoint is harmless in it.
import { expect } from 'chai';
import { hostileReport, sampleReport, unreachableReport } from '../testing/sample-report.ts';
import { validateConformanceReport } from './read-report.ts';
import { renderJsonReport } from './report-formats.ts';

describe('the JSON report', () => {
  for (const [name, report] of Object.entries({ sampleReport, hostileReport, unreachableReport })) {
    it(`matches its schema and is the result model itself: ${name}`, () => {
      const text = renderJsonReport(report);
      expect(JSON.parse(text)).to.deep.equal(report);
      const holds = validateConformanceReport(JSON.parse(text));
      expect(holds, JSON.stringify(validateConformanceReport.errors)).to.equal(true);
      expect(text.endsWith('}\n')).to.equal(true);
    });
  }

  it('is printable: control and format characters are escapes', () => {
    const text = renderJsonReport(hostileReport);
    expect(text.match(/[^\n\P{C}]|[\u2028\u2029]/gu)).to.equal(null);
    expect(text).to.include('\\u001b[31mred').and.to.include('\\u202e').and.to.include('\\u009b2J');
  });
});
