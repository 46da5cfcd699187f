// State of a server's reloads: the generation in use, and the result of the latest attempt.

export interface ReloadState {
  /** 1 is the configuration of the start. */
  readonly generation: number;
  /** When it was taken up, milliseconds since the epoch. */
  readonly generationSinceMs: number;
  /** When a newer one was last refused; `null`: never. */
  readonly refusedAtMs: number | null;
  /** Why the newest attempt was refused, one text a fault; `null`: it was not. No secrets. */
  readonly refusal: readonly string[] | null;
  /** Since the start. */
  readonly counts: Readonly<Record<ReloadOutcome['outcome'], number>>;
}

/** What became of a reload. */
export interface ReloadOutcome {
  readonly outcome: 'reloaded' | 'refused';
  /** In use from now on, or still. */
  readonly generation: number;
  /** What was wrong, with cause and remedy, one text per error; empty when it was reloaded. No secrets. */
  readonly faults: readonly string[];
}
