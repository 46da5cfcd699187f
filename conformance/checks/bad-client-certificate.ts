// Owns the checks of client certificates that must not be accepted: of no trusted CA, out of date, for another use; and of resumed sessions.

import type { BadClientCertificateName } from '../bad-client-certificates.ts';
import type { Check } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../finding.ts';
import { describeContent } from '../user-info-body.ts';
import { askOrRefusedByTls, toSentence } from './refusal-checks.ts';

const auth = ['mtls', 'both', 'either'] as const;

/** What presents no certificate; in `both` with Basic, in `either` without. */
const asWithout = ({ knownUser, credentials }: CheckContext): ShortQuestion => ({
  userids: [knownUser],
  credentials: credentials.withoutCertificate,
});

/** Where nobody is asked for a certificate, a bad one that is let in says nothing more. */
async function assumeDemanded(context: CheckContext): Promise<void> {
  const answer = await askOrRefusedByTls(context, asWithout(context));
  const judgedBy = context.auth === 'either' ? 'nothing-presented-refused' : 'client-certificate-missing-refused';
  if (answer?.status === 200)
    throw new Untestable(`The same request without any certificate was not refused either: see ${judgedBy}.`);
}

async function askWith(context: CheckContext, name: BadClientCertificateName) {
  const clientCertificate = (await context.badClientCertificates())[name];
  return askOrRefusedByTls(context, { ...asWithout(context), tls: { clientCertificate } });
}

const verifies = 'verify the certificate against the CA, its dates and its use, or let TLS do so and refuse';
const mend: Check['mend'] = [
  { stack: 'express', text: 'Set rejectUnauthorized, or refuse unless request.socket.authorized is true.' },
  {
    stack: 'go',
    text: 'tls.RequireAnyClientCert verifies nothing: set tls.RequireAndVerifyClientCert with ClientCAs.',
  },
  { stack: 'aspnet', text: 'Do not replace ClientCertificateValidation by a function that returns true.' },
  {
    stack: 'nginx',
    text: 'ssl_verify_client optional_no_ca verifies nothing: set it to on, with ssl_client_certificate.',
  },
];

/** A MUST that a certificate with one fault is no certificate. `needsCa`: only the endpoint's own CA can issue it. */
function badRefused(
  name: BadClientCertificateName,
  id: string,
  words: string,
  source: string,
  why: string,
  needsCa: boolean,
): Check {
  const asked = `a known user with a client certificate ${words}`;
  return {
    id,
    level: 'MUST',
    platformVerdict: 'information-leak',
    title: `MUST refuse ${asked}, in TLS or with any status but 200`,
    source,
    why,
    mend: [{ stack: 'any', text: toSentence(verifies) }, ...mend],
    needs: ['client-certificate', ...(needsCa ? (['client-ca'] as const) : []), 'control'],
    auth,
    async run(context) {
      await assumeDemanded(context);
      const answer = await askWith(context, name);
      if (!answer) return;
      assertConforms(answer.status !== 200, {
        asked,
        expected: 'a refusal by TLS, or any status but 200',
        seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
        change: verifies,
        answers: [answer],
      });
    },
  };
}

const contract = 'User info contract, authentication: a client certificate must hold';

const refused: readonly Check[] = [
  badRefused(
    'self-signed',
    'client-certificate-self-signed-refused',
    'that is signed by its own key',
    `${contract}; RFC 5280, 6.1`,
    'Everybody can make such a certificate in a second, with any name in it.',
    false,
  ),
  badRefused(
    'other-ca',
    'client-certificate-other-ca-refused',
    'of a CA that the endpoint does not know',
    `${contract}; RFC 5280, 6.1`,
    'Everybody can make a CA, and with it a certificate with any name in it. Only the CA that was uploaded with the endpoint counts.',
    false,
  ),
  badRefused(
    'expired',
    'client-certificate-expired-refused',
    'that has expired',
    `${contract}; RFC 5280, 6.1.3`,
    'What an old certificate opened stays open to whoever finds its key, and no CA revokes it any more.',
    true,
  ),
  badRefused(
    'not-yet-valid',
    'client-certificate-not-yet-valid-refused',
    'that is not valid yet',
    `${contract}; RFC 5280, 6.1.3`,
    'Its time has not come: the CA does not vouch for it now.',
    true,
  ),
  badRefused(
    'wrong-extended-key-usage',
    'client-certificate-wrong-use-refused',
    'that was issued for servers',
    `${contract}; RFC 5280, 4.2.1.12: a certificate is used for the purposes that it names only`,
    'Every server with a certificate of the same CA could ask who is in which group.',
    true,
  ),
];

const badStatus: Check = {
  id: 'client-certificate-bad-status',
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD refuse a client certificate that does not hold in TLS, or with 400, 401 or 403',
  source: 'User info contract, statuses: a certificate that is not allowed is 403, beside the refusal by TLS itself',
  why: 'The platform treats every refusal alike, but whoever reads its log or yours finds the cause by the status.',
  mend: [{ stack: 'any', text: 'Answer 403 where TLS itself did not refuse.' }],
  needs: ['client-certificate', 'control'],
  auth,
  async run(context) {
    for (const name of ['self-signed', 'other-ca'] as const) {
      const answer = await askWith(context, name);
      if (!answer) continue;
      assumeRefused(answer, `client-certificate-${name}-refused`);
      assertConforms([400, 401, 403].includes(answer.status), {
        asked: `a known user with a client certificate that does not hold (${name})`,
        expected: 'a refusal by TLS, or status 400, 401 or 403',
        seen: describeAnswer(answer),
        change: 'answer 403, so that operators can tell this refusal from the others',
        answers: [answer],
      });
    }
  },
};

const versions = ['TLSv1.2', 'TLSv1.3'] as const;

const resumedRefused: Check = {
  id: 'client-certificate-missing-resumed-refused',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST refuse a known user without a client certificate on a resumed TLS session as on a new one',
  source: `${contract}; RFC 8446, 2.2: a resumed session has what was authenticated in the first one, and no more`,
  why: 'Some libraries call every resumed session authorised. A stranger would be refused once, come back with the session ticket, and be let in.',
  mend: [
    {
      stack: 'any',
      text: 'Ask for the certificate itself at each request, and refuse when there is none; do not go by a flag of the session.',
    },
    {
      stack: 'express',
      text: 'Refuse unless request.socket.authorized is true and request.socket.getPeerCertificate() has a subject: in TLS 1.3 Node calls a resumed session without a certificate authorised.',
    },
  ],
  needs: ['client-certificate', 'control'],
  auth,
  async run(context) {
    await assumeDemanded(context);
    for (const version of versions) {
      const question = { ...asWithout(context), tls: { minVersion: version, maxVersion: version } };
      const session = (await askOrRefusedByTls(context, question))?.tls?.session;
      // TLS itself refused, or gives no sessions: nothing can be resumed.
      if (!session) continue;
      const answer = await askOrRefusedByTls(context, { ...question, tls: { ...question.tls, session } });
      if (!answer) continue;
      assertConforms(answer.status !== 200, {
        asked: `a known user without a client certificate, on a resumed session of ${version}, whose first request was refused`,
        expected: 'a refusal by TLS, or any status but 200',
        seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
        change: 'look at the certificate itself at each request, and refuse when there is none',
        answers: [answer],
      });
    }
  },
};

/** Of `clientCertificate`, behind those of a missing one. */
export const badClientCertificateChecks: readonly Check[] = [...refused, badStatus, resumedRefused];
