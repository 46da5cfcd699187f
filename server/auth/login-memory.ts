// Login memory, which survives a reload, and the part of it that worker processes share.
import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CredentialCache } from './credential-cache.ts';
import { createKnownCallers, FailedLogins, type FailedLoginsOptions } from './failed-logins.ts';
import { LoginQueue } from './login-queue.ts';
import type { AcceptedCredential } from './verify-credentials.ts';

/** Contains keyed digests, and a user name or the network of a caller in clear text, but no password or header. */
export type LoginNews =
  | { readonly kind: 'verified'; readonly credentials: string; readonly header: string; readonly username: string }
  | { readonly kind: 'caller'; readonly caller: string };

export interface LoginMemory {
  /** Queue of password hash verifications. */
  readonly queue: LoginQueue;
  /** Returns the same counts for the same limits: a reload neither resets them nor forgets a known caller. */
  failedLogins(options: FailedLoginsOptions): FailedLogins;
  /** Returns the same memory for the same credentials. */
  credentialCache(accepted: readonly AcceptedCredential[], acceptedForSeconds: number): CredentialCache;
  /** Applies a message from another process. */
  learn(news: LoginNews): void;
}

export interface LoginMemoryParts {
  /** Maximum number of password hashes that this process computes at the same time. */
  readonly maxHashes: number;
  /** Whether this process is a worker whose primary, with a RateLimiterClusterMaster, counts for all workers. */
  readonly isShared: boolean;
  /** Key of all digests; digests sent to other processes are valid under the same key only. */
  readonly key: string;
  /** Informs the other processes. */
  share(news: LoginNews): void;
}

/** Number of credential caches kept: for the current generation, for the previous one, and for one that is being created. */
const maxMemories = 3;

export function createLoginMemory({ maxHashes, isShared, key, share }: LoginMemoryParts): LoginMemory {
  const known = createKnownCallers();
  const memories = new LRUCache<string, CredentialCache>({ max: maxMemories });
  let kept: { readonly text: string; readonly failedLogins: FailedLogins } | null = null;
  return {
    queue: new LoginQueue({ concurrency: maxHashes }),
    failedLogins(options) {
      const { max, windowSeconds, maxByUsername, callerNetworks } = options;
      const text = JSON.stringify([max, windowSeconds, maxByUsername, callerNetworks]);
      if (kept?.text !== text) {
        const onKnown = (caller: string) => share({ kind: 'caller', caller });
        kept = { text, failedLogins: new FailedLogins(options, { isShared, key, known, onKnown }) };
      }
      return kept.failedLogins;
    },
    credentialCache(accepted, acceptedForSeconds) {
      // A process with other credentials or another cache time must not accept outcomes that were cached for these credentials.
      const credentials = createHmac('sha256', key)
        .update(JSON.stringify([acceptedForSeconds, accepted]))
        .digest('base64');
      const memory =
        memories.get(credentials) ??
        new CredentialCache({
          acceptedForSeconds,
          key,
          onAccepted: (header, username) => share({ kind: 'verified', credentials, header, username }),
        });
      memories.set(credentials, memory);
      return memory;
    },
    learn(news) {
      if (news.kind === 'caller') known.set(news.caller, true);
      else memories.get(news.credentials)?.learn(news.header, news.username);
    },
  };
}
