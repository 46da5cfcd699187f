// Checks that an endpoint requires a client certificate as declared, and that it accepts each kind of credentials that is sufficient alone.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import type { Credentials } from '../http/credentials.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../report/finding.ts';
import { badClientCertificateChecks } from './bad-client-certificate.ts';
import { assertDisclosesNothing, disclosure } from './disclosure.ts';
import { askOrClosed } from './refusal-checks.ts';

const asWithout = ({ knownUser, credentials }: CheckContext): ShortRequest => ({
  userids: [knownUser],
  credentials: credentials.withoutCertificate,
});

const missingShared = { needs: ['client-certificate', 'control'], auth: ['mtls', 'both'] } as const;
const missingAsked = 'a known user without a client certificate';

const missingRefused: Check = {
  ...missingShared,
  id: 'client-certificate-missing-refused',
  title: 'MUST refuse a client without a certificate, in the TLS handshake or with a non-200 status',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  why: 'Every client that knows the address, and the password if one is required, can read the groups of every user.',
  fix: [
    {
      stack: 'any',
      text: 'Require and verify a client certificate. If Basic credentials are also required, they are not sufficient on their own.',
    },
    {
      stack: 'express',
      text: 'Create the HTTPS server with requestCert and rejectUnauthorized, and set ca to the CA.',
    },
    { stack: 'go', text: 'Set tls.Config.ClientAuth to tls.RequireAndVerifyClientCert, with ClientCAs.' },
    { stack: 'spring', text: 'Set server.ssl.client-auth=need, with a trust store.' },
    { stack: 'aspnet', text: 'Set ClientCertificateMode.RequireCertificate in Kestrel, and validate the chain.' },
    { stack: 'nginx', text: 'Set ssl_verify_client to on, and set ssl_client_certificate.' },
  ],
  async run(context) {
    const answer = await askOrClosed(context, asWithout(context));
    if (!answer) return;
    assertConforms(answer.status !== 200, {
      asked: missingAsked,
      expected: 'a failed TLS handshake, or any status other than 200',
      seen: describeAnswer(answer),
      change:
        'require and verify a client certificate; if Basic credentials are also required, they are not sufficient on their own',
    });
  },
};

const missingStatus: Check = {
  ...missingShared,
  id: 'client-certificate-missing-status',
  title: 'SHOULD reject a client without a certificate in the TLS handshake, or with 400, 401 or 403',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-20'],
  impact: 'cosmetic',
  why: 'Operators determine the cause of a refusal from its status.',
  fix: [{ stack: 'any', text: 'Respond with 403 if the TLS handshake did not fail.' }],
  async run(context) {
    const answer = await askOrClosed(context, asWithout(context));
    if (!answer) return;
    assumeRefused(answer, missingRefused.id);
    // 400 is the default of nginx.
    assertConforms([400, 401, 403].includes(answer.status), {
      asked: missingAsked,
      expected: 'a failed TLS handshake, or status 400, 401 or 403',
      seen: describeAnswer(answer),
      change: 'respond with 403, so that operators can distinguish this refusal from others',
    });
  },
};

const missingErrorBody: Check = {
  ...missingShared,
  id: 'client-certificate-missing-error-body',
  title: 'MUST NOT send user info in the response to a client without a certificate',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  unscored: { because: 'added-after', scoredFrom: '1.1', why: 'Until then, only the status of the refusal counts.' },
  ...disclosure,
  async run(context) {
    const answer = await askOrClosed(context, asWithout(context));
    if (!answer) return;
    assumeRefused(answer, missingRefused.id);
    assertDisclosesNothing(answer, missingAsked);
  },
};

const nothingRefused: Check = {
  id: 'nothing-presented-refused',
  title: 'MUST refuse a client that presents neither a certificate nor Basic credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-13'],
  impact: 'information-leak',
  why: 'Every client that reaches the port can read the groups of every user.',
  fix: [
    {
      stack: 'any',
      text: 'Refuse a request without credentials, even if no rule applies to it.',
    },
    {
      stack: 'nginx',
      text: 'With satisfy any and ssl_verify_client optional, check that $ssl_client_verify is SUCCESS.',
    },
  ],
  needs: ['control'],
  auth: ['both', 'either'],
  async run(context) {
    const answer = await askOrClosed(context, {
      userids: [context.knownUser],
      credentials: context.credentials.nothing,
    });
    if (!answer) return;
    assertConforms(answer.status !== 200, {
      asked: 'a known user with neither a certificate nor Basic credentials',
      expected: 'a failed TLS handshake, or any status other than 200',
      seen: describeAnswer(answer),
      change: 'refuse a request without credentials, even if no rule applies to it',
    });
  },
};

/** Throws if one kind of credentials alone does not get a 200. */
async function assertSufficient(context: CheckContext, presented: string, credentials: Credentials): Promise<void> {
  const answer = await askOrClosed(context, { userids: [context.knownUser], credentials });
  assertConforms(answer?.status === 200, {
    asked: `a known user with ${presented} alone`,
    expected: 'status 200',
    seen: answer ? describeAnswer(answer) : 'a closed connection',
    change: `accept ${presented} alone: let TLS request but not require a certificate, and require Basic credentials only without one`,
  });
}

const eitherShared = {
  why: 'Although either kind of credentials is declared to be sufficient, a platform that has only one kind gets no user info.',
  auth: ['either'],
} as const satisfies Partial<Check>;

const basicAlone: Check = {
  id: 'either-basic-alone',
  title: 'MUST accept Basic credentials alone and respond with 200 for a known user',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-3'],
  impact: 'refused',
  sentByPlatform: true,
  ...eitherShared,
  fix: [
    {
      stack: 'any',
      text: 'Accept Basic credentials alone: request a certificate in TLS without requiring it, and let the endpoint make the access decision.',
    },
  ],
  needs: ['known-user', 'basic-credentials'],
  run: (context) => assertSufficient(context, 'Basic credentials', context.credentials.basicAlone),
};

const certificateAlone: Check = {
  id: 'either-certificate-alone',
  title: 'MUST accept a client certificate alone and respond with 200 for a known user',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-3'],
  impact: 'refused',
  sentByPlatform: true,
  ...eitherShared,
  fix: [
    {
      stack: 'any',
      text: 'Accept the client certificate alone, and require Basic credentials only from clients without one.',
    },
  ],
  needs: ['known-user', 'client-certificate'],
  run: (context) => assertSufficient(context, 'the client certificate', context.credentials.certificateAlone),
};

export const clientCertificate: Topic = {
  title: 'Client certificates',
  checks: [
    ...[missingRefused, missingStatus, missingErrorBody, nothingRefused, basicAlone, certificateAlone],
    ...badClientCertificateChecks,
  ],
};
