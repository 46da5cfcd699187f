// Reader of an htpasswd file: user names and password hashes (bcrypt or scrypt). One invalid line rejects the file.
import { assertPasswordHash } from './password-hash.ts';

/** An error in one line; lines are numbered from 1. The error contains neither names nor hashes. */
export interface HtpasswdFault {
  readonly line: number;
  readonly message: string;
}

/** An invalid file, with all its errors. */
export class HtpasswdError extends Error {
  override readonly name = 'HtpasswdError';
  readonly faults: readonly HtpasswdFault[];

  constructor(faults: readonly HtpasswdFault[]) {
    super(faults.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
    this.faults = faults;
  }
}

const remedy = 'Create the entry again with `htpasswd -B`.';

/** Formats of htpasswd and other tools that are too weak to be accepted, by their prefix. */
const weakFormats: ReadonlyArray<readonly [pattern: RegExp, name: string]> = [
  [/^\{SHA\}/, 'SHA-1'],
  [/^\{SSHA\}/, 'salted SHA-1'],
  [/^\$apr1\$/, 'MD5 (apr1)'],
  [/^\$1\$/, 'MD5 crypt'],
  [/^\$[56]\$/, 'SHA-2 crypt'],
  [/^[./A-Za-z0-9]{13}$/, 'DES crypt or plain text'],
];

/**
 * Parses the text of an htpasswd file: `name:hash` lines, empty lines and comments (`#`). A hash is bcrypt, as `htpasswd -B`
 * writes it, or scrypt, as `user-info hash-password` does.
 *
 * @returns user name → hash, in the file's order.
 * @throws {HtpasswdError} with all errors: other formats, a missing or empty part, a duplicate user name, or no user at all.
 */
export function parseHtpasswd(text: string): Map<string, string> {
  const users = new Map<string, string>();
  const faults: HtpasswdFault[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const hash = line.slice(colon + 1).trimEnd();
    const fault =
      colon < 0 ? 'the line has no colon; an entry has the form name:hash.' : findEntryFault(name, hash, users);
    if (fault) faults.push({ line: index + 1, message: fault });
    else users.set(name, hash);
  }
  if (faults.length === 0 && users.size === 0) {
    faults.push({ line: 1, message: 'the file contains no user. Add one with `htpasswd -B`.' });
  }
  if (faults.length > 0) throw new HtpasswdError(faults);
  return users;
}

function findEntryFault(name: string, hash: string, users: ReadonlyMap<string, string>): string | null {
  if (name === '') return 'the user name is empty.';
  if (/\p{Cc}/u.test(name)) return 'the user name contains a control character.';
  if (users.has(name)) return 'the user name occurs twice. Keep one of the two lines.';
  if (hash === '') return `the hash is empty. ${remedy}`;
  const weak = weakFormats.find(([pattern]) => pattern.test(hash));
  if (weak) return `the format is ${weak[1]}; only bcrypt and scrypt are accepted. ${remedy}`;
  if (!hash.startsWith('$')) return `the password is plain text or in an unknown format. ${remedy}`;
  try {
    assertPasswordHash(hash);
    return null;
  } catch (error) {
    return `the hash is rejected. ${(error as Error).message} Or: ${remedy}`;
  }
}
