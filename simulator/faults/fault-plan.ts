// Chooses the fault of each request from the seed, the user and the attempt, never from time or concurrency.
import { createHash } from 'node:crypto';
import type { FaultRule, Faults } from './fault-rules.ts';

/** The faults of one user, attempt by attempt; attempts count from 0. */
export type UserFaults = (attempt: number) => FaultRule | null;

/**
 * Plans the faults of a run. The same seed gives the same faults to the same users asked for in the same order, at any
 * concurrency. A burst of 5xx lasts for the users who are asked for in a row, with all their attempts; every other fault is drawn
 * for each attempt anew.
 *
 * @returns to be called once a user, in the order in which they are asked for.
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

/** Of the users, those with whom a burst begins: a user is outside when none of the last `size` users began one. */
function startPercent({ percent, size }: FaultRule): number {
  return 100 * (1 - (1 - percent / 100) ** (1 / size));
}

/** From 0 to below 1, as good as at random. */
function draw(seed: number, kind: string, what: string): number {
  return createHash('sha256').update(`${seed} ${kind} ${what}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
