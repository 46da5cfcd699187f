// Text report of a load test: its levels and its saturation point.
import type { LoadResult } from '../../simulator/load/run-load.ts';
import { renderTable } from '../text-table.ts';
import { describeGuesses } from './guesses-text.ts';

/** Returns what the levels of a load test count: requests per second or users. */
export function wordLevel({ mode }: Pick<LoadResult, 'mode'>): string {
  return mode === 'open' ? 'requests a second' : 'users';
}

/** Returns "Knee: 800 per second" with the reason. */
export function wordKnee(result: LoadResult): string {
  const { knee, mode } = result;
  if (knee.level === null) return `Not even the first level was sustained: ${knee.reason}.`;
  const place =
    mode === 'open'
      ? `${knee.level} per second`
      : `${knee.level} ${knee.level === 1 ? 'user' : 'users'}, ${knee.answersPerSecond} responses per second`;
  return knee.reason === null
    ? `All levels were sustained; the knee is above ${place}.`
    : `Knee: ${place}; ${knee.reason}.`;
}

export function describeLoad(result: LoadResult): string {
  const rows = result.stages.map(({ level, requests, answersPerSecond, overloaded, unsent, latency }) => [
    level,
    requests,
    answersPerSecond,
    latency?.p50Ms ?? '',
    latency?.p99Ms ?? '',
    latency?.maxMs ?? '',
    overloaded + unsent,
  ]);
  const head = [wordLevel(result), 'sent', 'answered/s', 'p50 ms', 'p99 ms', 'max ms', 'not answered'];
  return `${renderTable(head, rows, '')}${wordKnee(result)}\n${describeGuesses(result)}`;
}
