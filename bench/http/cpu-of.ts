// Owns how much CPU a process has used, from Linux's /proc.
import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second (USER_HZ). */
const microsecondsPerTick = 10_000;

/** User and system time so far, in microseconds; 0 when there is no such process. */
export function cpuOf(pid: number | undefined): number {
  const fields = statOf(pid ?? 0);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * microsecondsPerTick;
}

/** What follows the name, which may have any character: state, parent, … (proc(5)). */
function statOf(pid: number): string[] {
  if (!(pid > 0)) return [];
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}
