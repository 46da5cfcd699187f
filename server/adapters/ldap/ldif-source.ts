// Owns the adapter `ldif`: the mapping of `ldap` over a file of entries, to try it before anything is connected.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LdifSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type AdapterContext, type LookUpSource, SourceError } from '../user-source.ts';
import { assertSettings } from './assert-settings.ts';
import { createDirectoryUsers } from './directory-users.ts';
import { LdifError, parseLdif } from './ldif-text.ts';
import { createMemoryDirectory } from './memory-directory.ts';
import { findUserEntry } from './user-entry.ts';

/**
 * Reads the file once; a new one is seen by the next start.
 *
 * @throws {SourceError} `unavailable`: the file can't be read, or an option is wrong; `bad-answer`: it is faulty.
 */
export async function createLdifSource(config: LdifSourceConfig, { log }: AdapterContext): Promise<LookUpSource> {
  const settings = assertSettings(config);
  const bytes = await readFile(config.path).catch((error: NodeJS.ErrnoException) => {
    throw new SourceError('unavailable', `${config.path} can't be read (${error.code}).`, { cause: error });
  });
  const entries = parseOrRefuse(bytes, config.path);
  const directory = createMemoryDirectory(entries);
  const users = createDirectoryUsers(directory, settings, (userid, signal) =>
    findUserEntry(directory, settings, userid, signal),
  );
  log.info({ file: basename(config.path), entries: entries.length }, 'ldif: loaded');
  return { ...users, takesLookUpSignal: true, async check() {}, async close() {} };
}

function parseOrRefuse(bytes: Buffer, path: string) {
  try {
    return parseLdif(bytes);
  } catch (error) {
    if (!(error instanceof LdifError)) throw error;
    throw new SourceError('bad-answer', `${path} is refused: ${error.message}.`, { cause: error });
  }
}
