// What a reload renews, its result, and the state of a server's reloads.

/** `all`: the source is always created again. `changed`: the source is created again only if its inputs differ. */
export type ReloadScope = 'all' | 'changed';

export interface ReloadState {
  /** 1: the configuration loaded at startup. */
  readonly generation: number;
  /** When it was put into use, milliseconds since the epoch. */
  readonly generationSinceMs: number;
  /** When a newer configuration was last rejected; `null`: never. */
  readonly refusedAtMs: number | null;
  /** Why the latest attempt was rejected, one text per error; `null`: it was not rejected. No secrets. */
  readonly refusal: readonly string[] | null;
  /** Since the start. */
  readonly counts: Readonly<Record<ReloadOutcome['outcome'], number>>;
}

export interface ReloadOutcome {
  readonly outcome: 'reloaded' | 'refused';
  /** The generation in use afterwards. */
  readonly generation: number;
  /** Errors with cause and remedy, one text per error; empty after a successful reload. No secrets. */
  readonly faults: readonly string[];
}
