// Fair, bounded queue in front of password verification: few hashes at a time, clients in turn.
import { availableParallelism } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { ErrorCode } from '../../schemas/error-codes.ts';

/** The client for which a verification is queued. */
export interface QueuedClient {
  /** Verifications with the same key share one place in the rotation. */
  readonly key: string;
  /** Whether this client has sent correct credentials before, or is in a named network; see `LoginQueue`. */
  readonly isKnown: boolean;
}

/** Thrown when a verification does not get its turn. The credentials were not verified. */
export class LoginNotQueued extends Error {
  override readonly name = 'LoginNotQueued';
  readonly code: ErrorCode;
  readonly retryAfterSeconds = 1;

  constructor(code: 'too-many-requests' | 'server-overloaded') {
    super('the credentials were not verified: too many verifications are waiting');
    this.code = code;
  }
}

export interface LoginQueueOptions {
  /** Maximum number of verifications that run at the same time. */
  readonly concurrency: number;
  /** Maximum number of waiting verifications of one client; 16 by default. */
  readonly maxWaitingPerClient?: number;
  /** Maximum number of waiting verifications of all clients; 512 by default. */
  readonly maxWaiting?: number;
}

interface Waiting {
  /** Value of `performance.now()`. */
  readonly expiresAtMs: number;
  start(): Promise<void>;
  refuse(code: 'too-many-requests' | 'server-overloaded'): void;
}

interface ClientLine {
  readonly isKnown: boolean;
  readonly waiting: Waiting[];
}

/** Number of clients whose last turn is remembered. */
const maxRemembered = 10_000;

/**
 * Returns how many password hashes one process may compute at the same time; at least 1. The purpose is that each process leaves one core to its
 * event loop.
 *
 * @param workers as configured; 0: one process per core.
 */
export function maxConcurrentHashes(workers: number): number {
  const cores = availableParallelism();
  return Math.max(1, Math.floor(cores / (workers || cores)) - 1);
}

/**
 * Schedules verifications. The next turn goes to the newest client that has not had a turn yet; otherwise to the client whose last turn was longest
 * ago. New clients are served newest first, because otherwise guesses from many addresses would delay a correct login. Known and unknown clients
 * alternate while both are waiting, so that many new addresses do not delay a known client.
 *
 * A client with too many waiting verifications is refused. When the whole queue is full, the queue rejects the newest verification of the client with
 * the most waiting verifications, or the new one if no client has more.
 */
export class LoginQueue {
  readonly #concurrency: number;
  readonly #maxWaitingPerClient: number;
  readonly #maxWaiting: number;
  readonly #lines = new Map<string, ClientLine>();
  readonly #lastTurns = new LRUCache<string, number>({ max: maxRemembered });
  #waiting = 0;
  #running = 0;
  #turn = 0;
  #lastWasKnown = false;

  constructor({ concurrency, maxWaitingPerClient = 16, maxWaiting = 512 }: LoginQueueOptions) {
    this.#concurrency = concurrency;
    this.#maxWaitingPerClient = maxWaitingPerClient;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs `verify` when it is the client's turn.
   *
   * @param maxWaitMs time after which the verification is refused instead.
   * @throws {LoginNotQueued} `too-many-requests` when this client has too many in the queue, `server-overloaded` when the whole queue is full or its
   * turn did not come in time. Also throws any error that `verify` throws.
   */
  run<T>(client: QueuedClient, maxWaitMs: number, verify: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const refuse = (code: 'too-many-requests' | 'server-overloaded') => reject(new LoginNotQueued(code));
      const line = this.#lines.get(client.key)?.waiting ?? [];
      if (line.length >= this.#maxWaitingPerClient) return refuse('too-many-requests');
      if (this.#waiting >= this.#maxWaiting && !this.#makeRoom(line.length)) {
        return refuse(line.length > 0 ? 'too-many-requests' : 'server-overloaded');
      }
      line.push({
        expiresAtMs: performance.now() + maxWaitMs,
        refuse,
        start: () => verify().then(resolve, reject),
      });
      this.#waiting += 1;
      if (line.length === 1) this.#lines.set(client.key, { isKnown: client.isKnown, waiting: line });
      this.#startNext();
    });
  }

  /** Refuses the newest waiting verification of the client that has the most; returns false when no client has more than `ownCount` + 1. */
  #makeRoom(ownCount: number): boolean {
    let longest: [key: string, line: ClientLine] | null = null;
    for (const entry of this.#lines) {
      if (longest === null || entry[1].waiting.length > longest[1].waiting.length) longest = entry;
    }
    if (longest === null || longest[1].waiting.length <= ownCount + 1) return false;
    longest[1].waiting.pop()?.refuse('too-many-requests');
    this.#waiting -= 1;
    return true;
  }

  #startNext(): void {
    while (this.#running < this.#concurrency) {
      const next = this.#takeNext();
      if (next === null) return;
      if (next.expiresAtMs < performance.now()) {
        next.refuse('server-overloaded');
        continue;
      }
      this.#running += 1;
      void next.start().finally(() => {
        this.#running -= 1;
        this.#startNext();
      });
    }
  }

  #takeNext(): Waiting | null {
    const newestFirst = [...this.#lines].reverse();
    const preferred = newestFirst.filter(([, { isKnown }]) => isKnown !== this.#lastWasKnown);
    const lastTurnOf = (key: string) => this.#lastTurns.peek(key) ?? 0;
    // The sort is stable, so clients that had no turn keep their order.
    const [found] = (preferred.length > 0 ? preferred : newestFirst).toSorted(
      ([one], [other]) => lastTurnOf(one) - lastTurnOf(other),
    );
    if (found === undefined) return null;
    const [key, { isKnown, waiting }] = found;
    const next = waiting.shift() ?? null;
    this.#waiting -= 1;
    this.#lines.delete(key);
    if (waiting.length > 0) this.#lines.set(key, { isKnown, waiting });
    this.#turn += 1;
    this.#lastTurns.set(key, this.#turn);
    this.#lastWasKnown = isKnown;
    return next;
  }
}
