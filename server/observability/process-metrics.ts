// Metrics of the process: memory, CPU, event loop, garbage collection.
import { collectDefaultMetrics, Registry } from 'prom-client';

let ofProcess: Registry | null = null;

/**
 * The one registry of the process. prom-client observes garbage collection and the event loop from then on and can't be
 * stopped: with one for each server, a program that starts many would collect observers.
 */
export function processMetrics(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    // Gauges with the name of counters, and sums of others that are there.
    for (const what of ['handles', 'requests', 'resources'])
      ofProcess.removeSingleMetric(`nodejs_active_${what}_total`);
  }
  return ofProcess;
}
