// Owns the command of a soak: `npm run soak -- --minutes 10 --report docs/soak.md`.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bounds, runSoak, type SoakReport } from './soak.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, report: { type: 'string' } },
});
const minutes = Number(values.minutes);
if (!(minutes >= 0.5)) {
  process.stderr.write('Give --minutes a number of at least 0.5.\n');
  process.exit(2);
}
const startedAt = performance.now();
const report = await runSoak(minutes * 60, (name) =>
  process.stdout.write(`${Math.round((performance.now() - startedAt) / 1000)} s  ${name}\n`),
);
const page = pageOf(report);
process.stdout.write(page);
if (values.report !== undefined) writeFileSync(values.report, page);
if (report.faults.length > 0) process.exitCode = 1;

function pageOf({ stretches, events, useBefore, useAfter, faults }: SoakReport): string {
  const processor = cpus()[0]?.model ?? 'unknown';
  const outcomes = [...new Set(stretches.flatMap((stretch) => Object.keys(stretch.outcomes)))].sort();
  const table = (head: readonly string[], rows: ReadonlyArray<readonly (string | number)[]>) =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `<!-- Made by \`npm run soak -- --minutes ${minutes} --report docs/soak.md\`. Do not edit. -->

# Soak

${minutes} minutes of mixed load over TLS with client certificates and passwords, on two workers and PostgreSQL: known and unknown users, guesses from another address,
malformed requests, kept and new connections. In between calm stretches the configuration is reloaded, PostgreSQL restarted, the server's clock set an hour forth and half an
hour back (faketime), its certificate replaced, and a worker killed, again and again. On Node ${process.version}, ${cpus().length} × ${processor}, which other work was using too.

**${faults.length === 0 ? 'All that has to hold did.' : `It did not hold: ${faults.join('; ')}.`}** What has to hold: a known user gets exactly her groups or a failure, everybody else no 200, and nobody with the
right credentials a refusal. No request fails while nothing happens. p99 afterwards at most ${bounds.p99Afterwards} × the calm one, in the chaos ${bounds.p99OfChaos} ×; memory afterwards at most ${bounds.memory} ×, open files and sockets
${bounds.openFiles} ×, of before.

${table(
  ['', ...stretches.map(({ name }) => name)],
  [
    ['requests', ...stretches.map(({ requests }) => requests)],
    ['failed', ...stretches.map(({ failed }) => failed)],
    ['p50, ms', ...stretches.map(({ p50Ms }) => p50Ms.toFixed(2))],
    ['p99, ms', ...stretches.map(({ p99Ms }) => p99Ms.toFixed(2))],
    ...outcomes.map((outcome) => [outcome, ...stretches.map((stretch) => stretch.outcomes[outcome] ?? 0)]),
  ],
)}

${table(
  ['of all processes', 'before', 'after'],
  [
    ['resident memory, MB', useBefore.residentMegabytes, useAfter.residentMegabytes],
    ['open files', useBefore.openFiles, useAfter.openFiles],
    ['sockets', useBefore.sockets, useAfter.sockets],
  ],
)}

${table(['what happened', 'times'], Object.entries(events))}
`;
}
