// Tests that the durations of requests read like those that prom-client's own histogram would have counted.
import { expect } from 'chai';
import { Histogram, type Metric, Registry } from 'prom-client';
import { RequestDurations } from './request-durations.ts';

/** In one order, whoever made the object. */
const keysOfAll = ['metricName', 'value', 'labels', 'http_response_status_code', 'source', 'le'];

describe('the durations of requests', () => {
  it("are those of prom-client's histogram, as text and as what workers hand on", async () => {
    const durations = new RequestDurations();
    const [ours, theirs] = [new Registry(), new Registry()];
    ours.registerMetric(durations as unknown as Metric<string>);
    const { name, help, labelNames } = durations;
    const buckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
    const histogram = new Histogram({ name, help, labelNames, buckets, registers: [theirs] });
    const of = new Map(['csv', 'ldap'].map((source) => [source, durations.of(source)]));
    const observe = (source: string, status: number, seconds: number) => {
      of.get(source)?.(status, seconds);
      histogram.observe({ http_response_status_code: String(status), source }, seconds);
    };
    observe('csv', 200, 0);
    for (const bound of buckets) {
      observe('csv', 200, bound);
      observe('csv', 200, bound * 1.0001);
      observe('csv', 503, bound * 0.9999);
    }
    // Told anew after a reload, it counts on.
    of.set('csv', durations.of('csv'));
    observe('csv', 200, 11);
    observe('ldap', 404, 3600);
    const text = async (registry: Registry) => (await registry.metrics()).split('\n');
    expect(await text(ours)).to.have.members(await text(theirs));
    const readings = async (registry: Registry) => {
      const [{ values, ...rest } = { values: [] }] = JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()));
      return { ...rest, values: values.map((value: unknown) => JSON.stringify(value, keysOfAll)).sort() };
    };
    expect(await readings(ours)).to.deep.equal(await readings(theirs));
  });
});
