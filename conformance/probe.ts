// Probe before the checks: whether the endpoint can be reached and used with the given inputs, and if not, why.
import type { CheckContext } from './check-context.ts';
import { Untestable } from './check-endings.ts';
import type { Answer } from './http/endpoint-request.ts';
import { NoAnswer } from './http/no-answer.ts';
import { explainWrongInputs } from './wrong-inputs.ts';

function explainNoAnswer(error: NoAnswer, context: CheckContext, protocol: string): string {
  if (error.kind !== 'closed') return error.message;
  if (protocol === 'http:') return `${error.message} Check whether the URL must begin with https://.`;
  if (/ALERT_PROTOCOL_VERSION$/.test(error.code)) {
    return `${error.message} It supports neither TLS 1.2 nor 1.3, and the kit uses no other version. Enable TLS 1.2 or 1.3 on the endpoint.`;
  }
  return context.credentials.right.certificate
    ? `${error.message} It may not accept the client certificate. Check that the certificate is valid for clients and issued by a CA that the endpoint trusts.`
    : `${error.message} It may require a client certificate: add --auth mtls or both, with --cert and --key.`;
}

/**
 * Requests the first known user, or the unknown user if no known user was given. If the response is not a 200 or indicates wrong inputs, also
 * requests all other known users. Throws like `askOnce` for the first user.
 */
async function askDeclaredUsers(context: CheckContext): Promise<Answer[]> {
  const { knownUsers, unknownUser } = context.options;
  const [first = unknownUser, ...others] = knownUsers;
  const answers = [await context.askOnce({ userids: [first] })];
  if (answers[0]?.status === 200 && explainWrongInputs(answers, context) === null) return answers;
  for (const userid of others) {
    try {
      answers.push(await context.askOnce({ userids: [userid] }));
    } catch (error) {
      // If one user gets no response, the checks report it.
      if (!(error instanceof NoAnswer)) throw error;
    }
  }
  return answers;
}

/** Returns why no check can be run, with the remedy; null: nothing prevents it. */
export async function findObstacle(context: CheckContext, protocol: string): Promise<string | null> {
  try {
    return explainWrongInputs(await askDeclaredUsers(context), context);
  } catch (error) {
    if (error instanceof NoAnswer) return explainNoAnswer(error, context, protocol);
    if (error instanceof Untestable) return error.message;
    throw error;
  }
}
