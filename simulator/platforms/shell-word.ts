// Quotes a text as one word of a shell command.

/** For a POSIX shell; quoted only if necessary. */
export function quoteShellWord(text: string): string {
  return /^[\w.@+/-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
