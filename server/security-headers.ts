// Owns the headers that every answer carries: helmet's for an API, computed once, and the ban on caching.
import type { ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Header names and values in turn, as `ServerResponse.writeHead` takes them. */
export type HeaderList = readonly string[];

/**
 * helmet with a set that suits an API: nothing in an answer is ever to be run, framed, sniffed or embedded. What helmet
 * has for HTML pages only is left out. HSTS goes with TLS only (RFC 6797, 7.2).
 */
export function securityHeaders(overTls: boolean): HeaderList {
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: overTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xContentTypeOptions: true,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: { action: 'deny' },
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  return [...recordHeaders(setHeaders), 'Cache-Control', 'no-store'];
}

/** helmet's middleware depends on neither request nor response: what it sets once is what it sets always. */
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
