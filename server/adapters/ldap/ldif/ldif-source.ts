// Adapter `ldif`: the mapping of `ldap` applied to a file of entries, for trying it out before a server is connected.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { LdifSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { keepFile, type LoadOutcome } from '../../kept-file.ts';
import { type AdapterContext, type LookUpSource, SourceError } from '../../user-source.ts';
import { withAttributeNames } from '../attribute-names.ts';
import { type Directory, type DirectoryEntry, textsOf } from '../directory.ts';
import { assertSettings, type DirectorySettings, describeReplacedFilter } from '../directory-settings.ts';
import { createDirectoryUsers, type DirectoryUsers } from '../directory-users.ts';
import { assertMemberships, sampleMemberships } from '../groups/membership-sample.ts';
import { findUserEntry } from '../user-entry.ts';
import { isWithin, parseDn } from '../wire/distinguished-name.ts';
import { LdifError, parseLdif } from './ldif-text.ts';
import { createMemoryDirectory } from './memory-directory.ts';

/** The entries of one state of the file. */
interface LoadedEntries extends DirectoryUsers {
  readonly entries: number;
  readonly users: number;
}

/**
 * Loads the file and keeps it loaded, as `keepFile` does. The server does not respond while a file is parsed; parsing a hundred thousand entries
 * takes about five seconds. For this reason, `csv` parses in a thread. This source is for trials.
 *
 * @throws {SourceError} `unavailable`: the file cannot be read, or an option is invalid; `bad-answer`: the file is invalid.
 */
export async function createLdifSource(
  config: LdifSourceConfig,
  { log, allowsNoGroups = false }: AdapterContext,
): Promise<LookUpSource> {
  const settings = assertSettings(config);
  const replaced = describeReplacedFilter(settings);
  if (replaced !== null) log.warn({}, `ldif: ${replaced}`);
  const { path, pollSeconds, maxShrinkPercent } = config;
  const file = await keepFile<LoadedEntries>(
    {
      ...{ kind: 'ldif', path, pollSeconds, maxShrinkPercent },
      load: (knownDigests) => loadEntries(path, settings, knownDigests, allowsNoGroups),
      sizesOf: ({ entries, users }) => ({ entries, users }),
    },
    log,
  );
  return {
    takesLookUpSignal: true,
    findUser: (userid, signal) => file.data.findUser(userid, signal),
    isDisabled: (userid, signal) => file.data.isDisabled(userid, signal),
    explainUser: (userid, signal) => file.data.explainUser(userid, signal),
    // There are always entries to serve, possibly old ones: readiness shows the age in `status`.
    async check() {},
    close: () => file.close(),
    status: () => ({
      users: file.data.users,
      generation: file.generation,
      loadedAtMs: file.loadedAtMs,
      staleReason: file.staleReason,
    }),
  };
}

async function loadEntries(
  path: string,
  settings: DirectorySettings,
  knownDigests: readonly string[],
  allowsNoGroups: boolean,
): Promise<LoadOutcome<LoadedEntries>> {
  const bytes = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    return error.code;
  });
  if (typeof bytes === 'string') return { kind: 'unreadable', code: bytes };
  if (bytes === null) return { kind: 'changing' };
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (knownDigests.includes(digest)) return { kind: 'unchanged', digest };
  try {
    const entries = parseLdif(bytes);
    const directory = withAttributeNames(createMemoryDirectory(entries), null);
    if (!allowsNoGroups) {
      assertMemberships(await sampleMemberships({ directory, settings, signal: new AbortController().signal }));
    }
    return { kind: 'loaded', digest, loaded: serveEntries(entries, directory, settings) };
  } catch (error) {
    if (error instanceof LdifError) {
      const { message } = error;
      return { kind: 'refused', digest, reason: `the file is invalid: ${message}`, report: `${message}.` };
    }
    if (!(error instanceof SourceError)) throw error;
    const { message } = error;
    return { kind: 'refused', digest, reason: message, report: message };
  }
}

/** Returns `null` if the file was modified while it was read. @throws errors of `node:fs`. */
async function readWhole(path: string): Promise<Buffer | null> {
  const file = await open(path);
  try {
    const before = await file.stat({ bigint: true });
    const bytes = await file.readFile();
    const after = await file.stat({ bigint: true });
    return before.size === after.size && before.mtimeNs === after.mtimeNs ? bytes : null;
  } finally {
    await file.close();
  }
}

function serveEntries(
  entries: readonly DirectoryEntry[],
  directory: Directory,
  settings: DirectorySettings,
): LoadedEntries {
  const users = createDirectoryUsers(directory, settings, (userid, signal) =>
    findUserEntry(directory, settings, userid, signal),
  );
  const base = parseDn(settings.user.base) ?? [];
  const isUser = (entry: DirectoryEntry) =>
    settings.user.useridAttributes.some((attribute) => textsOf(entry, attribute).length > 0) &&
    isWithin(parseDn(entry.dn) ?? [], base);
  return { ...users, entries: entries.length, users: entries.filter(isUser).length };
}
