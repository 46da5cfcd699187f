// Owns the checks of client certificates: where one is needed, nobody gets in without; where one is enough, it is.
import type { Check, Need, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Credentials } from '../credentials.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { badClientCertificateChecks } from './bad-client-certificate.ts';
import { askOrRefusedByTls } from './refusal-checks.ts';

const source = 'User info contract, authentication: both means that each holds, either that one is enough';

const asWithout = ({ knownUser, credentials }: CheckContext): ShortQuestion => ({
  userids: [knownUser],
  credentials: credentials.withoutCertificate,
});

const missingShared = { needs: ['client-certificate', 'control'], auth: ['mtls', 'both'] } as const;
const missingAsked = 'a known user without a client certificate';

const missingRefused: Check = {
  ...missingShared,
  id: 'client-certificate-missing-refused',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: `MUST refuse ${missingAsked}, in TLS or with any status but 200`,
  source,
  why: 'The certificate is what keeps out whoever knows the address, or the password: without it everybody learns who is in which group.',
  mend: [
    {
      stack: 'any',
      text: 'Demand and verify a client certificate; where both are declared, Basic alone is not enough.',
    },
    { stack: 'express', text: 'Create the HTTPS server with requestCert and rejectUnauthorized, and the CA in ca.' },
    { stack: 'go', text: 'Set tls.Config.ClientAuth to tls.RequireAndVerifyClientCert, with ClientCAs.' },
    { stack: 'spring', text: 'Set server.ssl.client-auth=need, with a trust store.' },
    { stack: 'aspnet', text: 'Set ClientCertificateMode.RequireCertificate in Kestrel, and validate the chain.' },
    { stack: 'nginx', text: 'Set ssl_verify_client on; and ssl_client_certificate.' },
  ],
  async run(context) {
    const answer = await askOrRefusedByTls(context, asWithout(context));
    if (!answer) return;
    assertConforms(answer.status !== 200, {
      asked: missingAsked,
      expected: 'a refusal by TLS, or any status but 200',
      seen: describeAnswer(answer),
      change:
        'demand and verify a client certificate (for nginx: ssl_verify_client on; for Node: requestCert and rejectUnauthorized); where both are declared, Basic alone is not enough',
    });
  },
};

const missingStatus: Check = {
  ...missingShared,
  id: 'client-certificate-missing-status',
  level: 'SHOULD',
  title: `SHOULD refuse ${missingAsked} in TLS, or with 400, 401 or 403`,
  platformVerdict: 'cosmetic',
  why: 'The platform treats every refusal alike, but whoever reads its log or yours finds the cause by the status.',
  mend: [{ stack: 'any', text: 'Answer 403 where TLS itself did not refuse.' }],
  source: 'User info contract, statuses: no certificate where one is needed is 403, beside the refusal by TLS itself',
  async run(context) {
    const answer = await askOrRefusedByTls(context, asWithout(context));
    if (!answer) return;
    if (answer.status === 200) throw new Untestable(`It was not refused at all: see ${missingRefused.id}.`);
    // 400 is what nginx answers of its own accord.
    assertConforms([400, 401, 403].includes(answer.status), {
      asked: missingAsked,
      expected: 'a refusal by TLS, or status 400, 401 or 403',
      seen: describeAnswer(answer),
      change: 'answer 403, so that operators can tell this refusal from the others',
    });
  },
};

const nothingRefused: Check = {
  id: 'nothing-presented-refused',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST refuse a known user when neither a certificate nor Basic credentials are presented',
  source,
  why: 'Everybody who reaches the port would learn who is in which group.',
  mend: [
    {
      stack: 'any',
      text: 'Refuse when either is missing. A request that presents nothing must not pass as one to which no rule applies.',
    },
    { stack: 'nginx', text: 'With satisfy any and ssl_verify_client optional, check $ssl_client_verify for SUCCESS.' },
  ],
  needs: ['control'],
  auth: ['both', 'either'],
  async run(context) {
    const answer = await askOrRefusedByTls(context, {
      userids: [context.knownUser],
      credentials: context.credentials.nothing,
    });
    if (!answer) return;
    assertConforms(answer.status !== 200, {
      asked: 'a known user with neither a certificate nor Basic credentials',
      expected: 'a refusal by TLS, or any status but 200',
      seen: describeAnswer(answer),
      change:
        'refuse when either is missing; a request that presents nothing must not pass as one to which no rule applies',
    });
  },
};

/** A MUST of `either`: one of the two is enough. */
function aloneIsEnough(id: string, presented: string, need: Need, pick: (context: CheckContext) => Credentials): Check {
  return {
    id,
    level: 'MUST',
    platformVerdict: 'refused',
    title: `MUST answer a known user with 200 for ${presented} alone`,
    source,
    why: 'Where one of the two is declared to be enough, a platform that was given one gets no user info.',
    mend: [
      {
        stack: 'any',
        text: `Accept ${presented} without the other: TLS asks for a certificate and does not demand it, and the endpoint decides.`,
      },
    ],
    needs: ['known-user', need],
    auth: ['either'],
    async run(context) {
      const answer = await askOrRefusedByTls(context, { userids: [context.knownUser], credentials: pick(context) });
      assertConforms(answer?.status === 200, {
        asked: `a known user with ${presented} alone`,
        expected: 'status 200',
        seen: answer ? describeAnswer(answer) : 'a refusal by TLS',
        change: `accept ${presented} without the other: TLS asks for a certificate and does not demand it, and the endpoint decides`,
      });
    },
  };
}

export const clientCertificate: Topic = {
  title: 'Client certificates',
  checks: [
    missingRefused,
    missingStatus,
    nothingRefused,
    aloneIsEnough(
      'either-basic-alone',
      'Basic credentials',
      'basic-credentials',
      ({ credentials }) => credentials.basicAlone,
    ),
    aloneIsEnough(
      'either-certificate-alone',
      'the client certificate',
      'client-certificate',
      ({ credentials }) => credentials.certificateAlone,
    ),
    ...badClientCertificateChecks,
  ],
};
