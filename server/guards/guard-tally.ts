// Counters of the guards: plain numbers, read by the metrics.

/** Events of a guard that are of interest to an operator. Permanent names: dashboards depend on them. */
export const guardEvents = {
  'cache-hit': 'served from the cache',
  'cache-miss': 'not in the cache, or too old',
  'cache-stale': 'served from an expired cache entry, because the source failed',
  'shared-cache-hit': 'served from the shared cache',
  'shared-cache-miss': 'not in the shared cache',
  'shared-cache-failure': 'the shared cache was down, too slow, or contained an entry that these servers did not write',
  coalesced: 'joined an identical lookup in flight',
  retried: 'retried after the source was unavailable',
  'breaker-opened': 'the breaker opened',
  'breaker-refused': 'rejected by the open breaker',
  'bulkhead-refused': 'rejected, because too many lookups were in flight and queued',
  'answer-refused': 'a result that violated the schema or a limit',
  'no-groups-refused': 'a result without groups, which the configuration treats as an error',
  'shrink-asked-again': 'a second lookup, because too much access was missing from the result',
  'shrink-held-back': 'a result held back, because too much access was missing from it',
  'optional-source-failed': 'responded without this source, as the configuration allows',
  'fallback-used': 'this source replaced a failed one',
} as const;
export type GuardEvent = keyof typeof guardEvents;

/** Current state of a guard, or of the source that it wraps. */
export const guardGauges = {
  user_info_cache_entries: 'Entries in the cache.',
  user_info_cache_bytes: 'Estimated size of the cache entries in bytes.',
  user_info_breaker_open: '1 while the breaker is open or half-open.',
  user_info_pool_connections: 'Open connections to the backend.',
  user_info_pool_busy_connections: 'Connections in use by a lookup.',
  user_info_pool_waiting: 'Lookups that are waiting for a connection.',
} as const;
export type GuardGauge = keyof typeof guardGauges;

/** Counters of the guards of one source. */
export class GuardTally {
  /** The source whose guards are counted: "whole", or the name of a merged source. */
  readonly part: string;
  readonly #counts: Map<GuardEvent, { count: number }>;
  readonly #gauges = new Map<GuardGauge, () => number>();

  /** @param earlier tally whose counts, but not whose state, are carried over. */
  constructor(part: string, earlier?: GuardTally) {
    this.part = part;
    this.#counts = earlier ? earlier.#counts : new Map();
  }

  /** Adds the event with a count of 0. @returns the function that counts one occurrence. */
  counter(event: GuardEvent): () => void {
    const slot = this.#counts.get(event) ?? { count: 0 };
    this.#counts.set(event, slot);
    return () => {
      slot.count += 1;
    };
  }

  gauge(name: GuardGauge, read: () => number): void {
    this.#gauges.set(name, read);
  }

  *counts(): Iterable<readonly [GuardEvent, number]> {
    for (const [event, { count }] of this.#counts) yield [event, count];
  }

  read(name: GuardGauge): number | null {
    return this.#gauges.get(name)?.() ?? null;
  }
}

/** The tallies of a server, one per source, with or without guards. */
export class GuardTallies {
  readonly #parts = new Map<string, GuardTally>();

  /** @param earlier tallies before a reload: counts never decrease. */
  constructor(earlier?: GuardTallies) {
    for (const tally of earlier?.all() ?? []) this.#parts.set(tally.part, new GuardTally(tally.part, tally));
  }

  of(part: string): GuardTally {
    const tally = this.#parts.get(part) ?? new GuardTally(part);
    this.#parts.set(part, tally);
    return tally;
  }

  all(): Iterable<GuardTally> {
    return this.#parts.values();
  }
}
