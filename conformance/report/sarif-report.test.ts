// Tests of the SARIF report with the official schema, and of further requirements of GitHub code scanning.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import type { Log, Run } from 'sarif';
import { hostileReport, sampleReport, unreachableReport } from '../testing/sample-report.ts';
import { renderSarifReport } from './sarif-report.ts';

const schemaFile = '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
const {
  id: _id,
  $schema: _draft,
  ...schema
} = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(schemaFile), 'utf8')) as Record<string, unknown>;
// A draft 4 schema that is valid in draft 7, except for the name of its id and a pattern that escapes a hyphen.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

function renderRun(report: typeof sampleReport): Run {
  const [run] = (JSON.parse(renderSarifReport(report)) as Log).runs;
  if (!run) throw new Error('the log has no run');
  return run;
}

describe('the SARIF report', () => {
  for (const [name, report] of Object.entries({ sampleReport, hostileReport, unreachableReport })) {
    it(`matches the official schema: ${name}`, () => {
      const log = JSON.parse(renderSarifReport(report));
      expect(validate(log), JSON.stringify(validate.errors, null, 1)).to.equal(true);
    });
  }

  it('does not match the schema when it is wrong, which proves the validation', () => {
    const log = JSON.parse(renderSarifReport(sampleReport));
    expect(validate({ ...log, version: '2.0.0' })).to.equal(false);
    log.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0;
    expect(validate(log)).to.equal(false);
  });

  it('has a rule for each check, and a result for each failure and warning that points to its rule', () => {
    const { tool, results = [] } = renderRun(sampleReport);
    const { rules = [] } = tool.driver;
    expect(rules.map(({ id }) => id)).to.deep.equal(sampleReport.checks.map(({ id }) => id));
    expect(results.map(({ ruleId }) => ruleId)).to.deep.equal(['fail-open', 'leaking', 'cosmetic-should', 'accepted']);
    for (const { ruleId, ruleIndex = -1 } of results) expect(rules[ruleIndex]?.id).to.equal(ruleId);
    expect(results.map(({ level }) => level)).to.deep.equal(['error', 'error', 'warning', 'error']);
    const severityOf = (id: string) => Number(rules.find((rule) => rule.id === id)?.properties?.['security-severity']);
    expect(severityOf('fail-open')).to.be.greaterThan(severityOf('leaking'));
    expect(severityOf('leaking')).to.be.greaterThan(severityOf('cosmetic-should'));
    const tidy = rules.find(({ id }) => id === 'cosmetic-should');
    expect(tidy?.helpUri).to.equal('https://www.rfc-editor.org/rfc/rfc9110#section-8.3');
    expect(tidy?.help?.markdown).to.include(
      '[RFC 9110, section 8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.3)',
    );
  });

  it('has what GitHub needs: a relative location, a severity, a stable fingerprint', () => {
    const { tool, results = [] } = renderRun(sampleReport);
    for (const { properties, shortDescription, fullDescription, help } of tool.driver.rules ?? []) {
      expect(properties?.tags).to.include('security');
      expect(Number(properties?.['security-severity'])).to.be.within(0.1, 10);
      for (const words of [shortDescription, fullDescription, help]) expect(words?.text).to.match(/\S/);
    }
    const again = renderRun({ ...sampleReport, startedAt: '2027-01-01T00:00:00.000Z' });
    for (const [index, { locations = [], partialFingerprints }] of results.entries()) {
      expect(locations[0]?.physicalLocation?.artifactLocation?.uri).to.equal('users.example.com/user-info');
      expect(partialFingerprints).to.deep.equal(again.results?.[index]?.partialFingerprints);
    }
    const prints = results.map(({ partialFingerprints }) => partialFingerprints?.primaryLocationLineHash);
    expect(new Set(prints).size).to.equal(results.length);
  });

  const locations: Readonly<Record<string, string>> = {
    'http://127.0.0.1:8080/user-info': '127.0.0.1_8080/user-info',
    'https://[::1]:8443/a%22b': '__1_8443/a%22b',
    'https://users.example.com/': 'users.example.com/',
  };
  for (const [url, uri] of Object.entries(locations)) {
    it(`locates ${url} where GitHub accepts it`, () => {
      const { results = [] } = renderRun({ ...sampleReport, target: { ...sampleReport.target, url } });
      expect(results[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).to.equal(uri);
      expect(new URL(uri, 'file:///checkout/').href).to.equal(`file:///checkout/${uri}`);
    });
  }

  it('suppresses accepted findings of the baseline, and lists the checks that were not evaluated', () => {
    const { results = [], invocations: [invocation] = [] } = renderRun(sampleReport);
    const suppressed = results.filter(({ suppressions = [] }) => suppressions.length > 0);
    expect(suppressed.map(({ ruleId }) => ruleId)).to.deep.equal(['accepted']);
    const notifications = invocation?.toolExecutionNotifications?.map(({ message }) => message.text).join('\n');
    expect(notifications)
      .to.include('MUST hold: not tested. Why this not.')
      .and.to.include('Remove it from the baseline');
    expect(renderRun(unreachableReport).invocations?.[0]?.executionSuccessful).to.equal(false);
  });

  it('is printable: control and format characters of an endpoint are visible', () => {
    const text = renderSarifReport(hostileReport);
    expect(text.match(/[^\n\P{C}]|[\u2028\u2029]/gu)).to.equal(null);
    expect(renderRun(hostileReport).results?.[0]?.message.text).to.include('\\u{1b}[31mred');
  });
});
