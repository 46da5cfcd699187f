// Owns the error of a simulator's file that can't be used.

/** `in-use`: by another process. `unusable`: it can't be read or written, is something else, or is of a newer version. */
export type DatabaseErrorKind = 'in-use' | 'unusable';

/** The file can't be used; nothing in it was changed. The message names the cause and the cure. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly kind: DatabaseErrorKind;

  constructor(kind: DatabaseErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
