// Worker threads that verify passwords, so that the event loop never computes a hash.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What a thread is asked: whether the password belongs to at least one of the hashes. */
export interface HashRequest {
  readonly password: string;
  readonly hashes: readonly string[];
}

/** An idle thread ends after this time and releases its memory. */
const idleMs = 60_000;

class HashThread {
  readonly #worker = startWorker();
  #settle: { resolve(matches: boolean): void; reject(error: unknown): void } | null = null;
  #retirement: NodeJS.Timeout | null = null;

  constructor() {
    // A server that has stopped does not wait for a guess.
    this.#worker.unref();
    this.#worker.on('message', (matches: boolean) => {
      this.#retirement = setTimeout(() => this.#retire(), idleMs).unref();
      idle.push(this);
      this.#take()?.resolve(matches);
    });
    this.#worker.on('error', (error) => this.#take()?.reject(error));
    this.#worker.on('exit', () => {
      removeIdle(this);
      this.#take()?.reject(new Error('The thread that verifies passwords ended without a result.'));
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
 * Says whether a password belongs to at least one of the hashes. Takes up to seconds and starts a thread when none is idle:
 * the caller bounds how many run at the same time (`LoginQueue`).
 *
 * @throws when the thread fails, for instance for lack of memory.
 */
export function verifyInThread(request: HashRequest): Promise<boolean> {
  return (idle.pop() ?? new HashThread()).verify(request);
}

function startWorker(): Worker {
  const name = 'password-hash';
  const here = import.meta.url;
  if (here.endsWith('.js')) return new Worker(new URL('./password-hash-worker.js', import.meta.url), { name });
  // From source, for the tests: Node 20 does not pass the TypeScript loader on to a thread, which has to load its own.
  const require = createRequire(here);
  const files = [require.resolve('tsx/cjs'), fileURLToPath(new URL('password-hash-worker.ts', here))];
  return new Worker(files.map((file) => `require(${JSON.stringify(file)});`).join(''), { eval: true, name });
}
