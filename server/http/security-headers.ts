// Security headers of every response: helmet configured for an API, computed once.
import type { ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Header names and values, alternating, as `ServerResponse.writeHead` takes them. */
export type HeaderList = readonly string[];

/**
 * Returns the headers that the OWASP REST Security Cheat Sheet lists for an API, as helmet sets them. Headers that only affect
 * HTML pages are off. HSTS is sent over TLS only (RFC 6797, 7.2).
 */
export function securityHeaders(overTls: boolean): HeaderList {
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: overTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xContentTypeOptions: true,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  return [...recordHeaders(setHeaders), 'Cache-Control', 'no-store'];
}

/** Returns the headers that helmet's middleware sets, which depend on neither the request nor the response. */
function recordHeaders(middleware: ReturnType<typeof helmet>): string[] {
  const recorded: string[] = [];
  const recorder = {
    setHeader: (name: string, value: string) => recorded.push(name, value),
    removeHeader: () => undefined,
  };
  let failure: unknown;
  middleware({} as never, recorder as unknown as ServerResponse, (error) => {
    failure = error;
  });
  if (failure) throw failure;
  return recorded;
}
