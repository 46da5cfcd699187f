// Soak test: a calm phase, a phase with repeated events, another calm phase, and the requirements for each.
import { setTimeout as delay } from 'node:timers/promises';
import { certificateFiles } from '../certificate-files.ts';
import { eventually } from '../reloadable-server.ts';
import { type Load, type Stretch, startLoad } from './soak-load.ts';
import { type ResourceUse, type SoakServer, startSoakServer, sumOfUses } from './soak-server.ts';

export interface SoakReport {
  readonly minutes: number;
  readonly stretches: ReadonlyArray<StretchReport & { readonly name: StretchName }>;
  /** Event and count. */
  readonly events: Readonly<Record<string, number>>;
  /** Totals of the primary and its workers, in the two calm periods. */
  readonly useBefore: ResourceUse;
  readonly useAfter: ResourceUse;
  /** Requirements that were not met; empty when all were. */
  readonly faults: readonly string[];
}

type StretchName = 'calm' | 'chaos' | 'calm again';

export interface StretchReport {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests that resulted in a failure or a broken connection. */
  readonly failed: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Limits, as ratios to the values of the calm stretch. Lookups wait for a restart of the source, up to the deadline. */
export const bounds = { p99OfChaos: 50, p99Afterwards: 2, memory: 1.3, openFiles: 1.2 };
const clients = 8;
const pauseMs = 8;
/** Memory and caches settle first. */
const warmUpShare = 0.1;
const calmShare = 0.15;
const pauseBetweenEventsMs = 2000;

/** @param onEvent called with each event, for progress output. */
export async function runSoak(seconds: number, onEvent: (name: string) => void): Promise<SoakReport> {
  const { good } = await certificateFiles();
  const server = await startSoakServer();
  const { url, password, users } = server;
  const tls = { ca: good.ca.certificate, cert: good.client.certificate, key: good.client.key };
  const load = startLoad({ url, tls, password, users, clients, pauseMs });
  const events: Record<string, number> = {};
  try {
    await delay(seconds * warmUpShare * 1000);
    const calm = await stretchOf(load, () => delay(seconds * calmShare * 1000));
    const useBefore = sumOfUses(server.uses());
    const chaos = await stretchOf(load, async () => {
      const endsAt = performance.now() + seconds * (1 - warmUpShare - 2 * calmShare) * 1000;
      for (let turn = 0; performance.now() < endsAt; turn++) {
        const [name, happen] = happenings[turn % happenings.length] ?? happenings[0];
        onEvent(name);
        events[name] = (events[name] ?? 0) + 1;
        await happen(server, turn);
        await delay(pauseBetweenEventsMs);
      }
    });
    await eventually(server.readiness, ({ status }) => status === 'ready');
    const again = await stretchOf(load, () => delay(seconds * calmShare * 1000));
    const useAfter = sumOfUses(server.uses());
    await load.stop();
    const faults = findFaults(calm, chaos, again, useBefore, useAfter);
    const exitCode = await server.stop();
    if (exitCode !== 0) faults.push(`the server ended with ${exitCode}`);
    const stretches = [
      { name: 'calm', ...reportOf(calm) },
      { name: 'chaos', ...reportOf(chaos) },
      { name: 'calm again', ...reportOf(again) },
    ] as const;
    return { minutes: seconds / 60, stretches, events, useBefore, useAfter, faults };
  } catch (error) {
    await load.stop();
    await server.stop();
    throw error;
  }
}

type Happening = (server: SoakServer, turn: number) => Promise<void>;

const settled = (server: SoakServer) => eventually(server.readiness, ({ status }) => status === 'ready');

const happenings: readonly [readonly [string, Happening], ...Array<readonly [string, Happening]>] = [
  ['reload', (server) => server.reload()],
  [
    'restart of the source',
    async (server) => {
      await server.postgres.halt();
      await delay(1000);
      await server.postgres.resume();
      await settled(server);
    },
  ],
  // Sets the clock forward and back by at most an hour, because test certificates have been valid for an hour.
  ['clock step', async (server, turn) => server.setClock(turn % 2 === 0 ? 3600 : -1800)],
  [
    'new certificate',
    async (server) => {
      const { generation } = await server.readiness();
      await server.rotateCertificate();
      await eventually(server.readiness, (now) => now.generation > generation);
      await settled(server);
    },
  ],
  [
    'killed worker',
    async (server) => {
      server.killWorker();
      await delay(500);
      await settled(server);
    },
  ],
];

async function stretchOf(load: Load, work: () => Promise<unknown>): Promise<Stretch> {
  const stretch = load.beginStretch();
  await work();
  return stretch;
}

const nanosecondsPerMs = 1_000_000;
const p99Of = ({ latency }: Stretch) => latency.percentile(99) / nanosecondsPerMs;

export function reportOf(stretch: Stretch): StretchReport {
  const outcomes = Object.fromEntries([...stretch.outcomes].sort(([one], [other]) => (one < other ? -1 : 1)));
  const isFailure = (outcome: string) => / (?:50\d|[A-Z_]+)$/.test(outcome);
  const count = (entries: Array<[string, number]>) => entries.reduce((sum, [, number]) => sum + number, 0);
  const entries = Object.entries(outcomes);
  return {
    requests: count(entries),
    p50Ms: Math.round(stretch.latency.percentile(50) / nanosecondsPerMs / 0.01) * 0.01,
    p99Ms: Math.round(p99Of(stretch) / 0.01) * 0.01,
    failed: count(entries.filter(([outcome]) => isFailure(outcome))),
    outcomes,
  };
}

function findFaults(calm: Stretch, chaos: Stretch, again: Stretch, before: ResourceUse, after: ResourceUse): string[] {
  const faults: string[] = [];
  for (const { wrong } of [calm, chaos, again]) for (const outcome of wrong) faults.push(`a wrong answer: ${outcome}`);
  for (const stretch of [calm, again]) {
    if (reportOf(stretch).failed > 0) faults.push('requests failed while nothing happened');
    if (stretch.latency.count === 0) faults.push('nothing was answered');
  }
  const atMost = (what: string, value: number, reference: number, ratio: number) => {
    if (value > reference * ratio)
      faults.push(`${what}: ${value.toFixed(1)} is more than ${ratio} × ${reference.toFixed(1)}`);
  };
  atMost('p99 in the chaos, ms', p99Of(chaos), p99Of(calm), bounds.p99OfChaos);
  atMost('p99 afterwards, ms', p99Of(again), p99Of(calm), bounds.p99Afterwards);
  atMost('resident memory, MB', after.residentMegabytes, before.residentMegabytes, bounds.memory);
  atMost('open files', after.openFiles, before.openFiles, bounds.openFiles);
  atMost('sockets', after.sockets, before.sockets, bounds.openFiles);
  return faults;
}
