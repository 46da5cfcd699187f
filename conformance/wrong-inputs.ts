// Detects inputs of a run that look wrong, based on the responses for the declared users.
import type { CheckContext } from './check-context.ts';
import type { Answer } from './http/endpoint-request.ts';
import { findMediaType } from './report/finding.ts';
import { decodeBody } from './user-info-body.ts';

/** Minimum share of refusals at which the declared credentials, not the user ids, are probably wrong. */
const refusedShare = 0.9;

const isHtml = (answer: Answer) =>
  findMediaType(answer) === 'text/html' || /^\s*<(?:!doctype html|html)\b/i.test(decodeBody(answer.body));

/** Returns whether a proxy or a gateway seems to have responded in place of the endpoint. */
function isFromProxy(answer: Answer): boolean {
  const { status } = answer;
  if (status === 407 || answer.header('proxy-authenticate') !== null || answer.header('x-squid-error') !== null)
    return true;
  if (!isHtml(answer)) return false;
  // Frameworks also create pages for 403 and 503, but only gateways create pages for 502 and 504.
  return status === 502 || status === 504 || ((status === 403 || status >= 500) && answer.header('via') !== null);
}

/** Returns the target of a redirect; null: the response is not a redirect. */
function findTarget({ status, header }: Answer, url: URL): URL | null {
  const location = header('location');
  if (status < 300 || status > 399 || location === null || !URL.canParse(location, url.href)) return null;
  return new URL(location, url);
}

function isLogin(answer: Answer, url: URL): boolean {
  const target = findTarget(answer, url);
  if (target !== null)
    return /log-?[io]n|sign-?[io]n|\bsso\b|saml|oauth|openid|adfs|\bauth(?:orize|enticate)?\b/i.test(
      target.hostname + target.pathname,
    );
  return isHtml(answer) && /<input\b[^>]*\btype\s*=\s*["']?password/i.test(decodeBody(answer.body));
}

/** Returns the difference between a URL and the target of its redirect, if it could be a typing error. null: a larger difference, or no redirect. */
function findTypingError(answer: Answer, url: URL): string | null {
  const target = findTarget(answer, url);
  if (target === null || target.hostname !== url.hostname) return null;
  const isSamePath = target.pathname === url.pathname;
  if (isSamePath && url.protocol === 'http:' && target.protocol === 'https:') return 'https:// instead of http://';
  const isSlash = target.pathname.replace(/\/$/, '') === url.pathname.replace(/\/$/, '') && !isSamePath;
  if (!isSlash || target.origin !== url.origin) return null;
  return target.pathname.endsWith('/') ? 'a slash at the end of the path' : 'no slash at the end of the path';
}

function explainRefusal(status: number, { auth, credentials }: CheckContext): string {
  const refused = `the endpoint responded with ${status} to requests with the declared authentication.`;
  if (auth === 'none') return `${refused} It requires credentials: use --auth basic, mtls, both or either.`;
  const given = [
    credentials.right.authorization === null ? '' : '--username with --password-env or --password-file',
    credentials.right.certificate ? '--cert with --key, and that the endpoint allows this certificate' : '',
  ].filter((option) => option !== '');
  return `${refused} Check ${given.join('; ')}. Also check --auth: the endpoint may require more than ${auth}.`;
}

/** Completes "The inputs are probably wrong, because …". */
function findReason(answers: readonly Answer[], context: CheckContext): string | null {
  const { url, knownUsers } = context.options;
  const areAll = (rule: (answer: Answer) => boolean) => answers.length > 0 && answers.every(rule);
  const statuses = [...new Set(answers.map(({ status }) => status))].join(' and ');
  if (areAll(isFromProxy)) {
    return `a proxy or gateway seems to respond in place of the endpoint (status ${statuses}). Check the URL, --proxy and NO_PROXY, and whether the endpoint behind the gateway is running.`;
  }
  if (areAll((answer) => isLogin(answer, url))) {
    return `the URL leads to a login page (status ${statuses}). Check the path of the URL and --auth: the endpoint must accept the credentials in each request, without a session.`;
  }
  const typingError = answers[0] ? findTypingError(answers[0], url) : null;
  if (typingError !== null && areAll((answer) => findTypingError(answer, url) === typingError)) {
    return `the endpoint redirects each request to the same URL with ${typingError} (status ${statuses}). Use that URL, here and in the settings of the platform.`;
  }
  if (areAll(({ status }) => status === 200)) return null;
  // If no known user was given, a 403 may be the response for the unknown user.
  const refusals = answers.filter(({ status }) => status === 401 || (status === 403 && knownUsers.length > 0));
  if (refusals[0] && refusals.length >= refusedShare * answers.length)
    return explainRefusal(refusals[0].status, context);
  if (knownUsers.length > 0 && areAll(({ status }) => status === 404 || status === 410)) {
    const users =
      knownUsers.length === 1 ? 'does not know the known user' : `knows none of the ${knownUsers.length} known users`;
    return `the endpoint ${users} (status ${statuses}). Check the path of the URL, and the letter case and domain of each --known-user. Check that these users exist and are enabled.`;
  }
  return null;
}

/**
 * Returns why the inputs of a run look wrong and what to check; null: they do not look wrong.
 *
 * @param answers the responses so far for known users with the declared credentials, or for the unknown user if none is known.
 */
export function explainWrongInputs(answers: readonly Answer[], context: CheckContext): string | null {
  const reason = findReason(answers, context);
  return reason === null ? null : `The inputs are probably wrong, because ${reason}`;
}
