// Texts that SQLite stores unchanged.

/** Returns whether a text has no NUL, at which the driver truncates, and no unpaired surrogate, which UTF-8 cannot represent. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
