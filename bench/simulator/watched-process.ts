// Runs a program to its end and measures output, duration, CPU time and peak memory.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpuOf } from '../cpu-of.ts';

export interface WatchedRun {
  /** The beginning of the output. */
  readonly output: string;
  readonly seconds: number;
  /** User and system time, with a resolution of 0.01 s. */
  readonly cpuSeconds: number;
  /** Maximum resident memory. */
  readonly peakMb: number;
}

/** Interval of the samples: short enough that usage after the last sample does not matter. A sample takes about 20 µs. */
const lookEveryMs = 20;

/** The JSON of a sync of a million users can exceed the maximum length of a string. */
const keptCharacters = 1_000_000;

/** Runs Node with these arguments. @throws if the exit code is not 0. */
export async function runWatched(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<WatchedRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < keptCharacters) output += text;
  });
  let used = { cpuSeconds: 0, peakMb: 0 };
  const looking = setInterval(() => {
    used = usageOf(child.pid ?? 0) ?? used;
  }, lookEveryMs);
  try {
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  } finally {
    clearInterval(looking);
  }
  return { output, seconds: (performance.now() - startedAt) / 1000, ...used };
}

/** Reads from /proc on Linux; returns null if the process no longer exists. */
function usageOf(pid: number): { cpuSeconds: number; peakMb: number } | null {
  try {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // A process that has exited but has not been waited for uses no memory.
    if (peak === undefined) return null;
    return { cpuSeconds: cpuOf(pid) / 1e6, peakMb: Number(peak) / 1000 };
  } catch {
    return null;
  }
}
