// Metrics of the process: memory, CPU, event loop, garbage collection.
import { collectDefaultMetrics, Registry } from 'prom-client';

let ofProcess: Registry | null = null;

/**
 * Returns the only registry. prom-client observes garbage collection and the event loop from then on and cannot be stopped: with one registry
 * per server, a program that starts many would accumulate observers.
 */
export function processMetrics(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    // Gauges with names of counters, and sums of other metrics.
    for (const what of ['handles', 'requests', 'resources'])
      ofProcess.removeSingleMetric(`nodejs_active_${what}_total`);
  }
  return ofProcess;
}
