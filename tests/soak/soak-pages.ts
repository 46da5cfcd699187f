// Report pages of a soak: its events, its requirements and its figures.
import { cpus } from 'node:os';
import { type CalmReport, type MemorySample, memoryBound } from './calm.ts';
import { bounds, type SoakReport } from './soak.ts';

/** @param command as entered. */
export function soakPage(
  command: string,
  { minutes, stretches, events, useBefore, useAfter, faults }: SoakReport,
): string {
  const outcomes = [...new Set(stretches.flatMap((stretch) => Object.keys(stretch.outcomes)))].sort();
  return `<!-- Made by \`${command}\`. Do not edit. -->

# Soak

${minutes} minutes of mixed load ran over TLS with client certificates and passwords, against two workers with PostgreSQL. The load included known and unknown users, wrong passwords from another address,
malformed requests, and persistent and new connections. Between two calm periods, the test repeatedly reloads the configuration, restarts PostgreSQL, sets the server's clock forward by an hour
and back by half an hour (faketime), replaces its certificate, and kills a worker. ${machine()}

${verdict(faults)} Requirements: a known user gets exactly the right groups or an error, other users never get 200, and the
right credentials are never rejected. No request fails in the calm periods. After the events, p99 is at most ${bounds.p99Afterwards} × the calm value; during the events, at most ${bounds.p99OfChaos} ×. Afterwards, memory is at most ${bounds.memory} ×, and open files and sockets are at most
${bounds.openFiles} × the value before the events.

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
    ['resident memory, MB', useBefore.residentMegabytes.toFixed(), useAfter.residentMegabytes.toFixed()],
    ['open files', useBefore.openFiles, useAfter.openFiles],
    ['sockets', useBefore.sockets, useAfter.sockets],
  ],
)}

${table(['event', 'count'], Object.entries(events))}
`;
}

/** @param command as entered. */
export function calmPage(command: string, report: CalmReport): string {
  const { minutes, load, samples, afterAMinute, atTheEnd, faults } = report;
  const processes = afterAMinute.map((_, index) => (index === 0 ? 'primary, MB' : `worker ${index}, MB`));
  const figures = (megabytes: readonly number[]) => megabytes.map((each) => each.toFixed(1));
  const rowOf = ({ minutes: at, megabytes, openFiles, sockets }: MemorySample) => [
    at,
    ...figures(megabytes),
    openFiles,
    sockets,
  ];
  return `<!-- Made by \`${command}\`. Do not edit. -->

# Memory under a constant load

${minutes} minutes of mixed load ran over TLS with client certificates and passwords, against two workers with PostgreSQL. The load included known and unknown users, wrong passwords from another address,
malformed requests, and persistent and new connections. ${load.requests.toLocaleString('en')} requests, ${Math.round(load.requests / minutes / 60)} per second; p50 ${load.p50Ms.toFixed(2)} ms, p99 ${load.p99Ms.toFixed(2)} ms. ${machine()}

${verdict(faults)} Requirements: no wrong response, no failed request, and for each process, resident memory at the end of at most ${memoryBound} × the value after a
minute. Memory is read from the kernel every ten seconds; the test compares the medians of the second and the last minute.

${table(
  ['', ...processes],
  [
    ['after a minute', ...figures(afterAMinute)],
    [`after ${minutes} minutes`, ...figures(atTheEnd)],
    ['ratio', ...atTheEnd.map((after, index) => (after / (afterAMinute[index] ?? Number.NaN)).toFixed(3))],
  ],
)}

${table(['minutes', ...processes, 'open files', 'sockets'], samples.filter(isShown).map(rowOf))}
`;
}

/** Returns whether the page shows a sample: the first two minutes, then every fifth. */
function isShown({ minutes }: MemorySample): boolean {
  return minutes === 1 || minutes === 2 || minutes % 5 === 0;
}

function verdict(faults: readonly string[]): string {
  return `**${faults.length === 0 ? 'All requirements were met.' : `Requirements that were not met: ${faults.join('; ')}.`}**`;
}

function machine(): string {
  return `On Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, shared with other work.`;
}

function table(head: readonly string[], rows: ReadonlyArray<readonly (string | number)[]>): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
