// Starts a worker thread, from the built package or from source.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread. @param file the thread's module in the built package, in the caller's directory: `new URL('./csv-load-worker.js',
 * import.meta.url)`.
 */
export function startThread(file: URL, options: WorkerOptions): Worker {
  if (import.meta.url.endsWith('.js')) return new Worker(file, options);
  // When run from source, as in the tests, Node 20 does not pass the TypeScript loader on to a thread. The thread has to load its own.
  const loader = createRequire(import.meta.url).resolve('tsx/cjs');
  const files = [loader, fileURLToPath(file).replace(/\.js$/, '.ts')];
  return new Worker(files.map((path) => `require(${JSON.stringify(path)});`).join(''), { ...options, eval: true });
}
