// Tests of the values of --report, and of the errors for invalid ones.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ReportFormat, renderReport, reportFormats } from '../../conformance/report/report-formats.ts';
import { sampleReport } from '../../conformance/testing/sample-report.ts';
import { CommandFailure } from '../exit-codes.ts';
import { findReportTargets, writeReports } from './report-targets.ts';

const render = (format: ReportFormat) => renderReport(sampleReport, format);

function faultsOf(...values: string[]): string {
  const faults: string[] = [];
  findReportTargets(values, reportFormats, faults);
  return faults.join('\n');
}

describe('--report', () => {
  let scratch = '';
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'user-info-report-'));
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('writes every format, several in one run, and replaces existing files', () => {
    const values = reportFormats.map((format) => `${format}=${join(scratch, `report.${format}`)}`);
    for (const format of reportFormats) writeFileSync(join(scratch, `report.${format}`), 'old');
    const faults: string[] = [];
    writeReports(findReportTargets(values, reportFormats, faults), render);
    expect(faults).to.deep.equal([]);
    const beginnings = ['<!doctype html>', '{\n  "kit"', '<?xml', '## ❌', '{\n  "$schema"', '✗ First'];
    for (const [index, format] of reportFormats.entries()) {
      const text = readFileSync(join(scratch, `report.${format}`), 'utf8');
      expect(text.slice(0, 20), format).to.satisfy((start: string) => start.startsWith(beginnings[index] ?? '?'));
    }
  });

  it('accepts a file name with an equals sign', () => {
    const faults: string[] = [];
    expect(findReportTargets([`json=${join(scratch, 'a=b.json')}`], reportFormats, faults)[0]?.file).to.equal(
      join(scratch, 'a=b.json'),
    );
  });

  const wrong: Readonly<Record<string, [values: string[], said: RegExp]>> = {
    'an unknown format': [['htlm=x'], /unknown format "htlm"; did you mean "html"\? Formats: html, json/],
    'a format that is like none': [['pdf=x'], /unknown format "pdf"\. Formats: /],
    'a file without a format': [['report.html'], /takes FORMAT=FILE, e\.g\. html=report\.html/],
    'a format without a file': [['html='], /takes FORMAT=FILE/],
    'a missing directory': [['html=no-such-folder/x'], /the directory no-such-folder does not exist/],
    'a directory in place of a file': [[`html=${tmpdir()}`], /is a directory/],
    'two for stdout': [['html=-', 'json=-'], /only one report can go to stdout/],
    'two for one file': [['html=same', 'json=./same'], /two reports would be written to .*same/],
  };
  for (const [name, [values, said]] of Object.entries(wrong)) {
    it(`rejects ${name}`, () => {
      expect(faultsOf(...values)).to.match(said);
    });
  }

  it('writes the other reports when one cannot be written, and then reports the failure', () => {
    const gone = mkdtempSync(join(scratch, 'gone-'));
    const faults: string[] = [];
    const targets = findReportTargets(
      [`html=${join(gone, 'a.html')}`, `json=${join(scratch, 'b.json')}`],
      reportFormats,
      faults,
    );
    rmSync(gone, { recursive: true });
    expect(() => writeReports(targets, render)).to.throw(CommandFailure, /a\.html cannot be written \(ENOENT\)/);
    expect(JSON.parse(readFileSync(join(scratch, 'b.json'), 'utf8'))).to.deep.equal(sampleReport);
  });
});
