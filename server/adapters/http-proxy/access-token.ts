// Authentication of requests to the upstream, including OAuth 2 client credentials (RFC 6749 section 4.4).
import type { HttpAuthConfig, HttpOauth2Config } from '../../../schemas/generated/loaded-server-config.ts';
import { within } from '../../within.ts';
import { type LookUpSignal, SourceError } from '../user-source.ts';
import type { UpstreamAnswer } from './answer-collector.ts';
import { parseStrictJson } from './strict-json.ts';
import type { Upstream } from './upstream.ts';

/** Value of the header `Authorization`. */
export interface UpstreamCredentials {
  /**
   * Returns the header's value; `null`: not sent. A promise only while a token has to be fetched.
   *
   * @throws {SourceError} if no token can be obtained.
   */
  authorization(signal: LookUpSignal): string | null | Promise<string>;
  /** Drops `used`, which the upstream refused. @returns whether another value may be available now. */
  renew(used: string | null): boolean;
}

/** @param tokenUpstream upstream that issues tokens; `null` except for OAuth 2. */
export function createCredentials(auth: HttpAuthConfig, tokenUpstream: Upstream | null): UpstreamCredentials {
  switch (auth.type) {
    case 'none':
      return constant(null);
    case 'basic':
      return constant(`Basic ${toBase64(`${auth.username}:${auth.password.reveal()}`)}`);
    case 'bearer':
      return constant(`${auth.scheme} ${auth.token.reveal()}`);
    case 'oauth2':
      if (tokenUpstream === null) throw new Error('OAuth 2 requires an upstream for its tokens');
      return createTokens(auth, tokenUpstream);
  }
}

function constant(value: string | null): UpstreamCredentials {
  return { authorization: () => value, renew: () => false };
}

interface AccessToken {
  readonly header: string;
  /** On the clock of `performance.now`, which is never set back. */
  readonly renewAtMs: number;
}

/** Lifetime of a token if the issuer does not state it (RFC 6749, 5.1, only recommends it). */
const assumedLifetimeSeconds = 60;
/** Time before expiry at which a token is renewed, at most half of its lifetime. */
const expiryMarginSeconds = 60;

function createTokens(auth: HttpOauth2Config, upstream: Upstream): UpstreamCredentials {
  let current: AccessToken | null = null;
  let pending: Promise<AccessToken> | null = null;

  async function fetchToken(): Promise<AccessToken> {
    // Does not use the signal of the lookup that happens to need the token first: other lookups wait for the same token.
    const limit = AbortSignal.timeout(auth.timeoutMs);
    const answer = await upstream.request(tokenRequest(auth), limit).catch((error: unknown) => {
      if (!limit.aborted) throw error;
      throw new SourceError('too-slow', `${upstream.origin} did not return an access token within auth.timeoutMs.`, {
        cause: error,
      });
    });
    const { token, lifetimeSeconds } = readToken(answer, auth);
    const marginSeconds = Math.min(expiryMarginSeconds, lifetimeSeconds / 2);
    return { header: `Bearer ${token}`, renewAtMs: performance.now() + (lifetimeSeconds - marginSeconds) * 1000 };
  }

  return {
    authorization(signal) {
      if (current !== null && performance.now() < current.renewAtMs) return current.header;
      pending ??= fetchToken()
        .then((token) => {
          current = token;
          return token;
        })
        .finally(() => {
          pending = null;
        });
      return within(pending, { abort: { signal, error: givenUp } }).then(({ header }) => header);
    },
    renew(used) {
      // Only the refused token is dropped: another lookup may have obtained a new one in the meantime.
      if (current?.header === used) current = null;
      return true;
    },
  };
}

function tokenRequest({ clientId, clientSecret, ...auth }: HttpOauth2Config) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...auth.parameters });
  if (auth.scope !== undefined) form.set('scope', auth.scope);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  if (auth.clientAuthentication === 'client_secret_post') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret.reveal());
  } else {
    // RFC 6749, 2.3.1: client id and secret are form-encoded before they become user name and password.
    const credentials = `${formEncode(clientId)}:${formEncode(clientSecret.reveal())}`;
    headers.authorization = `Basic ${toBase64(credentials)}`;
  }
  const { pathname, search } = new URL(auth.tokenUrl);
  return { method: 'POST', target: `${pathname}${search}`, headers, body: form.toString() } as const;
}

function readToken({ status, body }: UpstreamAnswer, { tokenUrl }: HttpOauth2Config) {
  const place = new URL(tokenUrl).origin;
  const content = readObject(body);
  if (status !== 200) {
    // `error` is one of a few known error codes (RFC 6749, 5.2). Any other text is arbitrary.
    const code = typeof content?.error === 'string' && /^[a-z_]{1,40}$/.test(content.error) ? `, ${content.error}` : '';
    throw new SourceError(
      'unavailable',
      `${place} returned no access token (status ${status}${code}). ${tokenRemedy(status)}`,
    );
  }
  const { access_token: token, token_type: type, expires_in: lifetime = assumedLifetimeSeconds } = content ?? {};
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new SourceError(
      'bad-answer',
      `${place} responded to a token request without a valid access_token. Check auth.tokenUrl.`,
    );
  }
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    throw new SourceError('bad-answer', `${place} returned a token whose type is not Bearer.`);
  }
  const lifetimeSeconds = Number(lifetime);
  if (!Number.isFinite(lifetimeSeconds) || lifetimeSeconds <= 0) {
    throw new SourceError(
      'bad-answer',
      `${place} returned a token whose expires_in is not a positive number of seconds.`,
    );
  }
  return { token, lifetimeSeconds };
}

/** Returns what to do. RFC 6749, 5.2: the token endpoint responds with 400 or 401 to an error of the client or its request. */
function tokenRemedy(status: number): string {
  if (status >= 500 || status === 429) return 'It is overloaded or failing: contact its operator.';
  if (status === 400 || status === 401 || status === 403) {
    return 'Check clientId, clientSecret, scope and clientAuthentication in source.auth.';
  }
  return 'Check auth.tokenUrl.';
}

function readObject(body: Uint8Array): Record<string, unknown> | null {
  try {
    const value = parseStrictJson(body);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function givenUp(): SourceError {
  return new SourceError('too-slow', 'The lookup was canceled while it waited for an access token.');
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
