// Owns the words for a file that can't be read.

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/** Says in words why Node could not read a file: "there is no such file". */
export function describeFileTrouble(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return words[code] ?? `it can't be read${code === '' ? '' : ` (${code})`}`;
}
