// Evaluates another machine's clock, on which certificates, tokens and cache times depend.
import { doubtful, type Finding, works } from './finding.ts';

/** Tokens and tickets commonly bear five minutes; half of it is the time to look. */
const maxSkewSeconds = 150;

/**
 * Compares clocks to the second.
 *
 * @param theirMs the time that the other side reported, milliseconds since the epoch.
 * @param requestedMs, toldMs when it was asked and when its answer was there: it looked at its clock in between.
 */
export function compareClocks(who: string, theirMs: number, requestedMs: number, respondedMs: number): Finding {
  const skewMs = theirMs < requestedMs ? theirMs - requestedMs : Math.max(0, theirMs - respondedMs);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds <= 1) return works('clock', `${who} agrees with the clock of this machine`);
  const text = `the clock of ${who} is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours`;
  if (seconds <= maxSkewSeconds) return works('clock', text);
  return doubtful('clock', text, 'set both clocks by NTP: the validity of certificates and tokens depends on them');
}
