// Texts that SQLite stores unchanged.

/** Returns whether a text contains neither a NUL, at which the driver truncates the text, nor an unpaired surrogate, which UTF-8 cannot represent. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
