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

${minutes} minutes of mixed load over TLS with client certificates and passwords, on two workers and PostgreSQL: known and unknown users, guesses from another address,
malformed requests, kept and new connections. In between calm stretches the configuration is reloaded, PostgreSQL restarted, the server's clock set an hour forth and half an
hour back (faketime), its certificate replaced, and a worker killed, again and again. ${machine()}

${verdict(faults)} What has to hold: a known user gets exactly her groups or a failure, everybody else no 200, and nobody with the
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
    ['resident memory, MB', useBefore.residentMegabytes.toFixed(), useAfter.residentMegabytes.toFixed()],
    ['open files', useBefore.openFiles, useAfter.openFiles],
    ['sockets', useBefore.sockets, useAfter.sockets],
  ],
)}

${table(['what happened', 'times'], Object.entries(events))}
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

# Memory under an even load

${minutes} minutes of mixed load over TLS with client certificates and passwords, on two workers and PostgreSQL: known and unknown users, guesses from another address,
malformed requests, kept and new connections. ${load.requests.toLocaleString('en')} requests, ${Math.round(load.requests / minutes / 60)} a second; p50 ${load.p50Ms.toFixed(2)} ms, p99 ${load.p99Ms.toFixed(2)} ms. ${machine()}

${verdict(faults)} What has to hold: no wrong answer, no failed request, and of each process a resident memory at the end of at most ${memoryBound} × that after a
minute. It is sampled every ten seconds as the kernel tells it; compared are the medians of the second minute and of the last one.

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

/** The first two minutes, then every fifth. */
function isShown({ minutes }: MemorySample): boolean {
  return minutes === 1 || minutes === 2 || minutes % 5 === 0;
}

function verdict(faults: readonly string[]): string {
  return `**${faults.length === 0 ? 'All that has to hold did.' : `It did not hold: ${faults.join('; ')}.`}**`;
}

function machine(): string {
  return `On Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, which other work was using too.`;
}

function table(head: readonly string[], rows: ReadonlyArray<readonly (string | number)[]>): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
