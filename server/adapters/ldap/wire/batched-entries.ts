// Combines the searches for users who are looked up together, and assigns each user the matching entry.
import { type LookUpSignal, SourceError } from '../../user-source.ts';
import { type Directory, type DirectoryEntry, textsOf } from '../directory.ts';
import type { DirectorySettings } from '../directory-settings.ts';
import type { EntryFinder } from '../directory-users.ts';
import { findUserEntry, foldLoosely, holdsUserid, selectUserEntry, userSearch } from '../user-entry.ts';
import { givenUp } from './ldap-errors.ts';

interface PendingLookup {
  readonly userid: string;
  readonly signal: LookUpSignal;
  resolve(entry: DirectoryEntry | null): void;
  reject(error: unknown): void;
  /** Rejects the lookup when `signal` is aborted. `null`: no other lookups wait, and the search itself listens to the signal. */
  readonly leave: (() => void) | null;
}

/** Maximum time a lookup waits for others while a search is in progress. */
const windowMs = 1;

/**
 * Finds entries like `findUserEntry`, with the same results: if a combined search is ambiguous, each of its users is searched separately.
 *
 * The first lookup is sent at once. Later lookups are collected until there are `maxUsers`, until `windowMs` have passed, or until
 * the search has ended.
 *
 * @param maxUsers maximum number of users in one search; at least 2.
 */
export function createBatchedFinder(directory: Directory, settings: DirectorySettings, maxUsers: number): EntryFinder {
  let waiting: PendingLookup[] = [];
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;

  async function searchAlone({ userid, signal, resolve, reject }: PendingLookup): Promise<void> {
    await findUserEntry(directory, settings, userid, signal).then(resolve, reject);
  }

  async function searchTogether(lookups: readonly PendingLookup[]): Promise<void> {
    const answers = await searchForAll(directory, settings, lookups);
    if (answers === null) {
      await Promise.all(lookups.map(searchAlone));
      return;
    }
    for (const lookup of lookups) {
      try {
        lookup.resolve(selectUserEntry(answers.get(lookup) ?? [], lookup.userid, settings));
      } catch (error) {
        lookup.reject(error);
      }
    }
  }

  async function run(lookups: readonly PendingLookup[]): Promise<void> {
    underWay += 1;
    const [only] = lookups;
    try {
      await (lookups.length === 1 && only !== undefined ? searchAlone(only) : searchTogether(lookups));
    } catch (error) {
      for (const { reject } of lookups) reject(error);
    } finally {
      for (const { signal, leave } of lookups) if (leave !== null) signal.removeEventListener('abort', leave);
      underWay -= 1;
      if (underWay === 0) flush();
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const lookups = waiting.filter(({ signal }) => !signal.aborted);
    waiting = [];
    if (lookups.length > 0) void run(lookups);
  }

  return (userid, signal) => {
    if (underWay === 0 && waiting.length === 0) {
      return new Promise((resolve, reject) => void run([{ userid, signal, resolve, reject, leave: null }]));
    }
    return new Promise((resolve, reject) => {
      const leave = () => reject(givenUp());
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      waiting.push({ userid, signal, resolve, reject, leave });
      if (waiting.length >= maxUsers) flush();
      else timer ??= setTimeout(flush, windowMs);
    });
  };
}

/** Returns the entries of each user; `null`: they cannot be distinguished, or the server refused the combined search. */
async function searchForAll(
  directory: Directory,
  settings: DirectorySettings,
  lookups: readonly PendingLookup[],
): Promise<ReadonlyMap<PendingLookup, DirectoryEntry[]> | null> {
  const byFold = new Map(lookups.map((lookup) => [foldLoosely(lookup.userid), lookup]));
  // The same user twice, or two users whom the directory could consider equal: each is searched alone.
  if (byFold.size < lookups.length || lookups.some(({ userid }) => userid === '' || userid.includes('\0'))) return null;
  const filters = lookups.map(({ userid }) => settings.user.filterFor(userid));
  const search = userSearch(settings, { kind: 'or', filters }, 2 * lookups.length);
  const leaving = abortedWithAll(lookups.map(({ signal }) => signal));
  try {
    return assign(await directory.search(search, leaving.signal), byFold, settings);
  } catch (error) {
    // A single userid that the server cannot compare would make it refuse all of them.
    if (error instanceof SourceError && error.kind === 'bad-answer') return null;
    throw error;
  } finally {
    leaving.forget();
  }
}

/** Assigns the entries: each must match one user exactly, and no other user even approximately. */
function assign(
  entries: readonly DirectoryEntry[],
  byFold: ReadonlyMap<string, PendingLookup>,
  settings: DirectorySettings,
): ReadonlyMap<PendingLookup, DirectoryEntry[]> | null {
  const answers = new Map<PendingLookup, DirectoryEntry[]>();
  for (const entry of entries) {
    let owner: PendingLookup | null = null;
    for (const attribute of settings.user.useridAttributes) {
      for (const text of textsOf(entry, attribute)) {
        const lookup = byFold.get(foldLoosely(text));
        if (lookup === undefined) continue;
        if (owner !== null && lookup !== owner) return null;
        owner = lookup;
      }
    }
    if (owner === null || !holdsUserid(entry, owner.userid, settings)) return null;
    const found = answers.get(owner);
    if (found === undefined) answers.set(owner, [entry]);
    else found.push(entry);
  }
  return answers;
}

/** Returns a signal that is aborted once all of `signals` are: the search is needed as long as one lookup waits. */
function abortedWithAll(signals: readonly LookUpSignal[]): { readonly signal: LookUpSignal; forget(): void } {
  const controller = new AbortController();
  let waiting = signals.length;
  const leave = () => {
    waiting -= 1;
    if (waiting === 0) controller.abort();
  };
  for (const signal of signals) signal.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    forget() {
      for (const signal of signals) signal.removeEventListener('abort', leave);
    },
  };
}
