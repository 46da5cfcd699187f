// How long a fact of a platform profile is considered valid.
import type { Fact, PlatformProfile } from './generated/platform-profile.ts';

/** After this time, the platform has probably been upgraded. */
const validDays = 180;

const dayMs = 86_400_000;
const dateLength = '2026-12-01'.length;

/** Days in UTC. */
export interface Validity {
  readonly date: string;
  readonly validUntil: string;
}

/** Returns the fact with the day of its last experiment and the last day on which it is valid. A fact that is not determined has neither. */
export function withValidity(fact: Fact, now: Date): Fact {
  if (fact.determined === 'no') return fact;
  const times = (fact.evidence ?? []).map(({ at }) => at).sort();
  const date = (times.at(-1) ?? now.toISOString()).slice(0, dateLength);
  return { ...fact, ...validityOf({ date }, date) };
}

/** @param profileDate the profile's day, used for a fact that has no day of its own. */
export function validityOf(fact: Pick<Fact, 'date' | 'validUntil'>, profileDate: string): Validity {
  const { date = profileDate } = fact;
  const { validUntil = addDays(date, validDays) } = fact;
  return { date, validUntil };
}

/** Returns the names of the facts that have expired: assumptions and, if given, unusual responses, in the form "responses.gzip". */
export function findExpired(
  { facts, responses = {}, date }: Pick<PlatformProfile, 'facts' | 'responses' | 'date'>,
  now: Date,
): readonly string[] {
  const today = now.toISOString().slice(0, dateLength);
  const namesOf = (all: Readonly<Record<string, Fact>>, prefix: string) =>
    Object.entries(all).flatMap(([name, fact]) =>
      fact.determined !== 'no' && today > validityOf(fact, date).validUntil ? [prefix + name] : [],
    );
  return [...namesOf({ ...facts }, ''), ...namesOf({ ...responses }, 'responses.')];
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, dateLength);
}
