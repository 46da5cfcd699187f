// Error of a sync that cannot start or resume.

/**
 * `settings`: the IAM's settings, or a file or variable to which they refer, are invalid. `unknown`: the run does not exist. `refused`: the operation
 * is impossible with this run, these users or this list.
 */
export type SyncErrorKind = 'settings' | 'unknown' | 'refused';

/** Nothing was requested or changed. The message states the cause and the remedy, one line per error, and contains no secrets. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly kind: SyncErrorKind;

  constructor(kind: SyncErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
