// Creates the authentication that a configuration requires, and the limit of requests per second from one address before it.
import type { IncomingMessage } from 'node:http';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type {
  AuthenticationConfig,
  BasicConfig,
  LoadedServerConfig,
} from '../../schemas/generated/loaded-server-config.ts';
import { readInputFile } from '../config/read-input-file.ts';
import { addressOfConnection, type ClientAddress, clientNetworkOf } from '../http/client-address.ts';
import type { IsNamedProxy } from '../http/named-proxies.ts';
import { type Authenticate, authenticateNobody } from './authenticate.ts';
import { requireBoth, requireEither } from './authentication-policy.ts';
import { createBasicAuthentication } from './basic-authentication.ts';
import type { ValidatePath } from './certificate-path.ts';
import { createClientCertificateAuthentication } from './client-certificate.ts';
import { createForwardedCertificateAuthentication } from './forwarded-certificate.ts';
import { parseHtpasswd } from './htpasswd-file.ts';
import type { LoginMemory } from './login-memory.ts';
import type { AcceptedCredential } from './verify-credentials.ts';

export interface AuthenticationContext {
  /** Called with the reason why a client certificate that is optional, or was forwarded by a proxy, was not trusted. */
  readonly onUntrusted: (reason: string, request: IncomingMessage) => void;
  readonly logins: LoginMemory;
  readonly clientAddress: ClientAddress;
  /** How long a verification of a password hash may wait in the queue, in milliseconds. */
  readonly maxWaitMs: number;
  readonly isProxy: IsNamedProxy;
  /** Validates the path of forwarded certificates; `null`: not configured. */
  readonly validatePath: ValidatePath | null;
}

/**
 * Creates the authentication for the configured mode. The configuration has been validated, so everything that the mode needs is present.
 *
 * @throws when the htpasswd file cannot be read or is invalid.
 */
export function createAuthentication(
  config: AuthenticationConfig,
  { onUntrusted, logins, clientAddress, maxWaitMs, isProxy, validatePath }: AuthenticationContext,
): Authenticate {
  const basic = () => {
    const credentials = readCredentials(config.basic);
    const verifiedForSeconds = config.basic?.verifiedForSeconds ?? 300;
    return createBasicAuthentication(
      { credentials, clientAddress, maxWaitMs },
      {
        failures: logins.failedLogins(config.failedLogins),
        credentialCache: logins.credentialCache(credentials, verifiedForSeconds),
        queue: logins.queue,
      },
    );
  };
  const certificate = () => {
    const { allow = [], forwarded } = config.clientCertificate ?? {};
    const direct = createClientCertificateAuthentication(allow, onUntrusted);
    if (!forwarded || !validatePath) return direct;
    const parts = { config: forwarded, isProxy, validatePath, allowed: allow, direct, onUntrusted };
    return createForwardedCertificateAuthentication(parts);
  };
  switch (config.mode) {
    case 'basic':
      return basic();
    case 'mtls':
      return certificate();
    case 'both':
      return requireBoth(certificate(), basic());
    case 'either':
      return requireEither(certificate(), basic());
    case 'none':
      return authenticateNobody;
  }
}

/** Whether the handshake requests a client certificate, and fails without a valid one. */
export type CertificateRequest = 'required' | 'optional' | 'none';

/**
 * Returns what is configured or the mode requires. Behind a proxy that forwards certificates, the connection's own certificate (the proxy's) is
 * requested when there are CAs to verify it with.
 */
export function certificateRequestOf({
  authentication: { mode, clientCertificate },
  listener: { tls },
}: Pick<LoadedServerConfig, 'authentication' | 'listener'>): CertificateRequest {
  if (clientCertificate?.request) return clientCertificate.request;
  if (clientCertificate?.forwarded) return tls?.clientCa.length ? 'optional' : 'none';
  return ({ basic: 'none', mtls: 'required', both: 'required', either: 'optional', none: 'none' } as const)[mode];
}

function readCredentials(config: BasicConfig | undefined): AcceptedCredential[] {
  if (!config) return [];
  const accepted: AcceptedCredential[] = [];
  for (const { username, password, passwordHash } of config.credentials) {
    if (password) accepted.push({ username, password: password.reveal() });
    if (passwordHash) accepted.push({ username, passwordHash: passwordHash.reveal() });
  }
  if (config.htpasswdFile !== undefined) {
    const hashes = parseHtpasswd(readInputFile(config.htpasswdFile).toString('utf8'));
    for (const [username, passwordHash] of hashes) accepted.push({ username, passwordHash });
  }
  return accepted;
}

/** Applies the limit before authentication; refusals are `too-many-requests` (429). */
export function limitRequests(
  authenticate: Authenticate,
  maxRequestsPerSecond: number,
  clientAddress: ClientAddress = addressOfConnection,
): Authenticate {
  if (maxRequestsPerSecond === 0) return authenticate;
  const limiter = new RateLimiterMemory({ points: maxRequestsPerSecond, duration: 1 });
  return async (request) => {
    try {
      await limiter.consume(clientNetworkOf(clientAddress(request)));
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      return { granted: false, code: 'too-many-requests' };
    }
    return authenticate(request);
  };
}
