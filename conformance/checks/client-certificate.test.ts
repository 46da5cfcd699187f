// Tests of the checks of missing and sufficient client certificates.
import { expect } from 'chai';
import type { CheckedOptions } from '../conformance-options.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  userInfo,
} from '../testing/fake-context.ts';
import { clientCertificate } from './client-certificate.ts';

type Response = ReturnType<typeof answer> | Error;

function run(id: string, respond: NonNullable<FakeOptions['respond']>, auth: CheckedOptions['auth'] = 'both') {
  const credentials = { username: 'kit-login', password: 'kit-password', cert: 'kit' };
  const created = createFakeContext({ respond, credentials, options: { auth, knownUsers: ['ada'] } });
  return { ...created, ended: checkOf(clientCertificate, id).run(created.context) };
}

const end = (id: string, response: Response, auth?: CheckedOptions['auth']) =>
  endingOf(run(id, () => response, auth).ended);

describe('the checks of a missing certificate', () => {
  for (const [id, kind] of [
    ['client-certificate-missing-refused', 'withoutCertificate'],
    ['client-certificate-missing-status', 'withoutCertificate'],
    ['client-certificate-missing-error-body', 'withoutCertificate'],
    ['nothing-presented-refused', 'nothing'],
  ] as const) {
    it(`${id} omits the certificate, and accepts a closed connection`, async () => {
      const { ended, sent, context } = run(id, () => answer(403));
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent).to.deep.equal([{ userids: ['ada'], credentials: context.credentials[kind] }]);
      expect(await end(id, closed())).to.equal('passed');
    });
  }

  it('find a 200, or an unsuitable status', async () => {
    expect(await end('client-certificate-missing-refused', answer(200))).to.equal(
      'violated: status 200 without a body',
    );
    expect(await end('client-certificate-missing-refused', answer(500))).to.equal('passed');
    expect(await end('nothing-presented-refused', answer(200))).to.equal('violated: status 200 without a body');
    const id = 'client-certificate-missing-status';
    for (const status of [400, 401, 403]) expect(await end(id, answer(status))).to.equal('passed');
    for (const status of [404, 500]) expect(await end(id, answer(status))).to.include('violated: ');
    expect(await end(id, answer(200))).to.equal(
      'untestable: The request was not refused: see client-certificate-missing-refused.',
    );
  });

  it('find user info in a refusal', async () => {
    const id = 'client-certificate-missing-error-body';
    expect(await end(id, answer(403, userInfo('staff')))).to.match(
      /^violated: status 403.*a body that contains user info/,
    );
    expect(await end(id, answer(403, { title: 'Forbidden' }))).to.equal('passed');
    expect(await end(id, answer(200, userInfo('staff')))).to.equal(
      'untestable: The request was not refused: see client-certificate-missing-refused.',
    );
  });

  it('apply where a certificate is required', () => {
    const { needs, auth } = checkOf(clientCertificate, 'client-certificate-missing-refused');
    expect([needs, auth]).to.deep.equal([
      ['client-certificate', 'control'],
      ['mtls', 'both'],
    ]);
    expect(checkOf(clientCertificate, 'nothing-presented-refused').auth).to.deep.equal(['both', 'either']);
  });
});

describe('the checks that one kind of credentials alone is sufficient', () => {
  for (const [id, kind] of [
    ['either-basic-alone', 'basicAlone'],
    ['either-certificate-alone', 'certificateAlone'],
  ] as const) {
    it(id, async () => {
      const { ended, sent, context } = run(id, () => answer(200), 'either');
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent).to.deep.equal([{ userids: ['ada'], credentials: context.credentials[kind] }]);
      expect(await end(id, answer(401), 'either')).to.equal('violated: status 401 without a body');
      expect(await end(id, closed(), 'either')).to.equal('violated: a closed connection');
      expect(checkOf(clientCertificate, id).auth).to.deep.equal(['either']);
    });
  }
});
