// Tests the effect of findings on a measured platform: from the profile if it determines the effect, otherwise "not known". No verdict changes.
import { expect } from 'chai';
import type { CheckResult } from '../../schemas/generated/conformance-report.ts';
import type { Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';
import { catalogue } from '../checks/catalogue.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { effectsByCheck, statusChecks, withPlatformEffects, wrongDataChecks } from './platform-effects.ts';
import { validateConformanceReport } from './read-report.ts';
import { renderReport, reportFormats } from './report-formats.ts';

const now = new Date('2026-12-02T12:00:00Z');
const measured = (value: Fact['value']): Fact => ({ determined: 'measured', ...(value !== undefined && { value }) });
const profileOf = (facts: PlatformProfile['facts'], platform = 'Immuta 2024.3'): PlatformProfile => ({
  ...{ schemaVersion: 1, date: '2026-12-01', kit: '0.1.0', platform, facts },
  connection: {},
  disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
});
const origin = 'Measured on 2026-12-01 with Immuta 2024.3.';

const [sample] = sampleReport.checks.filter(({ status }) => status === 'failed');
const finding = (id: string, answered: string): CheckResult => {
  if (sample === undefined) throw new Error('the sample report has no failure');
  return { ...sample, id, evidence: [{ request: 'curl', expected: 'another one', answered }] };
};
/** Returns the check as one whose request the platform does not send. */
const unsent = ({ platformVerdict: _, ...check }: CheckResult): CheckResult => check;
const effectOf = (check: CheckResult, facts: PlatformProfile['facts'], at = now) =>
  withPlatformEffects({ ...sampleReport, checks: [check] }, profileOf(facts), at).checks[0]?.platformEffect;

describe('the effect of a finding on a measured platform', () => {
  const cases: ReadonlyArray<
    readonly [id: string, answered: string, name: string, value: Fact['value'], text: string | null]
  > = [
    ['source-down-5xx', 'status 404, 0 bytes', 'onNotFound', 'disable', 'The platform disables the user.'],
    ['unknown-user-404', 'status 500, 0 bytes', 'onFailure', 'keep', 'The platform changes nothing for the user.'],
    [
      'known-user-200',
      'status 403, 0 bytes',
      'onFailure',
      'clear',
      'The platform removes the access that the endpoint gave the user.',
    ],
    ['known-user-200', 'status 302, 0 bytes', 'followRedirects', false, 'The platform does not follow the redirect.'],
    ['known-user-200', 'status 401, 0 bytes', 'onFailure', 'clear', null],
    ['known-user-200', 'status 429, 0 bytes', 'onFailure', 'clear', null],
    ['known-user-200', 'status 204, 0 bytes', 'onFailure', 'clear', null],
    [
      'known-user-json',
      'status 200, 9 bytes',
      'onFailure',
      'fail',
      'The platform changes nothing for the user, and rejects the login.',
    ],
    [
      'known-user-content-type',
      'status 200, 9 bytes',
      'contentType',
      'any',
      'The platform ignores the content type of a 200.',
    ],
    [
      'known-user-size',
      'status 200, 9 bytes',
      'maxBodyBytes',
      4096,
      'The platform accepts a body of up to 4096 bytes.',
    ],
    ['latency-within-bound', 'status 200, 9 bytes', 'timeoutMs', 9800, 'The platform waits 9800 ms for a response.'],
    [
      'unknown-user-refused',
      'status 200, 9 bytes',
      'removalRule',
      'remove',
      'The platform accepts the response, and removes groups and values that the response does not contain.',
    ],
    ['userid-plus-as-space', 'status 404, 0 bytes', 'spaceAs', '+', 'The platform sends a space in a user name as +.'],
    ['known-user-no-store', 'status 404, 0 bytes', 'onNotFound', 'disable', null],
    ['known-user-schema', 'status 200, 9 bytes', 'removalRule', 'remove', null],
  ];
  for (const [id, answered, name, value, text] of cases) {
    it(`of ${id} with ${answered.slice(0, 10)} and ${name} ${value}: ${text ?? 'unknown'}`, () => {
      const check = id === 'userid-plus-as-space' ? unsent(finding(id, answered)) : finding(id, answered);
      expect(effectOf(check, { [name]: measured(value) })).to.deep.equal(
        text === null ? { text: 'not known', facts: [] } : { text: `${text} ${origin}`, facts: [name] },
      );
      const open: Fact = { determined: 'no', reason: 'The tries disagree.' };
      expect(effectOf(check, { [name]: open })).to.deep.equal({ text: 'not known', facts: [] });
    });
  }

  it('mentions that a fact has expired, and when a fact was determined', () => {
    const fact: Fact = { ...measured('disable'), date: '2026-01-10', validUntil: '2026-07-09' };
    expect(effectOf(finding('source-down-5xx', 'status 404'), { onNotFound: fact })?.text).to.equal(
      'The platform disables the user. Measured on 2026-01-10 with Immuta 2024.3, expired (valid until 2026-07-09).',
    );
  });

  it('includes the caveat for a fact that was measured through an intermediary', () => {
    const check = finding('server-certificate-chain', 'self-signed');
    const verifies = measured(true);
    expect(effectOf(check, { verifyServerCertificate: { ...verifies, throughIntermediary: true } })?.text).to.equal(
      `The platform rejects a certificate that it cannot verify. ${origin} Measured through an intermediary.`,
    );
    expect(effectOf(check, { verifyServerCertificate: verifies })?.text).to.not.include('intermediary');
  });

  it('is not stated for a check that passed, or for a check whose request the platform does not send', () => {
    const facts = { onNotFound: measured('disable') };
    const check = finding('source-down-5xx', 'status 404');
    expect(effectOf({ ...check, status: 'passed' }, facts)).to.equal(undefined);
    expect(effectOf(unsent(check), facts)).to.equal(undefined);
  });

  it('does not change anything else in a report: no verdict, status, count or message', () => {
    const facts = Object.fromEntries(platformAssumptions.map(({ name, default: value }) => [name, measured(value)]));
    const before = { ...sampleReport, checks: cases.map(([id, answered]) => finding(id, answered)) };
    const { platformProfile, checks, ...others } = withPlatformEffects(before, profileOf(facts), now);
    expect(platformProfile).to.deep.equal({ platform: 'Immuta 2024.3', date: '2026-12-01' });
    expect({ ...others, checks: checks.map(({ platformEffect: _, ...check }) => check) }).to.deep.equal(before);
    expect(checks.every(({ platformEffect }) => platformEffect !== undefined)).to.equal(true);
    const isValid = validateConformanceReport({ ...others, platformProfile, checks });
    expect(isValid, JSON.stringify(validateConformanceReport.errors)).to.equal(true);
  });

  it('is stated in each format with a profile, and in none without one', () => {
    const before = { ...sampleReport, checks: [finding('source-down-5xx', 'status 404')] };
    const report = withPlatformEffects(before, profileOf({ onNotFound: measured('disable') }), now);
    for (const format of reportFormats) {
      expect(renderReport(report, format).replaceAll('\\', ''), format).to.include('The platform disables the user.');
      expect(renderReport(before, format), format).to.not.match(/[Oo]n the platform:|platformEffect/);
    }
    const hostile = withPlatformEffects(before, profileOf({ onNotFound: measured('keep') }, '<script>x'), now);
    expect(renderReport(hostile, 'html')).to.include('with &lt;script&gt;x.').and.not.include('<script>');
  });

  it('uses only ids of existing checks and names of existing assumptions', () => {
    const ids = catalogue.flatMap(({ checks }) => checks.map(({ id }) => id));
    expect(ids).to.include.members([...statusChecks, ...wrongDataChecks, ...Object.keys(effectsByCheck)]);
    const names = platformAssumptions.map(({ name }) => name);
    const read: string[] = [];
    for (const find of Object.values(effectsByCheck)) {
      find((name) => {
        read.push(name);
        return undefined;
      });
    }
    expect(names).to.include.members(read);
  });
});
