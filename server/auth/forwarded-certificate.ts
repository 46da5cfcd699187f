// Client certificates that a configured proxy forwards in a header: trusted proxies and allowed certificates.
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import type {
  AllowedCertificateConfig,
  ForwardedCertificateConfig,
} from '../../schemas/generated/loaded-server-config.ts';
import type { IsNamedProxy } from '../http/named-proxies.ts';
import type { AuthDecision, Authenticate } from './authenticate.ts';
import type { ValidatePath } from './certificate-path.ts';
import { certificateCaller, isAllowed } from './client-certificate.ts';
import { readForwardedHeader, usualHeaders } from './forwarded-header.ts';

export interface ForwardedCertificateParts {
  readonly config: Pick<ForwardedCertificateConfig, 'format' | 'header'>;
  readonly isProxy: IsNamedProxy;
  readonly validatePath: ValidatePath;
  readonly allowed: readonly AllowedCertificateConfig[];
  /** Authenticates connections that do not come from a proxy and do not send such a header. */
  readonly direct: Authenticate;
  /** Called with the reason why a certificate is not trusted or a header was rejected, for the log. */
  readonly onUntrusted: (reason: string, request: IncomingMessage) => void;
}

interface Remembered {
  readonly decision: AuthDecision;
  readonly untilMs: number;
}

/** More clients than a platform has. */
const maxRemembered = 1000;

/**
 * Creates authentication by forwarded certificates. A request from a configured proxy is authenticated by the header alone: the proxy's own
 * certificate authorizes nobody. The header is rejected when it comes from any other sender, whatever else the request contains, and when it cannot
 * be parsed: `certificate-header-refused` (400). The other refusals are those of a direct certificate, all 403.
 */
export function createForwardedCertificateAuthentication(parts: ForwardedCertificateParts): Authenticate {
  const { config, isProxy, validatePath, allowed, direct, onUntrusted } = parts;
  const name = (config.header ?? usualHeaders[config.format]).toLowerCase();
  const chainName = config.format === 'rfc9440' ? `${name}-chain` : null;
  // Signatures are verified once per certificate. A rejected certificate is verified each time and takes no place in the cache.
  const remembered = new LRUCache<string, Remembered>({ max: maxRemembered });

  async function authenticateByHeader(
    header: string,
    chain: string | undefined,
    request: IncomingMessage,
  ): Promise<AuthDecision> {
    const read = readForwardedHeader(config.format, header, chain);
    if (read === 'none') return { granted: false, code: 'certificate-missing' };
    if (read === 'malformed') return refuseHeader("the proxy's header cannot be parsed", request);
    const verdict = await validatePath(read.certificate, read.others, Date.now());
    if (!verdict.trusted) {
      onUntrusted(verdict.reason, request);
      return { granted: false, code: 'certificate-untrusted' };
    }
    const { certificate, untilMs } = verdict;
    if (!isAllowed(certificate, allowed)) return { granted: false, code: 'certificate-not-allowed' };
    const decision: AuthDecision = { granted: true, caller: certificateCaller(certificate) };
    remembered.set(keyOf(header, chain), { decision, untilMs });
    return decision;
  }

  function refuseHeader(reason: string, request: IncomingMessage): AuthDecision {
    onUntrusted(reason, request);
    return { granted: false, code: 'certificate-header-refused' };
  }

  return (request) => {
    const header = textOf(request, name);
    if (!isProxy(request.socket)) {
      if (header === undefined) return direct(request);
      return refuseHeader('a forwarded certificate did not come from a configured proxy', request);
    }
    if (header === undefined) return { granted: false, code: 'certificate-missing' };
    const chain = chainName === null ? undefined : textOf(request, chainName);
    const known = remembered.get(keyOf(header, chain));
    return known && Date.now() < known.untilMs ? known.decision : authenticateByHeader(header, chain, request);
  };
}

/** No header contains a line break. */
function keyOf(header: string, chain: string | undefined): string {
  return chain === undefined ? header : `${header}\n${chain}`;
}

/** Node joins several fields with a comma, which is not valid in any form of a single certificate. */
function textOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
