// Tests the monitoring examples: promtool checks the alerts and runs their tests, and each metric in the alerts and the dashboard exists.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { ask } from '../ask-server.ts';
import { certificateFiles, scratchDirectory } from '../certificate-files.ts';
import { readMarkedBlocks } from '../marked-blocks.ts';
import { startTestServer } from '../test-server.ts';

const run = promisify(execFile);
const directory = join(import.meta.dirname, '../../examples/observability');
const promtool = (...arguments_: string[]) => run('promtool', arguments_, { cwd: directory });

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: ReadonlyArray<{ readonly expr: string }>;
}

const rules: readonly Rule[] = parse(readFileSync(join(directory, 'alerts.yml'), 'utf8')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const dashboard = JSON.parse(readFileSync(join(directory, 'grafana-dashboard.json'), 'utf8'));
const panels: readonly Panel[] = dashboard.panels;
/** The queries with Grafana's variables filled in. */
const panelQueries = panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expr) =>
    expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'user-info').replaceAll('$instance', '.*'),
  );

/** Returns a map from each metric to the labels of its samples. Names include their suffix, as in queries. */
async function scrape(): Promise<Map<string, Set<string>>> {
  const { listenerTls, good } = await certificateFiles();
  const guards = { cache: { ttlSeconds: 60 }, breaker: { failures: 5, openSeconds: 10 } };
  const server = await startTestServer({ listener: { tls: listenerTls }, administration: { port: 0 }, guards });
  try {
    await ask(server.adaUrl, { ca: good.ca.certificate });
    await ask(server.adaUrl.replace('ada', 'nobody'), { ca: good.ca.certificate });
    const { body } = await ask(`${server.administrationUrl}/metrics`);
    const metrics = new Map<string, Set<string>>();
    for (const [, name = '', type] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      const suffixes = type === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
      for (const suffix of suffixes) metrics.set(name + suffix, new Set());
    }
    for (const [, name = '', labels = ''] of body.matchAll(/^([a-z_]+)\{(.*)\} \S+$/gm)) {
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) metrics.get(name)?.add(label);
    }
    return metrics;
  } finally {
    await server.stop();
  }
}

const ownMetric = /\b(?:user_info|http_server|nodejs|process)_\w+/g;
/** Labels that Prometheus itself adds. */
const addedLabels = ['job', 'instance', 'le'];

describe('alerts and dashboard', () => {
  it('are rules and a configuration that Prometheus accepts', async () => {
    expect((await promtool('check', 'rules', 'alerts.yml')).stdout).to.include(`${rules.length} rules found`);
    expect((await promtool('check', 'config', 'prometheus.yml')).stdout).to.include('SUCCESS');
  });

  it('produce the results that their tests expect, with the commands in the guide', async () => {
    const [commands = ''] = readMarkedBlocks(
      'docs/guides/observe.md',
      'tests/observability/prometheus.services.test.ts',
    );
    const { stdout } = await run('bash', ['-euc', commands], { cwd: directory });
    expect(stdout.match(/SUCCESS/g)).to.have.length(2);
  });

  it('have a test for every alert', () => {
    const tested = readFileSync(join(directory, 'alerts-tests.yml'), 'utf8');
    const raised = rules.filter(({ alert }) => alert !== undefined && !tested.includes(`alertname: ${alert}\n`));
    expect(raised.map(({ alert }) => alert)).to.deep.equal([]);
  });

  it('use existing metrics and labels of the server', async () => {
    const metrics = await scrape();
    const recorded = rules.map(({ record }) => record ?? '');
    const otherKeys: string[] = [];
    for (const expr of [...rules.map((rule) => rule.expr), ...panelQueries]) {
      const outside = recorded.reduce((text, name) => (name === '' ? text : text.replaceAll(name, '')), expr);
      for (const [name] of outside.matchAll(ownMetric)) if (!metrics.has(name)) otherKeys.push(name);
      for (const [, name = '', matchers = ''] of outside.matchAll(/(\b[a-z_]+)\{([^}]*)\}/g)) {
        const known = metrics.get(name) ?? new Set();
        const asked = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
        // The labels of a metric without samples are unknown.
        const wrong = asked.filter((label) => known.size > 0 && !known.has(label) && !addedLabels.includes(label));
        otherKeys.push(...wrong.map((label) => `${name}{${label}}`));
      }
    }
    expect(otherKeys).to.deep.equal([]);
  });

  it('have panels with valid queries, unique ids and no overlap', async () => {
    const file = join(scratchDirectory(), 'queries.yml');
    const queries = panelQueries.map((expr, index) => ({ record: `query:${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules: queries }] }));
    expect((await promtool('check', 'rules', file)).stdout).to.include(`${queries.length} rules found`);
    expect(new Set(panels.map(({ id }) => id))).to.have.property('size', panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`), `${title} lies on another panel`).to.equal(false);
          expect(x).to.be.lessThan(24);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});
