// Quotes a text as one word of a shell command.

/** For a POSIX shell; in quotes where it needs them. */
export function quoteShellWord(text: string): string {
  return /^[\w.@+/-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
