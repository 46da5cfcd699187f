// Combines the searches of users who are looked up together, and assigns each its entry.
import { type LookUpSignal, SourceError } from '../../user-source.ts';
import { type Directory, type DirectoryEntry, textsOf } from '../directory.ts';
import type { DirectorySettings } from '../directory-settings.ts';
import type { EntryFinder } from '../directory-users.ts';
import { findUserEntry, foldLoosely, holdsUserid, judgeEntries, userSearch } from '../user-entry.ts';
import { givenUp } from './ldap-errors.ts';

interface Ask {
  readonly userid: string;
  readonly signal: LookUpSignal;
  resolve(entry: DirectoryEntry | null): void;
  reject(error: unknown): void;
  /** Listens to `signal`; `null`: no other lookups wait, and the search itself listens. */
  readonly leave: (() => void) | null;
}

/** How searches are combined; `maxUsers` is at least 2. */
export interface BatchLimits {
  readonly maxUsers: number;
  readonly windowMs: number;
}

/**
 * Finds entries like `findUserEntry`, with the same results: doubtful results of a combined search are searched again for each user alone.
 *
 * The first lookup is sent at once. Lookups during a search wait for each other: until there are `maxUsers`, until `windowMs` have passed, or until
 * the search has ended.
 */
export function createBatchedFinder(
  directory: Directory,
  settings: DirectorySettings,
  limits: BatchLimits,
): EntryFinder {
  let waiting: Ask[] = [];
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;

  async function searchAlone({ userid, signal, resolve, reject }: Ask): Promise<void> {
    await findUserEntry(directory, settings, userid, signal).then(resolve, reject);
  }

  async function searchTogether(asks: readonly Ask[]): Promise<void> {
    const answers = await askTogether(directory, settings, asks);
    if (answers === null) {
      await Promise.all(asks.map(searchAlone));
      return;
    }
    for (const ask of asks) {
      try {
        ask.resolve(judgeEntries(answers.get(ask) ?? [], ask.userid, settings));
      } catch (error) {
        ask.reject(error);
      }
    }
  }

  async function run(asks: readonly Ask[]): Promise<void> {
    underWay += 1;
    const [only] = asks;
    try {
      await (asks.length === 1 && only !== undefined ? searchAlone(only) : searchTogether(asks));
    } catch (error) {
      for (const { reject } of asks) reject(error);
    } finally {
      for (const { signal, leave } of asks) if (leave !== null) signal.removeEventListener('abort', leave);
      underWay -= 1;
      if (underWay === 0) flush();
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const asks = waiting.filter(({ signal }) => !signal.aborted);
    waiting = [];
    if (asks.length > 0) void run(asks);
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
      if (waiting.length >= limits.maxUsers) flush();
      else timer ??= setTimeout(flush, limits.windowMs);
    });
  };
}

/** The entries of each user; `null`: they cannot be distinguished, or the server refused the combined search. */
async function askTogether(
  directory: Directory,
  settings: DirectorySettings,
  asks: readonly Ask[],
): Promise<ReadonlyMap<Ask, DirectoryEntry[]> | null> {
  const byFold = new Map(asks.map((ask) => [foldLoosely(ask.userid), ask]));
  // The same user twice, or two users whom the directory could consider equal: each is searched alone.
  if (byFold.size < asks.length || asks.some(({ userid }) => userid === '' || userid.includes('\0'))) return null;
  const filters = asks.map(({ userid }) => settings.user.filterFor(userid));
  const search = userSearch(settings, { kind: 'or', filters }, 2 * asks.length);
  const leaving = abortedWithAll(asks.map(({ signal }) => signal));
  try {
    return assign(await directory.search(search, leaving.signal), byFold, settings);
  } catch (error) {
    // One userid that a server cannot compare would make it refuse all of them.
    if (error instanceof SourceError && error.kind === 'bad-answer') return null;
    throw error;
  } finally {
    leaving.forget();
  }
}

/** Each entry must match one user exactly, and no other one even approximately. */
function assign(
  entries: readonly DirectoryEntry[],
  byFold: ReadonlyMap<string, Ask>,
  settings: DirectorySettings,
): ReadonlyMap<Ask, DirectoryEntry[]> | null {
  const answers = new Map<Ask, DirectoryEntry[]>();
  for (const entry of entries) {
    let owner: Ask | null = null;
    for (const attribute of settings.user.useridAttributes) {
      for (const text of textsOf(entry, attribute)) {
        const ask = byFold.get(foldLoosely(text));
        if (ask === undefined) continue;
        if (owner !== null && ask !== owner) return null;
        owner = ask;
      }
    }
    if (owner === null || !holdsUserid(entry, owner.userid, settings)) return null;
    const held = answers.get(owner);
    if (held === undefined) answers.set(owner, [entry]);
    else held.push(entry);
  }
  return answers;
}

/** A signal that is aborted when the last of several is: the search is needed as long as one lookup waits. */
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
