// Tests of reading and writing the file of a baseline.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sampleReport } from '../../conformance/testing/sample-report.ts';
import { readBaseline, writeBaseline } from './baseline-file.ts';

describe('the baseline file', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-baseline-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  function read(text: string) {
    const file = join(directory, 'known.yaml');
    writeFileSync(file, text);
    const faults: string[] = [];
    return { baseline: readBaseline(file, faults), said: faults.join('\n').replaceAll(`${directory}/`, '') };
  }

  it('is read as YAML, with or without quotes around a date, or as JSON', () => {
    const entry = { check: 'unknown-user-404', reason: 'Mended in March.', until: '2027-03-31' };
    const plain = 'knownFailures:\n  - check: unknown-user-404\n    reason: Mended in March.\n    until: 2027-03-31\n';
    for (const text of [
      plain,
      plain.replace('2027-03-31', "'2027-03-31'"),
      JSON.stringify({ knownFailures: [entry] }),
    ]) {
      expect(read(text)).to.deep.equal({ baseline: { knownFailures: [entry] }, said: '' });
    }
  });

  const wrong: Readonly<Record<string, [text: string, said: RegExp]>> = {
    'an unknown check': [
      'knownFailures:\n  - check: unknown-user-403\n    reason: r\n',
      /known\.yaml:2:12 knownFailures\[0\]\.check: there is no check "unknown-user-403"; did you mean "unknown-user-404"\?/,
    ],
    'a check that is listed twice': [
      'knownFailures:\n  - { check: unknown-user-404, reason: r }\n  - { check: unknown-user-404, reason: s }\n',
      /known\.yaml:3:\d+ knownFailures\[1\]\.check: the check is listed twice/,
    ],
    'an unknown option': [
      'knownFailures:\n  - { check: unknown-user-404, reason: r, untill: 2027-03-31 }\n',
      /knownFailures\[0\]\.untill: unknown option; did you mean "until"\?/,
    ],
    'no reason': ['knownFailures:\n  - check: unknown-user-404\n', /knownFailures\[0\]\.reason: is missing/],
    'an empty reason': ['knownFailures:\n  - { check: unknown-user-404, reason: "" }\n', /reason: must not be empty/],
    'an invalid day': [
      'knownFailures:\n  - { check: unknown-user-404, reason: r, until: 2027-02-30 }\n',
      /until: must be a date, for example 2027-03-31/,
    ],
    'a list where a map belongs': ['- a\n', /known\.yaml:1:1: must be a map of options/],
    'no list': ['knownFailures: none\n', /knownFailures: must be a list/],
    'a file that is not YAML': ['knownFailures: [\n', /known\.yaml:\d+:\d+/],
  };
  for (const [name, [text, said]] of Object.entries(wrong)) {
    it(`rejects ${name}, with the position`, () => {
      const outcome = read(text);
      expect(outcome.baseline).to.equal(null);
      expect(outcome.said).to.match(said);
    });
  }

  it('reports all errors at once', () => {
    const { said } = read('knownFailures:\n  - { check: unknown-user-404 }\n  - { reason: r, note: x }\n');
    expect(said.split('\n')).to.have.length(3);
  });

  it('is written so that a person can edit it, and is read back unchanged', () => {
    const baseline = {
      knownFailures: [
        { check: 'unknown-user-404', reason: 'Found: "so", # and so\non.' },
        { check: 'unknown-user-refused', reason: 'r', until: '2027-03-31' },
      ],
    };
    const checks = baseline.knownFailures.map(({ check }) => ({
      ...sampleReport.checks[0],
      id: check,
      title: `MUST ${check}`,
    }));
    const report = { ...sampleReport, checks: checks as typeof sampleReport.checks };
    for (const name of ['written.yaml', 'written.json']) {
      const file = join(directory, name);
      writeBaseline(file, baseline, report);
      expect(readBaseline(file, [])).to.deep.equal(baseline);
    }
    const text = readFileSync(join(directory, 'written.yaml'), 'utf8');
    expect(text).to.match(/^# Known failures of https:\/\/users\.example\.com/);
    expect(text).to.include('# MUST unknown-user-404\n');
  });
});
