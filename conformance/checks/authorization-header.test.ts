// Tests of the checks of unusual Authorization headers: the exact headers, and the statuses that are accepted.
import { expect } from 'chai';
import type { Check } from '../check.ts';
import type { ShortRequest } from '../check-context.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import { answer, checkOf, closed, createFakeContext, endingOf, findingOf } from '../testing/fake-context.ts';
import { beyondAscii, lenientBase64, presenting, schemeCase, twoSpaces } from './authorization-header.ts';

type Response = ReturnType<typeof answer> | Error;

const login = { username: 'kit-login', password: 'kit-password' };
const token = Buffer.from('kit-login:kit-password').toString('base64');

/** Runs a check against an endpoint where wrong credentials get a 401, the right ones get a 200, and the unusual header gets this response. */
function run(check: Check, response: Response, options: Partial<CheckedOptions> = {}, usual: Response = answer(200)) {
  const respond = ({ credentials }: ShortRequest) => {
    if (credentials?.authorization === null) return answer(401);
    return credentials?.authorization === `Basic ${token}` ? usual : response;
  };
  const created = createFakeContext({
    respond,
    credentials: login,
    options: { auth: 'basic', knownUsers: ['ada'], ...options },
  });
  return { ...created, ended: check.run(created.context) };
}

const checks: readonly Check[] = [schemeCase, twoSpaces, lenientBase64, beyondAscii];

describe('presenting', () => {
  it('adds a header to the usual headers of a client without Basic credentials', () => {
    const { context } = createFakeContext({ credentials: login, options: { auth: 'both', knownUsers: ['ada'] } });
    expect(presenting(context, 'X y', 'kit', '--shown')).to.deep.equal({
      userids: ['ada'],
      credentials: { authorization: 'X y', certificate: true, failedLoginOf: 'kit', shown: '--shown' },
    });
  });
});

describe('the checks of unusual headers', () => {
  const cases: readonly (readonly [
    id: string,
    authorization: string | RegExp,
    accepted: readonly number[],
    rejected: readonly number[],
    failedLoginOf: string | null | RegExp,
  ])[] = [
    ['scheme-letter-case', `bASIC ${token}`, [200], [401, 400], null],
    ['scheme-two-spaces', `Basic  ${token}`, [200, 400, 401, 403], [404, 500], null],
    ['base64-with-other-signs', `Basic ${token.slice(0, -4)}!${token.slice(-4)}`, [401, 400, 500], [200], ''],
    ['credentials-beyond-ascii-401', /^Basic bsO2Ym9keS/, [401, 403, 200], [400, 500, 404], /^nöbody-[0-9a-f]{16}$/],
  ];
  for (const [id, authorization, accepted, rejected, failedLoginOf] of cases) {
    it(`${id} sends its header after the usual ones`, async () => {
      const { ended, sent, context } = run(checkOf(checks, id), answer(accepted[0] ?? 0));
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent.slice(0, 2)).to.deep.equal([
        { userids: ['ada'], credentials: context.credentials.withoutBasic },
        { userids: ['ada'], credentials: context.credentials.basicAlone },
      ]);
      const last = sent[2]?.credentials;
      if (typeof authorization === 'string') expect(last?.authorization).to.equal(authorization);
      else expect(last?.authorization).to.match(authorization);
      if (failedLoginOf instanceof RegExp) expect(last?.failedLoginOf).to.match(failedLoginOf);
      else expect(last?.failedLoginOf).to.equal(failedLoginOf);
      expect(last?.shown).to.match(/^--/);
    });

    it(`${id} accepts ${accepted.join(', ')}, and not ${rejected.join(', ')}`, async () => {
      for (const status of accepted)
        expect(await endingOf(run(checkOf(checks, id), answer(status)).ended)).to.equal('passed');
      for (const status of rejected) {
        const finding = await findingOf(run(checkOf(checks, id), answer(status)).ended);
        expect(finding.seen).to.equal(`status ${status} without a body`);
        expect(finding.answers).to.have.length(1);
      }
    });
  }

  it('treat a closed connection like a 401', async () => {
    for (const check of [twoSpaces, lenientBase64, beyondAscii])
      expect(await endingOf(run(check, closed()).ended)).to.equal('passed');
    const finding = await findingOf(run(schemeCase, closed()).ended);
    expect(finding.seen).to.equal('a closed connection');
    expect(finding).to.not.have.property('answers');
  });

  it('are untestable when no credentials, or more than Basic credentials, are required', async () => {
    expect(await endingOf(run(schemeCase, answer(200), {}, answer(403)).ended)).to.equal(
      'untestable: Basic credentials alone are not sufficient: see either-basic-alone.',
    );
    const { context } = createFakeContext({
      respond: () => answer(200),
      credentials: login,
      options: { auth: 'basic' },
    });
    expect(await endingOf(schemeCase.run(context))).to.include('untestable: No credentials are required');
  });

  it('also present the certificate when both are declared', async () => {
    const { ended, sent, context } = run(schemeCase, answer(200), { auth: 'both' });
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent[1]?.credentials).to.equal(context.credentials.right);
    const either = run(schemeCase, answer(200), { auth: 'either' });
    await either.ended;
    expect(either.sent[1]?.credentials).to.equal(either.context.credentials.basicAlone);
  });

  it('need Basic credentials, and the check that can lock an account needs a larger budget', () => {
    for (const { needs, auth, id } of checks) {
      const more = id === 'base64-with-other-signs' ? ['more-failed-logins'] : [];
      expect(needs).to.deep.equal(['basic-credentials', 'control', ...more]);
      expect(auth).to.deep.equal(['basic', 'both', 'either']);
    }
  });
});
