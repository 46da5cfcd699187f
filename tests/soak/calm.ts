// Calm soak: a constant load without events, with a check that memory use grows by at most 10% after the first minute.
import { setTimeout as delay } from 'node:timers/promises';
import { certificateFiles } from '../certificate-files.ts';
import { reportOf, type StretchReport } from './soak.ts';
import { startLoad } from './soak-load.ts';
import { startSoakServer, sumOfUses } from './soak-server.ts';

export interface MemorySample {
  readonly minutes: number;
  /**
   * Resident memory in MB: the primary's first, then each worker's. The values are reported by the kernel, without a preceding garbage collection.
   */
  readonly megabytes: readonly number[];
  readonly openFiles: number;
  readonly sockets: number;
}

/** Memory of each process, in MB: medians of the second minute and of the last minute. */
export interface MemoryGrowth {
  readonly afterAMinute: readonly number[];
  readonly atTheEnd: readonly number[];
}

export interface CalmReport extends MemoryGrowth {
  readonly minutes: number;
  readonly load: StretchReport;
  readonly samples: readonly MemorySample[];
  /** Requirements that were not met; empty when all were met. */
  readonly faults: readonly string[];
}

/** Maximum ratio of the value at the end to the value after a minute, for each process. */
export const memoryBound = 1.1;

const sampleSeconds = 10;
/**
 * Enough clients to be distributed over the workers; with the pause, they send about 800 requests a second. At 150 requests a second, V8 takes
 * minutes to find the size of its young generation, and keeps changing it for an hour. Workers then have 95 MB or 125 MB, so a comparison would be
 * random.
 */
const clients = 8;
const pauseMs = 8;

/** @param onSample called with each sample, for progress output. */
export async function runCalm(minutes: number, onSample: (sample: MemorySample) => void): Promise<CalmReport> {
  const { good } = await certificateFiles();
  const server = await startSoakServer();
  const { url, password, users } = server;
  const tls = { ca: good.ca.certificate, cert: good.client.certificate, key: good.client.key };
  const load = startLoad({ url, tls, password, users, clients, pauseMs });
  const samples: MemorySample[] = [];
  try {
    const stretch = load.beginStretch();
    for (let seconds = sampleSeconds; seconds <= minutes * 60; seconds += sampleSeconds) {
      await delay(sampleSeconds * 1000);
      const uses = server.uses();
      const { openFiles, sockets } = sumOfUses(uses);
      const megabytes = uses.map(({ residentMegabytes }) => residentMegabytes);
      const sample = { minutes: seconds / 60, megabytes, openFiles, sockets };
      samples.push(sample);
      onSample(sample);
    }
    await load.stop();
    const growth = growthOf(samples);
    const report = reportOf(stretch);
    const faults = [...stretch.wrong].map((outcome) => `a wrong answer: ${outcome}`);
    if (report.failed > 0) faults.push(`${report.failed} requests failed`);
    faults.push(...findGrowth(growth));
    const exitCode = await server.stop();
    if (exitCode !== 0) faults.push(`the server ended with ${exitCode}`);
    return { minutes, load: report, samples, ...growth, faults };
  } catch (error) {
    await load.stop();
    await server.stop();
    throw error;
  }
}

/** @param samples samples of more than two minutes. */
export function growthOf(samples: readonly MemorySample[]): MemoryGrowth {
  const end = samples.at(-1)?.minutes ?? Number.NaN;
  return { afterAMinute: mediansBetween(samples, 1, 2), atTheEnd: mediansBetween(samples, end - 1, end) };
}

/** @returns growth above the limits, and values that cannot be compared. */
export function findGrowth({ afterAMinute, atTheEnd }: MemoryGrowth): string[] {
  return afterAMinute.flatMap((before, index) => {
    const after = atTheEnd[index] ?? Number.NaN;
    if (after <= before * memoryBound) return [];
    return [`process ${index + 1}: ${after.toFixed(1)} MB is more than ${memoryBound} × ${before.toFixed(1)}`];
  });
}

function mediansBetween(samples: readonly MemorySample[], from: number, to: number): number[] {
  const within = samples.filter(({ minutes }) => minutes >= from && minutes <= to);
  const processes = within[0]?.megabytes.length ?? 0;
  return Array.from({ length: processes }, (_, index) => {
    const sorted = within.map(({ megabytes }) => megabytes[index] ?? Number.NaN).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  });
}
