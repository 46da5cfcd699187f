// Error of a sync that cannot start or resume.

/**
 * `settings`: the IAM's settings are invalid, or a file or variable to which they refer. `unknown`: the run does not exist.
 * `refused`: impossible for this run.
 */
export type SyncErrorKind = 'settings' | 'unknown' | 'refused';

/** Nothing was requested or changed. The message names cause and remedy, one line per error, and contains no secret. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly kind: SyncErrorKind;

  constructor(kind: SyncErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
