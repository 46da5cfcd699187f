// Compares the clock of another machine with this one's: certificates, tokens and cache times depend on it.
import { doubtful, type Finding, works } from './finding.ts';

/** Tokens and tickets commonly tolerate five minutes; half of that needs attention. */
const maxSkewSeconds = 150;

/**
 * Compares clocks with a resolution of one second.
 *
 * @param theirMs the time that the other machine reported, milliseconds since the epoch.
 * @param requestedMs, respondedMs times of request and response, between which the other machine read its clock.
 */
export function compareClocks(who: string, theirMs: number, requestedMs: number, respondedMs: number): Finding {
  const skewMs = theirMs < requestedMs ? theirMs - requestedMs : Math.max(0, theirMs - respondedMs);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds <= 1) return works('clock', `the clock of ${who} agrees with the clock of this machine`);
  const text = `the clock of ${who} is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of this machine`;
  if (seconds <= maxSkewSeconds) return works('clock', text);
  return doubtful(
    'clock',
    text,
    'synchronize both clocks with NTP: the validity of certificates and tokens depends on them',
  );
}
