// Error for a store that cannot be used or written to, and which texts it can keep.

/**
 * `in-use`: the store is locked by another process. `unusable`: the file cannot be read or written, is not a store, or has a newer version.
 * `unkeepable`: a text that the store cannot represent.
 */
export type DatabaseErrorKind = 'in-use' | 'unusable' | 'unkeepable';

/** The file was not changed. The message names the cause and the remedy. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly kind: DatabaseErrorKind;

  constructor(kind: DatabaseErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Returns whether a text contains neither a NUL, at which the driver truncates the text, nor an unpaired surrogate, which UTF-8 cannot represent. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
