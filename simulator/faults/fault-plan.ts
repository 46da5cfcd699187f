// Chooses the fault of each request from the seed, the user, the attempt and, for 5xx, the order of the users. Time and concurrency have no effect.
import { createHash } from 'node:crypto';
import type { FaultRule, Faults } from './fault-rules.ts';

/** Faults of one user by attempt, starting with 0. */
export type UserFaults = (attempt: number) => FaultRule | null;

/**
 * Plans the faults of a run. The same seed selects the same faults for the same users requested in the same order, at any concurrency. A 5xx burst
 * lasts for several consecutive users, including all their attempts; other faults are drawn again for each attempt.
 *
 * @returns a function to call once per user, in the order of the requests.
 */
export function createFaultPlan({ rules, seed }: Faults): (userid: string) => UserFaults {
  let asked = 0;
  let burstEnd = 0;
  const burst = rules.find(({ kind }) => kind === '5xx');
  return (userid) => {
    const place = asked++;
    if (burst && draw(seed, '5xx', String(place)) * 100 < startPercent(burst)) burstEnd = place + burst.size;
    const isInBurst = place < burstEnd;
    return (attempt) =>
      rules.find((rule) =>
        rule.kind === '5xx' ? isInBurst : draw(seed, rule.kind, `${attempt} ${userid}`) * 100 < rule.percent,
      ) ?? null;
  };
}

/** Returns the probability, in percent, that a burst begins with a user: a user is unaffected if no burst began within the last `size` users. */
function startPercent({ percent, size }: FaultRule): number {
  return 100 * (1 - (1 - percent / 100) ** (1 / size));
}

/** Returns a pseudorandom number of at least 0 and less than 1. */
function draw(seed: number, kind: string, what: string): number {
  return createHash('sha256').update(`${seed} ${kind} ${what}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
