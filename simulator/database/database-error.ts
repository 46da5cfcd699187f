// Error of a store that cannot be used or written.

/**
 * `in-use`: by another process. `unusable`: it can't be read or written, is something else, or is of a newer version.
 * `unkeepable`: a text that it was requested, or should keep, is none that it can hold.
 */
export type DatabaseErrorKind = 'in-use' | 'unusable' | 'unkeepable';

/** Nothing in the file was changed. The message names the cause and the cure. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly kind: DatabaseErrorKind;

  constructor(kind: DatabaseErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
