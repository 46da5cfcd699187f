// OAuth 2 server (oidc-provider) that issues access tokens for client credentials.
import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import Provider from 'oidc-provider';
import type { HttpOauth2Config } from '../../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../../schemas/secret.ts';
import { type Interruption, startLocalServer } from './local-server.ts';

export interface TokenServer {
  /** Returns the section `auth` for a token from this server. */
  auth(method: HttpOauth2Config['clientAuthentication']): HttpOauth2Config;
  /** Returns whether an Authorization header contains a token that this server issued for the scope "directory.read" and that is still valid. */
  isAuthorized(header: string | undefined): Promise<boolean>;
  /** Number of requests for tokens so far. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Both must be form-encoded before they become a Basic header (RFC 6749, 2.3.1), or the server rejects them. */
const clientId = 'user info+kit';
const clientSecret = 'a secret: with % and + and ~, long enough for servers that demand 64 characters';

/**
 * Starts it.
 *
 * @param lifetimeSeconds lifetime of the tokens.
 * @param interrupt responds instead, for faults.
 */
export async function startTokenServer(
  lifetimeSeconds = 3600,
  interrupt: Interruption = () => false,
): Promise<TokenServer> {
  let listener: RequestListener = () => undefined;
  let requests = 0;
  const server = await startLocalServer((request, response) => {
    requests += 1;
    if (!interrupt(request, response, requests)) listener(request, response);
  });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = {
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'directory.read',
  };
  const kept = new Map<string, object>();
  const provider = new Provider(server.url, {
    // The library's memory store warns at each start that it is not for production.
    adapter: (kind) => ({
      upsert: async (id, payload) => void kept.set(`${kind} ${id}`, payload),
      find: async (id) => kept.get(`${kind} ${id}`),
    }),
    clients: (['client_secret_basic', 'client_secret_post'] as const).map((method) => ({
      ...client,
      client_id: `${clientId} ${method}`,
      token_endpoint_auth_method: method,
    })),
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    scopes: ['directory.read'],
    ttl: { ClientCredentials: lifetimeSeconds },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'test' }] },
    cookies: { keys: ['not used'] },
  });
  listener = provider.callback();
  return {
    auth: (clientAuthentication) => ({
      type: 'oauth2',
      tokenUrl: `${server.url}/token`,
      clientId: `${clientId} ${clientAuthentication}`,
      clientSecret: new Secret(clientSecret),
      clientAuthentication,
      scope: 'directory.read',
      parameters: {},
      timeoutMs: 4000,
    }),
    async isAuthorized(header) {
      const [, token] = /^Bearer (.+)$/.exec(header ?? '') ?? [];
      const found = token === undefined ? undefined : await provider.ClientCredentials.find(token);
      return found?.scope === 'directory.read' && !found.isExpired;
    },
    get requests() {
      return requests;
    },
    close: () => server.close(),
  };
}
