// Starts the worker thread that loads a large file, so that the event loop stays free.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { startThread } from '../../start-thread.ts';
import type { PackedData } from './packed-format.ts';
import type { CsvLoadOutcome } from './read-csv-file.ts';

export interface LoadRequest {
  readonly config: CsvSourceConfig;
  readonly encoding: string;
  /** The result of the load is `unchanged` if the file's bytes have one of these digests. */
  readonly knownDigests: readonly string[];
}

/**
 * Loads a file in a separate thread; the buffers are transferred without copying.
 *
 * @throws the error of the thread, and `AbortError` if `signal` aborted it.
 */
export function loadInWorker(request: LoadRequest, signal: AbortSignal): Promise<CsvLoadOutcome<PackedData>> {
  return new Promise((resolve, reject) => {
    const options = { workerData: request, name: 'csv-load' };
    const worker = startThread(new URL('./csv-load-worker.js', import.meta.url), options);
    const stop = () => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', stop);
      // Has no effect once the message has arrived, which is the usual case.
      reject(signal.aborted ? signal.reason : new Error('The thread that loads the file stopped without a result.'));
    });
  });
}
