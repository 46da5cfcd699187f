// Worker threads that verify passwords, so that the event loop never computes a hash.
import { startThread } from '../start-thread.ts';

/** Request to a thread: whether the password matches at least one of the hashes. */
export interface HashRequest {
  readonly password: string;
  readonly hashes: readonly string[];
}

/** An idle thread ends after this time and releases its memory. */
const idleMs = 60_000;

class HashThread {
  readonly #worker = startThread(new URL('./password-hash-worker.js', import.meta.url), { name: 'password-hash' });
  #settle: { resolve(matches: boolean): void; reject(error: unknown): void } | null = null;
  #retirement: NodeJS.Timeout | null = null;

  constructor() {
    // A pending verification does not delay the exit of a stopped server.
    this.#worker.unref();
    this.#worker.on('message', (matches: boolean) => {
      this.#retirement = setTimeout(() => this.#retire(), idleMs).unref();
      idle.push(this);
      this.#take()?.resolve(matches);
    });
    this.#worker.on('error', (error) => this.#take()?.reject(error));
    this.#worker.on('exit', () => {
      removeIdle(this);
      this.#take()?.reject(new Error('The thread that verifies passwords stopped without a result.'));
    });
  }

  verify(request: HashRequest): Promise<boolean> {
    if (this.#retirement !== null) clearTimeout(this.#retirement);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(request);
    });
  }

  #take() {
    const settle = this.#settle;
    this.#settle = null;
    return settle;
  }

  #retire(): void {
    removeIdle(this);
    void this.#worker.terminate();
  }
}

const idle: HashThread[] = [];

function removeIdle(thread: HashThread): void {
  const index = idle.indexOf(thread);
  if (index >= 0) idle.splice(index, 1);
}

/**
 * Returns whether a password matches at least one of the hashes. Takes up to several seconds and starts a thread if none is idle; the caller limits
 * how many run at the same time (`LoginQueue`).
 *
 * @throws when the thread fails, for example because memory is exhausted.
 */
export function verifyInThread(request: HashRequest): Promise<boolean> {
  return (idle.pop() ?? new HashThread()).verify(request);
}
