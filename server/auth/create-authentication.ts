// Owns making the authentication that a configuration asks for.
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { AuthenticationConfig, BasicConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { ClientAddress } from '../client-address.ts';
import { type Authenticate, authenticateNobody } from './authenticate.ts';
import { requireBoth, requireEither } from './authentication-policy.ts';
import { createBasicAuthentication } from './basic-authentication.ts';
import { createClientCertificateAuthentication } from './client-certificate.ts';
import type { FailedLogins } from './failed-logins.ts';
import { parseHtpasswd } from './htpasswd-file.ts';
import type { AcceptedCredential } from './verify-credentials.ts';

export interface AuthenticationContext {
  /** Told why TLS did not trust a client certificate that an optional request let through. */
  readonly onUntrusted: (reason: string, request: IncomingMessage) => void;
  /** What was counted so far, under `failedLogins` of the configuration. */
  readonly failedLogins: FailedLogins;
  readonly clientAddress: ClientAddress;
}

/**
 * Makes the authentication of the configured mode. The configuration was checked: what the mode needs is there.
 *
 * @throws when the htpasswd file can't be read, or is refused.
 */
export function createAuthentication(
  config: AuthenticationConfig,
  { onUntrusted, failedLogins, clientAddress }: AuthenticationContext,
): Authenticate {
  const basic = () =>
    createBasicAuthentication(
      {
        credentials: readCredentials(config.basic),
        clientAddress,
        ...(config.basic && { verifiedForSeconds: config.basic.verifiedForSeconds }),
      },
      failedLogins,
    );
  const certificate = () => createClientCertificateAuthentication(config.clientCertificate?.allow ?? [], onUntrusted);
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

/** Whether the handshake asks for a client certificate, and fails without a valid one. */
export type CertificateRequest = 'required' | 'optional' | 'none';

/** As configured, else as the mode needs it. */
export function certificateRequestOf(config: AuthenticationConfig): CertificateRequest {
  const byMode = { basic: 'none', mtls: 'required', both: 'required', either: 'optional', none: 'none' } as const;
  return config.clientCertificate?.request ?? byMode[config.mode];
}

function readCredentials(config: BasicConfig | undefined): AcceptedCredential[] {
  if (!config) return [];
  const accepted: AcceptedCredential[] = [];
  for (const { username, password, passwordHash } of config.credentials) {
    if (password) accepted.push({ username, password: password.reveal() });
    if (passwordHash) accepted.push({ username, passwordHash: passwordHash.reveal() });
  }
  if (config.htpasswdFile !== undefined) {
    const hashes = parseHtpasswd(readFileSync(config.htpasswdFile, 'utf8'));
    for (const [username, passwordHash] of hashes) accepted.push({ username, passwordHash });
  }
  return accepted;
}
