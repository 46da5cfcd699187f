// Tests that the guide on capacity states the measured values, and that the derived values follow from its model.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const guide = read('guides/capacity.md');
/** Without line breaks. */
const text = guide.replace(/\s+/g, ' ');

function columnOf(benchmark: string, row: string, column: string): number {
  const { results } = JSON.parse(read(`../bench/results/${benchmark}.json`)) as {
    results: Record<string, Record<string, number>>;
  };
  const value = results[row]?.[column];
  if (value === undefined) throw new Error(`bench/results/${benchmark}.json has no ${column} of ${row}`);
  return value;
}

/** Returns the cells of each row of the table whose heading begins with this text. */
function tableAfter(heading: string): string[][] {
  const [, table = ''] =
    guide.slice(guide.indexOf(heading)).match(/\n\|[^\n]+\|\n\| ?-[^\n]+\|\n((?:\|[^\n]+\|\n)+)/) ?? [];
  const rows = table.trimEnd().split('\n');
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

describe('the guide on capacity', () => {
  it('contains the measured figures for syncs', () => {
    const rows = ['1 worker', '2 workers'].map((workers) => {
      const of = (column: string) => columnOf('capacity', `100,000 users, 16 connections, ${workers}`, column);
      return [
        of('seconds').toFixed(1),
        `${of('serverCpuUs').toFixed()} µs`,
        `${of('callerCpuUs').toFixed()} µs`,
        `${of('predictedSeconds').toFixed(1)} s`,
        of('ofPredicted').toFixed(2),
      ];
    });
    expect(tableAfter('## Measured').map((cells) => cells.slice(1))).to.deep.equal(rows);
    for (const sync of ['2,000 users, 8 connections, 1 worker', '8,000 users, 32 connections, 1 worker']) {
      const of = (column: string) => columnOf('capacity', `source latency 20 ms, ${sync}`, column);
      expect(text).to.match(new RegExp(`took ${of('seconds').toFixed(1)} s \\(${of('ofPredicted').toFixed(2)} `));
    }
  });

  it('states the cost of a new connection', () => {
    const kept = columnOf('capacity', '100,000 users, 16 connections, 1 worker', 'serverCpuUs');
    const [, plain = '', certificate = '', beside = ''] =
      text.match(
        /costs? the server about ([\d,]+) µs, or ([\d,]+) µs with a client certificate\. This is \d+ or \d+ times the usual (\d+) µs/,
      ) ?? [];
    const measured = ['server certificate only, full: ours', 'with client certificates, full: ours'].map((row) =>
      columnOf('connections', row, 'cpuMicroseconds'),
    );
    const toTens = (value: number) => (Math.round(value / 10) * 10).toLocaleString('en');
    expect([plain, certificate, beside]).to.deep.equal([...measured.map(toTens), kept.toFixed()]);
  });

  it('states the result of its model for each setting', () => {
    const rows = tableAfter('## Results');
    expect(rows).to.have.length.above(4);
    for (const [users = '', source = '', connections = '', decides = '', sync = ''] of rows) {
      const roundTripMs = Number(source.match(/([\d.]+) ms$/)?.[1]);
      const [, cpu = '', unit] = decides.match(/([\d.]+) (µs|ms)$/) ?? [];
      // With one connection per request, round trips never dominate.
      const trips = connections.startsWith('one per request') ? 0 : roundTripMs / Number(connections);
      const perUserMs = cpu === '' ? trips : Number(cpu) / (unit === 'µs' ? 1000 : 1);
      expect(perUserMs, `${source}: what decides is the longest`).to.be.at.least(trips);
      const seconds = (Number(users.replaceAll(',', '')) * perUserMs) / 1000;
      expect(sync).to.equal(seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
    }
  });
});
