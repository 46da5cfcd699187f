// Tests of the checks of untrusted, expired and unsuitable client certificates, and of resumed sessions.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import type { TlsFacts } from '../http/endpoint-request.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
  userInfo,
} from '../testing/fake-context.ts';
import { badClientCertificateChecks } from './bad-client-certificate.ts';

type Response = ReturnType<typeof answer> | Error;

function run(id: string, respond: NonNullable<FakeOptions['respond']>, auth: CheckedOptions['auth'] = 'both') {
  const credentials = { username: 'kit-login', password: 'kit-password', cert: 'kit' };
  const created = createFakeContext({ respond, credentials, options: { auth, knownUsers: ['ada'] } });
  return { ...created, ended: checkOf(badClientCertificateChecks, id).run(created.context) };
}

const end = (id: string, response: Response, auth?: CheckedOptions['auth']) =>
  endingOf(run(id, () => response, auth).ended);

/** Simulates an endpoint that refuses requests without a certificate, and sends this response to requests with a bad one. */
const toBad =
  (response: Response | ((request: ShortRequest) => Response)): NonNullable<FakeOptions['respond']> =>
  (request) => {
    if (!request.tls) return answer(403);
    return typeof response === 'function' ? response(request) : response;
  };

describe('the checks of bad certificates', () => {
  const defects: Readonly<Record<string, string>> = {
    'client-certificate-self-signed-refused': 'self-signed',
    'client-certificate-other-ca-refused': 'other-ca',
    'client-certificate-same-names-refused': 'same-names',
    'client-certificate-expired-refused': 'expired',
    'client-certificate-not-yet-valid-refused': 'not-yet-valid',
    'client-certificate-wrong-use-refused': 'wrong-extended-key-usage',
  };
  for (const [id, defect] of Object.entries(defects)) {
    it(`${id} presents its certificate in place of the right one`, async () => {
      const { ended, sent, context } = run(id, toBad(answer(401)));
      expect(await endingOf(ended)).to.equal('passed');
      const credentials = context.credentials.withoutCertificate;
      const bad = { cert: defect, key: '', shown: '' };
      expect(sent).to.deep.equal([
        { userids: ['ada'], credentials },
        { userids: ['ada'], credentials, tls: { clientCertificate: bad } },
      ]);
      expect(await endingOf(run(id, toBad(closed())).ended)).to.equal('passed');
      const finding = await findingOf(run(id, toBad(answer(200, userInfo('a')))).ended);
      expect(finding.seen).to.equal('status 200 with application/json: user info');
      expect(finding.answers).to.have.length(1);
    });

    it(`${id} is untestable where no certificate is required`, async () => {
      const message = 'untestable: The same request without a certificate was not refused either: see ';
      expect(await end(id, answer(200))).to.equal(`${message}client-certificate-missing-refused.`);
      expect(await end(id, answer(200), 'either')).to.equal(`${message}nothing-presented-refused.`);
      expect(await endingOf(run(id, (request) => (request.tls ? answer(401) : closed())).ended)).to.equal('passed');
    });
  }

  it('have the expected needs and advice', () => {
    const { needs, auth, fix } = checkOf(badClientCertificateChecks, 'client-certificate-expired-refused');
    expect(needs).to.deep.equal(['client-certificate', 'client-ca', 'control']);
    expect(auth).to.deep.equal(['mtls', 'both', 'either']);
    expect(fix.map(({ stack }) => stack)).to.deep.equal(['any', 'express', 'go', 'aspnet', 'nginx']);
    expect(checkOf(badClientCertificateChecks, 'client-certificate-self-signed-refused').needs).to.deep.equal([
      'client-certificate',
      'control',
    ]);
  });
});

describe('client-certificate-bad-status', () => {
  const id = 'client-certificate-bad-status';
  const second = (response: Response) => run(id, (_question, index) => (index === 1 ? response : closed()));

  it('presents two untrusted certificates, and finds an unsuitable status for the second one', async () => {
    const { ended, sent } = second(answer(403));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.map(({ tls }) => tls?.clientCertificate?.cert)).to.deep.equal(['self-signed', 'other-ca']);
    for (const status of [400, 401]) expect(await endingOf(second(answer(status)).ended)).to.equal('passed');
    const finding = await findingOf(second(answer(500, 'x')).ended);
    expect(finding.seen).to.equal('status 500 with application/json');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(second(answer(200)).ended)).to.equal(
      'untestable: The request was not refused: see client-certificate-other-ca-refused.',
    );
  });
});

describe('client-certificate-missing-resumed-refused', () => {
  const id = 'client-certificate-missing-resumed-refused';
  const session = Buffer.from('session');
  const facts: TlsFacts = {
    protocol: 'TLSv1.3',
    cipher: '',
    chain: [],
    untrusted: null,
    isSessionReused: false,
    session,
  };
  /** Runs a check against an endpoint that refuses each first request but issues a session, and sends this response when the session is resumed. */
  const resumed = (
    response: Response | ((request: ShortRequest) => Response),
    first = answer(403, '', { tls: facts }),
  ) =>
    run(id, (request) => {
      if (request.tls?.session === undefined) return first;
      return typeof response === 'function' ? response(request) : response;
    });

  it('resumes a session of each version', async () => {
    const { ended, sent, context } = resumed(answer(403));
    expect(await endingOf(ended)).to.equal('passed');
    const credentials = context.credentials.withoutCertificate;
    const versions = ['TLSv1.3', 'TLSv1.2'].map((version) => ({ minVersion: version, maxVersion: version }));
    expect(sent).to.deep.equal([
      { userids: ['ada'], credentials },
      ...versions.flatMap((tls) => [
        { userids: ['ada'], credentials, tls },
        { userids: ['ada'], credentials, tls: { ...tls, session } },
      ]),
    ]);
  });

  it('finds a 200 on the resumed session of either version', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const { ended } = resumed(({ tls }) => (tls?.minVersion === version ? answer(200, userInfo('a')) : closed()));
      const finding = await findingOf(ended);
      expect(finding.asked).to.include(`a resumed ${version} session`);
      expect(finding.seen).to.equal('status 200 with application/json: user info');
      expect(finding.answers).to.have.length(1);
    }
  });

  it('sends no further request where there is no session', async () => {
    for (const first of [answer(403), answer(403, '', { tls: { ...facts, session: null } })]) {
      const { ended, sent } = resumed(answer(200), first);
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent).to.have.length(3);
    }
    const { ended } = run(id, () => closed());
    expect(await endingOf(ended)).to.equal('passed');
    expect(await end(id, answer(200))).to.include('untestable: The same request without a certificate');
  });
});
