// Owns the checks of client certificates: where one is needed, nobody gets in without; where one is enough, it is.
import type { Answer } from '../ask.ts';
import type { Check, Need, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Credentials } from '../credentials.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { NoAnswer } from '../no-answer.ts';

const source = 'User info contract, authentication: both means that each holds, either that one is enough';

/**
 * The answer, or null when the request was refused below HTTP. Under TLS 1.3 that comes after the handshake, as an alert
 * or a reset in place of the answer; the control, with the certificate, has just shown that the connection as such works.
 */
async function askOrRefusedByTls(context: CheckContext, credentials: Credentials): Promise<Answer | null> {
  try {
    return await context.askOnce({ userids: [context.knownUser], credentials });
  } catch (error) {
    if (error instanceof NoAnswer && error.kind === 'closed') return null;
    throw error;
  }
}

const missingShared = { needs: ['client-certificate', 'control'], auth: ['mtls', 'both'] } as const;
const missingAsked = 'a known user without a client certificate';

const missingRefused: Check = {
  ...missingShared,
  id: 'client-certificate-missing-refused',
  level: 'MUST',
  title: `MUST refuse ${missingAsked}, in TLS or with any status but 200`,
  source,
  async run(context) {
    const answer = await askOrRefusedByTls(context, context.credentials.withoutCertificate);
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
  source: 'User info contract, statuses: no certificate where one is needed is 403, beside the refusal by TLS itself',
  async run(context) {
    const answer = await askOrRefusedByTls(context, context.credentials.withoutCertificate);
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
  title: 'MUST refuse a known user when neither a certificate nor Basic credentials are presented',
  source,
  needs: ['control'],
  auth: ['both', 'either'],
  async run(context) {
    const answer = await askOrRefusedByTls(context, context.credentials.nothing);
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
    title: `MUST answer a known user with 200 for ${presented} alone`,
    source,
    needs: ['known-user', need],
    auth: ['either'],
    async run(context) {
      const answer = await askOrRefusedByTls(context, pick(context));
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
  ],
};
