// Texts that SQLite stores unchanged.

/** No NUL, at which the driver cuts, and no half of a surrogate pair, which UTF-8 has not. */
export function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
