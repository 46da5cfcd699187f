// CPU time that a process has used, from Linux's /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second (USER_HZ). */
const microsecondsPerTick = 10_000;

/** Returns the user and system time so far, in microseconds; 0 if there is no such process. */
export function cpuOf(pid: number | undefined): number {
  const fields = statOf(pid ?? 0);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * microsecondsPerTick;
}

/** Returns the same as `cpuOf`, for a process and its current children. */
export function cpuOfFamily(pid: number | undefined): number {
  const children = readdirSync('/proc').filter((name) => Number(statOf(Number(name))[1]) === pid);
  return [pid, ...children.map(Number)].reduce<number>((sum, member) => sum + cpuOf(member), 0);
}

/** Returns the fields after the name, which may contain any character: state, parent, … (proc(5)). */
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
