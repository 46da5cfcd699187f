// Modes that combine Basic and client certificates in one decision.
import type { AuthDecision, Authenticate } from './authenticate.ts';

/**
 * Requires both credentials and a certificate (docs/contract.md, C-13). Checks the certificate first, because this check is the cheapest and reveals
 * nothing to an unauthenticated client.
 */
export function requireBoth(certificate: Authenticate, basic: Authenticate): Authenticate {
  return (request) => {
    const first = certificate(request);
    if (first instanceof Promise) return first.then((decision) => afterFirst(decision, () => basic(request)));
    return afterFirst(first, () => basic(request));
  };
}

function afterFirst(first: AuthDecision, second: () => AuthDecision | Promise<AuthDecision>) {
  if (!first.granted) return first;
  const decision = second();
  return decision instanceof Promise
    ? decision.then((settled) => joinCallers(first.caller, settled))
    : joinCallers(first.caller, decision);
}

function joinCallers(caller: string, decision: AuthDecision): AuthDecision {
  return decision.granted ? { granted: true, caller: `${caller} ${decision.caller}` } : decision;
}

/**
 * Requires either one. If the certificate is not accepted, a caller that sends an Authorization header is authenticated by that header. A caller that
 * sends neither is challenged for credentials. A caller with a rejected certificate receives the reason. A caller that sends a forwarded certificate
 * without being a configured proxy is always rejected.
 */
export function requireEither(certificate: Authenticate, basic: Authenticate): Authenticate {
  return async (request) => {
    const byCertificate = await certificate(request);
    if (byCertificate.granted || byCertificate.code === 'certificate-header-refused') return byCertificate;
    if (request.headers.authorization !== undefined || byCertificate.code === 'certificate-missing')
      return basic(request);
    return byCertificate;
  };
}
