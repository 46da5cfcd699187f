// Joins the metrics of all workers, including those that have exited.
import { AggregatorRegistry, type MetricObject, type Registry } from 'prom-client';

/** Keeps the counts of exited workers, because a decreasing sum would look like a restart of the server. */
export interface JoinedMetrics {
  /** Stores the latest values of a worker. */
  take(pid: number, metrics: readonly MetricObject[]): void;
  /** Keeps the counts of a worker that has exited. */
  retire(pid: number): Promise<void>;
  render(): Promise<{ contentType: string; text: string }>;
}

export function createJoinedMetrics(own: Registry): JoinedMetrics {
  const latest = new Map<number, readonly MetricObject[]>();
  let retired: readonly MetricObject[] = [];
  const join = (sets: ReadonlyArray<readonly MetricObject[]>) =>
    AggregatorRegistry.aggregate(sets as object[] as object[]);

  return {
    take(pid, metrics) {
      latest.set(pid, metrics);
    },
    async retire(pid) {
      const counted = (latest.get(pid) ?? []).filter(({ type }) => isCount(String(type)));
      latest.delete(pid);
      if (counted.length > 0) retired = await join([retired, counted]).getMetricsAsJSON();
    },
    async render() {
      const texts = await Promise.all([join([retired, ...latest.values()]).metrics(), own.metrics()]);
      return { contentType: own.contentType, text: texts.join('\n') };
    },
  };
}

function isCount(type: string): boolean {
  return type === 'counter' || type === 'histogram';
}
