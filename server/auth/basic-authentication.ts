// Basic authentication of a request: credential cache, limit on failures, login queue, and passport.

import type { IncomingMessage } from 'node:http';
import { Passport } from 'passport';
import type { ErrorCode } from '../../schemas/error-codes.ts';
import { describeTimeLimit, isTimeLimit } from '../../schemas/time-limit.ts';
import { addressOfConnection, type ClientAddress } from '../http/client-address.ts';
import type { AuthDecision, Authenticate } from './authenticate.ts';
import { parseBasicCredentials, type VerifyCredentials } from './basic-credentials.ts';
import { CredentialCache } from './credential-cache.ts';
import { FailedLogins, type FailedLoginsOptions, TooManyFailures } from './failed-logins.ts';
import { LoginNotQueued, LoginQueue, maxConcurrentHashes } from './login-queue.ts';
import { StrictBasicStrategy } from './strict-basic-strategy.ts';
import { type AcceptedCredential, createCredentialVerifier } from './verify-credentials.ts';

export interface BasicAuthenticationOptions {
  /** Accepted credentials; more than one allows rotation without interruption. */
  readonly credentials: readonly AcceptedCredential[];
  /** How long an accepted credential is remembered, in seconds; 300 by default. */
  readonly verifiedForSeconds?: number;
  /** By default, 20 failures in 60 seconds. */
  readonly failedLogins?: FailedLoginsOptions;
  /** The address for which failures are counted; by default the address of the connection. */
  readonly clientAddress?: ClientAddress;
  /** How long the verification of a password hash may wait in the queue, in milliseconds, at most one day; 5,000 by default. */
  readonly maxWaitMs?: number;
}

export interface BasicAuthenticationMemory {
  readonly failures: FailedLogins;
  /** Cache for these credentials only. */
  readonly credentialCache: CredentialCache;
  readonly queue: LoginQueue;
}

function emptyMemory({ failedLogins, verifiedForSeconds }: BasicAuthenticationOptions): BasicAuthenticationMemory {
  return {
    failures: new FailedLogins(failedLogins ?? { max: 20, windowSeconds: 60 }),
    credentialCache: new CredentialCache({ acceptedForSeconds: verifiedForSeconds ?? 300 }),
    queue: new LoginQueue({ concurrency: maxConcurrentHashes(1) }),
  };
}

/**
 * Creates Basic authentication (RFC 7617) with passport and passport-http. Refusals are `credentials-missing`, `credentials-malformed`,
 * `credentials-wrong` (401), `too-many-failures`, `too-many-requests` (429) and `server-overloaded` (503). The last two occur when the verification
 * of a hash does not get its turn. Recently accepted credentials are accepted at once, even from a blocked address, so an attacker behind the same
 * proxy cannot lock anybody out.
 *
 * @param memory counts and cached outcomes so far; empty by default.
 * @throws {RangeError} when `maxWaitMs` is not a whole number from 1 to 86,400,000 (one day).
 */
export function createBasicAuthentication(
  options: BasicAuthenticationOptions,
  memory?: BasicAuthenticationMemory,
): Authenticate {
  const { failures, credentialCache, queue } = memory ?? emptyMemory(options);
  const { maxWaitMs = 5000 } = options;
  if (!isTimeLimit(maxWaitMs)) {
    throw new RangeError(`createBasicAuthentication: ${describeTimeLimit('maxWaitMs', maxWaitMs)}`);
  }
  const verify = createCredentialVerifier(options.credentials);
  const clientAddress = options.clientAddress ?? addressOfConnection;

  async function decideAnew(request: IncomingMessage, header: string): Promise<AuthDecision> {
    const address = clientAddress(request);
    try {
      if (credentialCache.find(header) === null) {
        await failures.count({ address, username: parseBasicCredentials(header)?.username ?? '' });
        return refuse('credentials-wrong');
      }
      return await authenticateByPassport(request, (credentials) =>
        credentialCache.verifyOnce(header, async () => {
          const attempt = await failures.count({ address, username: credentials.username });
          try {
            const username = await verify(credentials, (hashing) => queue.run(attempt.client, maxWaitMs, hashing));
            if (username !== null) await attempt.accept();
            return username;
          } catch (error) {
            await attempt.withdraw();
            throw error;
          }
        }),
      );
    } catch (error) {
      if (!(error instanceof TooManyFailures || error instanceof LoginNotQueued)) throw error;
      return { granted: false, code: error.code, retryAfterSeconds: error.retryAfterSeconds };
    }
  }

  return (request) => {
    const header = request.headers.authorization;
    if (header === undefined) return refuse('credentials-missing');
    const username = credentialCache.find(header);
    return typeof username === 'string' ? grant(username) : decideAnew(request, header);
  };
}

function refuse(code: ErrorCode): AuthDecision {
  return { granted: false, code };
}

function grant(username: string): AuthDecision {
  return { granted: true, caller: `basic:${username}` };
}

// A separate passport instance: a host application may have strategies in the shared one.
const passport = new Passport();

/** Wraps passport's middleware in a promise. */
function authenticateByPassport(request: IncomingMessage, verify: VerifyCredentials): Promise<AuthDecision> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown, username?: string | false | null, code?: unknown) => {
      if (error) reject(error);
      else resolve(typeof username === 'string' ? grant(username) : refuse(code as ErrorCode));
    };
    // Passport writes to the strategy it is given, so each request gets its own.
    passport.authenticate(new StrictBasicStrategy(verify), { session: false }, settle)(request, null, reject);
  });
}
