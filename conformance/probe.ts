// Owns the question that comes before the checks: can the endpoint be reached and used with what was given? If not, why.
import type { CheckContext } from './check-context.ts';
import { Untestable } from './check-endings.ts';
import { NoAnswer } from './no-answer.ts';
import type { Answer } from './question.ts';

function explainNoAnswer(error: NoAnswer, context: CheckContext, protocol: string): string {
  if (error.kind !== 'closed') return error.message;
  if (protocol === 'http:') return `${error.message} Check whether the URL must begin with https://.`;
  if (/ALERT_PROTOCOL_VERSION$/.test(error.code)) {
    return `${error.message} It speaks neither TLS 1.2 nor 1.3, which alone are used here: set its lowest version to TLS 1.2.`;
  }
  return context.credentials.right.certificate
    ? `${error.message} It may not accept the client certificate: check that --cert is valid for clients and issued by a CA that the endpoint trusts.`
    : `${error.message} It may ask for a client certificate: give --auth mtls or both, with --cert and --key.`;
}

function explainAnswer(answer: Answer, context: CheckContext): string | null {
  // Every other refusal is about the user or the source, not about what was presented: that is for the checks to say.
  if (answer.status !== 401 && answer.status !== 403) return null;
  const refused = `The endpoint answered ${answer.status} to the right credentials.`;
  if (context.auth === 'none') return `${refused} It asks for some: give --auth basic, mtls, both or either.`;
  const given = [
    context.credentials.right.authorization === null ? '' : '--username with --password-env or --password-file',
    context.credentials.right.certificate ? '--cert with --key, and that the endpoint allows this certificate' : '',
  ].filter((option) => option !== '');
  return `${refused} Check ${given.join('; ')}. Check also --auth: it may ask for more than ${context.auth}.`;
}

/** Why no check can be run, in words with the cure; null when all is well. Asks one question. */
export async function findObstacle(context: CheckContext, protocol: string): Promise<string | null> {
  const userid = context.knownUser === '' ? context.unknownUser : context.knownUser;
  try {
    return explainAnswer(await context.askOnce({ userids: [userid] }), context);
  } catch (error) {
    if (error instanceof NoAnswer) return explainNoAnswer(error, context, protocol);
    if (error instanceof Untestable) return error.message;
    throw error;
  }
}
