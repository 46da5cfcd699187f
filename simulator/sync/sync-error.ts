// Error of a sync that cannot start or resume.

/**
 * `settings`: the IAM's settings are wrong, or a file or variable that they name. `unknown`: there is no such run.
 * `refused`: it can't be done with this run.
 */
export type SyncErrorKind = 'settings' | 'unknown' | 'refused';

/** Nothing was asked or changed. The message names cause and cure, one line for each fault, and no secret. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly kind: SyncErrorKind;

  constructor(kind: SyncErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
