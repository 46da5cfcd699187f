// Checks that untrusted, expired and unsuitable client certificates are refused, even on resumed TLS sessions.

import type { Check } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { BadClientCertificateName } from '../http/bad-client-certificates.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../report/finding.ts';
import { describeContent } from '../user-info-body.ts';
import { askOrClosed, toSentence } from './refusal-checks.ts';

const auth = ['mtls', 'both', 'either'] as const;

/** Returns a request without a certificate: for `both`, with Basic credentials; for `either`, without them. */
const asWithout = ({ knownUser, credentials }: CheckContext): ShortRequest => ({
  userids: [knownUser],
  credentials: credentials.withoutCertificate,
});

/** Throws Untestable if no certificate is required, because a bad one then proves nothing. */
async function assumeDemanded(context: CheckContext): Promise<void> {
  const answer = await askOrClosed(context, asWithout(context));
  const coveredBy = context.auth === 'either' ? 'nothing-presented-refused' : 'client-certificate-missing-refused';
  if (answer?.status === 200)
    throw new Untestable(`The same request without a certificate was not refused either: see ${coveredBy}.`);
}

async function askWith(context: CheckContext, name: BadClientCertificateName) {
  const clientCertificate = (await context.badClientCertificates())[name];
  return askOrClosed(context, { ...asWithout(context), tls: { clientCertificate } });
}

const verifies = 'verify the CA, the validity period and the key usage of the certificate, or let TLS do so';
const fix: Check['fix'] = [
  { stack: 'express', text: 'Set rejectUnauthorized, or require that request.socket.authorized is true.' },
  {
    stack: 'go',
    text: 'tls.RequireAnyClientCert does not verify certificates: use tls.RequireAndVerifyClientCert with ClientCAs.',
  },
  { stack: 'aspnet', text: 'Do not replace ClientCertificateValidation with a function that returns true.' },
  {
    stack: 'nginx',
    text: 'ssl_verify_client optional_no_ca does not verify certificates: set ssl_verify_client to on, with ssl_client_certificate.',
  },
];

const presentedNeeds = ['client-certificate', 'control'] as const;
/** Only the CA that the endpoint trusts can issue these certificates. */
const issuedNeeds = ['client-certificate', 'client-ca', 'control'] as const;

const howToRepeat =
  'The kit issues the certificate for this run only. To repeat the request with curl, run `user-info conform` again with --keep-certificates DIRECTORY. The kit then saves the certificate and its key, and the curl line names the files.';

const badShared = {
  fix: [{ stack: 'any', text: `${toSentence(verifies)} ${howToRepeat}` }, ...fix],
  auth,
} as const satisfies Partial<Check>;

/** Throws if a certificate with one defect gets a 200. */
async function assertRefused(context: CheckContext, name: BadClientCertificateName, words: string): Promise<void> {
  await assumeDemanded(context);
  const answer = await askWith(context, name);
  if (!answer) return;
  assertConforms(answer.status !== 200, {
    asked: `a known user with a client certificate ${words}`,
    expected: 'a failed TLS handshake, or any status other than 200',
    seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
    change: verifies,
    answers: [answer],
  });
}

const selfSigned: Check = {
  id: 'client-certificate-self-signed-refused',
  title: 'MUST refuse a self-signed client certificate, in the TLS handshake or with a non-200 status',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  why: 'Anyone can create a self-signed certificate in a second, with any name in it.',
  ...badShared,
  needs: presentedNeeds,
  run: (context) => assertRefused(context, 'self-signed', 'that is self-signed'),
};

const otherCa: Check = {
  id: 'client-certificate-other-ca-refused',
  title: 'MUST refuse a client certificate from an unknown CA, in the TLS handshake or with a non-200 status',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  why: 'Anyone can create a CA and issue a certificate with any name. Only the CA that was configured for the endpoint counts.',
  ...badShared,
  needs: presentedNeeds,
  run: (context) => assertRefused(context, 'other-ca', 'from a CA that the endpoint does not trust'),
};

const sameNames: Check = {
  id: 'client-certificate-same-names-refused',
  title:
    'MUST refuse a client certificate from an unknown CA that uses the names of the trusted CA, in the TLS handshake or with a non-200 status',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  why: 'Anyone can copy the names of the trusted CA and of a trusted certificate into new certificates. An endpoint that compares names instead of verifying the signature accepts them.',
  ...badShared,
  needs: presentedNeeds,
  run: (context) =>
    assertRefused(context, 'same-names', 'issued by another CA, with the subject and issuer of the right certificate'),
};

const expired: Check = {
  id: 'client-certificate-expired-refused',
  title: 'MUST refuse an expired client certificate, in the TLS handshake or with a non-200 status',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  why: 'The stolen key of an expired certificate would grant access forever, because no CA revokes expired certificates.',
  ...badShared,
  needs: issuedNeeds,
  run: (context) => assertRefused(context, 'expired', 'that has expired'),
};

const notYetValid: Check = {
  id: 'client-certificate-not-yet-valid-refused',
  title: 'MUST refuse a client certificate that is not yet valid, in the TLS handshake or with a non-200 status',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-15'],
  impact: 'information-leak',
  why: 'The CA does not vouch for a certificate before its validity period.',
  ...badShared,
  needs: issuedNeeds,
  run: (context) => assertRefused(context, 'not-yet-valid', 'that is not yet valid'),
};

const wrongUse: Check = {
  id: 'client-certificate-wrong-use-refused',
  title: 'MUST refuse a client certificate that was issued for servers, in the TLS handshake or with a non-200 status',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-37'],
  impact: 'information-leak',
  why: 'Every server with a certificate from the same CA can read the groups of every user.',
  ...badShared,
  needs: issuedNeeds,
  run: (context) => assertRefused(context, 'wrong-extended-key-usage', 'that was issued for servers'),
};

const badStatus: Check = {
  id: 'client-certificate-bad-status',
  title: 'SHOULD reject an untrusted client certificate in the TLS handshake, or with 400, 401 or 403',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-20'],
  impact: 'cosmetic',
  why: 'Operators determine the cause of a refusal from its status.',
  fix: [{ stack: 'any', text: 'Respond with 403 if the TLS handshake did not fail.' }],
  needs: ['client-certificate', 'control'],
  auth,
  async run(context) {
    for (const name of ['self-signed', 'other-ca'] as const) {
      const answer = await askWith(context, name);
      if (!answer) continue;
      assumeRefused(answer, `client-certificate-${name}-refused`);
      assertConforms([400, 401, 403].includes(answer.status), {
        asked: `a known user with an untrusted client certificate (${name})`,
        expected: 'a failed TLS handshake, or status 400, 401 or 403',
        seen: describeAnswer(answer),
        change: 'respond with 403, so that operators can distinguish this refusal from others',
        answers: [answer],
      });
    }
  },
};

/** TLS 1.3 first: curl can repeat it, but cannot resume a TLS 1.2 session from a ticket. */
const versions = ['TLSv1.3', 'TLSv1.2'] as const;

const resumedRefused: Check = {
  id: 'client-certificate-missing-resumed-refused',
  title: 'MUST refuse a client without a certificate in a resumed TLS session',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-16'],
  impact: 'information-leak',
  why: 'Some libraries report every resumed session as authorized. A client without a certificate would be refused at first, but accepted when it resumes the session.',
  fix: [
    {
      stack: 'any',
      text: 'Check the certificate itself on each request, instead of a session flag.',
    },
    {
      stack: 'express',
      text: 'Reject the request unless request.socket.authorized is true and request.socket.getPeerCertificate() has a subject. In TLS 1.3, Node.js 20 and 22 report a resumed session without a certificate as authorized.',
    },
  ],
  needs: ['client-certificate', 'control'],
  auth,
  async run(context) {
    await assumeDemanded(context);
    for (const version of versions) {
      const request = { ...asWithout(context), tls: { minVersion: version, maxVersion: version } };
      const session = (await askOrClosed(context, request))?.tls?.session;
      // The handshake failed, or the endpoint issues no sessions: there is nothing to resume.
      if (!session) continue;
      const answer = await askOrClosed(context, { ...request, tls: { ...request.tls, session } });
      if (!answer) continue;
      assertConforms(answer.status !== 200, {
        asked: `a known user without a client certificate, in a resumed ${version} session whose first request was refused`,
        expected: 'a failed TLS handshake, or any status other than 200',
        seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}`,
        change: 'check the certificate itself on each request',
        answers: [answer],
      });
    }
  },
};

/** Part of `clientCertificate`, after the checks of a missing certificate. */
export const badClientCertificateChecks: readonly Check[] = [
  ...[selfSigned, otherCa, sameNames, expired, notYetValid, wrongUse],
  badStatus,
  resumedRefused,
];
