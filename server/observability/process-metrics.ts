// Metrics of the process: memory, CPU, event loop, garbage collection.
import { collectDefaultMetrics, Registry } from 'prom-client';

let ofProcess: Registry | null = null;

/**
 * Returns the single registry of the process. Once created, its prom-client observers of garbage collection and the event loop cannot be stopped.
 * With one registry per server, a program that starts many servers would accumulate observers.
 */
export function processMetrics(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    // Removes gauges that are named like counters and only repeat the sums of other metrics.
    for (const what of ['handles', 'requests', 'resources'])
      ofProcess.removeSingleMetric(`nodejs_active_${what}_total`);
  }
  return ofProcess;
}
