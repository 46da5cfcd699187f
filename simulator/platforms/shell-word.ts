// Quotes a text as one word of a shell command.

/** Quotes a text for a POSIX shell, only if necessary. */
export function quoteShellWord(text: string): string {
  return /^[\w.@+/-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
