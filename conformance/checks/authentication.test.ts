// Tests of the checks of credentials that are nearly right: the exact credentials, and when a result is conclusive.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import { NotApplicable } from '../check-endings.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import { answer, checkOf, createFakeContext, endingOf, type FakeOptions, userInfo } from '../testing/fake-context.ts';
import { authentication } from './authentication.ts';

interface Given {
  readonly password?: string;
  readonly respond?: FakeOptions['respond'];
  readonly options?: Partial<CheckedOptions>;
}

function run(id: string, { password = 'kit-Pass', respond = () => answer(401), options = {} }: Given = {}) {
  const login = { username: 'kit-login', password };
  const created = createFakeContext({
    ...{ respond, credentials: login },
    options: { ...login, auth: 'basic', knownUsers: ['ada'], maxFailedLogins: 7, ...options },
  });
  return { ...created, ended: checkOf(authentication, id).run(created.context) };
}

/** Decodes the credentials in a Basic Authorization header. */
function readBasic({ credentials }: ShortRequest): string {
  return Buffer.from((credentials?.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
}

describe('the checks of nearly correct passwords', () => {
  /** For each check, a map from password to the replacement that is sent and the replacement's text in a curl line. */
  const cases: Readonly<Record<string, Readonly<Record<string, readonly [sent: string, shown: string]>>>> = {
    'password-prefix-refused': {
      'kit-Pass': ['kit-Pas', `\${PASSWORD%?}`],
      'kit:a:b': ['kit:a', `\${PASSWORD%:*}`],
      ':b': [':', `\${PASSWORD%?}`],
      'pass😀': ['pass', `\${PASSWORD%?}`],
      'a:': ['a', `\${PASSWORD%:*}`],
    },
    'password-extended-refused': { 'kit-Pass': ['kit-Pass:kit', '$PASSWORD:kit'] },
    'empty-password-refused': { 'kit-Pass': ['', ''] },
    'password-ending-refused': { 'kit-Pass': ['it-Pass', `\${PASSWORD#?}`], '😀pass': ['pass', `\${PASSWORD#?}`] },
    'password-letter-case-refused': {
      'kit-Pass': ['KIT-PASS', '$(printf %s "$PASSWORD" | tr a-z A-Z)'],
      'KIT-1': ['kit-1', '$(printf %s "$PASSWORD" | tr A-Z a-z)'],
    },
  };
  for (const [id, passwords] of Object.entries(cases)) {
    for (const [password, [changed, shown]] of Object.entries(passwords)) {
      it(`${id} sends ${JSON.stringify(changed)} for ${JSON.stringify(password)}`, async () => {
        const { ended, sent, context } = run(id, { password });
        expect(await endingOf(ended)).to.equal('passed');
        expect(sent).to.have.length(2);
        expect(sent[0]).to.deep.equal({ userids: ['ada'], credentials: context.credentials.wrongPassword });
        expect(sent[1]?.userids).to.deep.equal(['ada']);
        expect(readBasic(sent[1] ?? { userids: [] })).to.equal(`kit-login:${changed}`);
        expect(sent[1]?.credentials).to.include({
          ...{ failedLoginOf: 'kit-login', certificate: false, shown: `--user "$USERNAME:${shown}"` },
        });
      });
    }

    it(`${id} finds a 200, and is untestable where every password gets a 200`, async () => {
      const respond = (_question: ShortRequest, index: number) => answer(index === 1 ? 200 : 401);
      expect(await endingOf(run(id, { respond }).ended)).to.include('violated: status 200');
      const { ended, sent } = run(id, { respond: () => answer(200) });
      expect(await endingOf(ended)).to.equal('untestable: The request was not refused: see wrong-password-refused.');
      expect(sent).to.have.length(1);
    });
  }

  it('do not apply to a password that the change does not alter', async () => {
    for (const [id, password] of [
      ['password-letter-case-refused', '123'],
      ['empty-password-refused', ''],
    ] as const) {
      const { ended, sent } = run(id, { password });
      expect(await ended.catch((error: unknown) => error)).to.be.instanceOf(NotApplicable);
      expect(sent).to.have.length(0);
    }
  });

  it('have the expected needs', async () => {
    const basicNeeds = ['basic-credentials', 'control'];
    for (const id of ['password-prefix', 'password-extended', 'empty-password', 'password-letter-case'])
      expect(checkOf(authentication, `${id}-refused`).needs).to.deep.equal(basicNeeds);
    for (const id of ['password-ending', 'empty-credentials'])
      expect(checkOf(authentication, `${id}-refused`).needs).to.deep.equal([...basicNeeds, 'more-failed-logins']);
  });
});

describe('the checks of credentials that are empty, malformed or of another scheme', () => {
  const right = `Basic ${Buffer.from('kit-login:kit-Pass').toString('base64')}`;
  const cases: Readonly<Record<string, readonly string[]>> = {
    'empty-credentials-refused': ['Basic Og=='],
    'credentials-without-token-refused': ['Basic'],
    'credentials-not-utf-8-refused': ['Basic //79Ov/+/Q=='],
    'other-scheme-refused': [`X${right}`, right.replace('Basic', 'Bearer')],
  };
  for (const [id, headers] of Object.entries(cases)) {
    it(`${id} sends ${headers.length} header(s) without accepted credentials`, async () => {
      const { ended, sent, context } = run(id);
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent[0]?.credentials).to.equal(context.credentials.withoutBasic);
      expect(sent.slice(1).map(({ credentials }) => credentials?.authorization)).to.deep.equal(headers);
      for (const { credentials } of sent.slice(1)) {
        expect(credentials?.failedLoginOf).to.equal('');
        expect(credentials?.shown).to.match(/^--(?:user|header) "/);
      }
    });

    it(`${id} finds a 200, and is untestable where no credentials are required`, async () => {
      const respond = (_question: ShortRequest, index: number) => answer(index === headers.length ? 200 : 401);
      expect(await endingOf(run(id, { respond }).ended)).to.include('violated: status 200');
      expect(await endingOf(run(id, { respond: () => answer(200) }).ended)).to.include(
        'untestable: No credentials are required',
      );
    });
  }

  it('try Bearer only within a larger budget of failed logins', async () => {
    const { ended, sent } = run('other-scheme-refused', { options: { maxFailedLogins: 6 } });
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.slice(1).map(({ credentials }) => credentials?.authorization?.split(' ')[0])).to.deep.equal(['XBasic']);
  });

  it('accept 400 only where the header is malformed or has another scheme', async () => {
    const respond = (_question: ShortRequest, index: number) => answer(index === 0 ? 401 : 400);
    for (const id of ['credentials-without-token-401', 'credentials-not-utf-8-401', 'other-scheme-401'])
      expect(await endingOf(run(id, { respond }).ended)).to.equal('passed');
    for (const id of ['empty-credentials-401', 'password-prefix-401'])
      expect(await endingOf(run(id, { respond }).ended)).to.equal('violated: status 400 without a body');
  });
});

describe('wrong-credentials-error-body', () => {
  it('finds user info in the response to any wrong credentials', async () => {
    const { ended, sent } = run('wrong-credentials-error-body');
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length(4);
    const respond = (_question: ShortRequest, index: number) =>
      answer(401, index === 3 ? userInfo('a') : { error: 'no' });
    expect(await endingOf(run('wrong-credentials-error-body', { respond }).ended)).to.include(
      'that contains user info',
    );
  });

  it('applies where Basic credentials are given and declared', () => {
    const { needs, auth } = checkOf(authentication, 'wrong-credentials-error-body');
    expect(needs).to.deep.equal(['basic-credentials', 'control']);
    expect(auth).to.deep.equal(['basic', 'both', 'either']);
  });
});
