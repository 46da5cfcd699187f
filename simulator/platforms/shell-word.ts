// Owns how a text stands as one word of a command line that people copy.

/** For a POSIX shell; in quotes where it needs them. */
export function quoteShellWord(text: string): string {
  return /^[\w.@+/-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
