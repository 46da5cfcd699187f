// Complete searches: every page, every range of values, every referral; repeated once when a connection fails.
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { within } from '../../within.ts';
import { type LookUpSignal, SourceError } from '../user-source.ts';
import type { Directory, DirectoryEntry, DirectorySearch } from './directory.ts';
import type { ConnectionPool } from './wire/connection-pool.ts';
import type { LdapConnection } from './wire/ldap-connection.ts';
import { givenUp, TransportFault } from './wire/ldap-errors.ts';
import type { PageRequest } from './wire/ldap-messages.ts';
import { completeRanges, cutRanges, hasRanges } from './wire/value-ranges.ts';

export interface SearchLimits extends Pick<LdapSourceConfig, 'pageSize' | 'operationTimeoutMs'> {
  /** Same values as the option; `error-beside-partitions`: an error, except for the partitions of Active Directory that contain no users. */
  readonly referrals: LdapSourceConfig['referrals'] | 'error-beside-partitions';
}

const noCookie = Buffer.alloc(0);
/** Limit for a server that returns pages without end, or repeats its cookies. */
const maxPages = 100_000;

export function createLdapDirectory(pool: Pick<ConnectionPool, 'takeOpen' | 'open'>, limits: SearchLimits): Directory {
  return {
    async search(search, signal) {
      for (let isRetry = false; ; isRetry = true) {
        // The connection is opened for other lookups too, which keep waiting when this one is cancelled.
        const connection = pool.takeOpen() ?? (await within(pool.open(), { abort: { signal, error: givenUp } }));
        try {
          const entries = await searchAll(connection, search, limits, signal);
          // There are hardly ever any ranges, and this code runs for each lookup.
          if (!entries.some(hasRanges)) return entries;
          if (search.sampleSize !== undefined) return entries.map(cutRanges);
          const searchAgain = (again: DirectorySearch) => searchAll(connection, again, limits, signal);
          return await Promise.all(entries.map((entry) => completeRanges(entry, searchAgain)));
        } catch (error) {
          // An idle connection may have been closed silently; a search can be repeated safely.
          if (!(error instanceof TransportFault) || isRetry || signal.aborted) throw error;
        }
      }
    },
  };
}

/** Runs one search on one connection, because a cookie is valid only there. */
async function searchAll(
  connection: LdapConnection,
  { purpose, base, scope, filter, attributes, sampleSize, sizeLimit = sampleSize ?? 0 }: DirectorySearch,
  { pageSize, operationTimeoutMs, referrals }: SearchLimits,
  signal: LookUpSignal,
): Promise<DirectoryEntry[]> {
  const isPaged = pageSize > 0 && sizeLimit === 0 && scope !== 'base';
  const timeLimitSeconds = Math.ceil(operationTimeoutMs / 1000);
  const entries: DirectoryEntry[] = [];
  let cookie = noCookie;
  for (let pages = 1; ; pages++) {
    const page = isPaged ? { size: pageSize, cookie } : null;
    const isSample = sampleSize !== undefined;
    const request: PageRequest = { base, scope, filter, attributes, sizeLimit, timeLimitSeconds, page, isSample };
    const answer = await connection.searchPage(request, purpose, signal);
    if (answer.references.some((urls) => isError(urls, referrals))) {
      throw new SourceError(
        'bad-answer',
        `The search for ${purpose} returned referrals to other servers. Narrow its base${referrals === 'error' ? ', or set source.referrals to ignore' : ''}.`,
      );
    }
    if (!isPaged || pages === 1) entries.push(...answer.entries);
    else for (const entry of answer.entries) entries.push(entry);
    // A page may be empty without being the last: only an empty cookie ends the search.
    if (!isPaged || answer.cookie === null || answer.cookie.length === 0) return assertDistinct(entries, purpose);
    if (pages === maxPages || (answer.entries.length === 0 && answer.cookie.equals(cookie))) {
      throw new SourceError('bad-answer', `The search for ${purpose} returned an endless list of pages.`);
    }
    cookie = Buffer.from(answer.cookie);
  }
}

/** Matches the referrals to the configuration and DNS partitions that every domain controller returns for the domain root. */
const partitionPattern = /^ldaps?:\/\/[^/]*\/(?:cn=configuration|dc=domaindnszones|dc=forestdnszones),/i;

function isError(urls: readonly string[], referrals: SearchLimits['referrals']): boolean {
  if (referrals === 'ignore') return false;
  return referrals === 'error' || urls.length === 0 || !urls.every((url) => partitionPattern.test(url));
}

/** Returns the entries; throws if one occurs twice. A duplicate entry was moved between two pages, or comes from an unreliable server. */
function assertDistinct(entries: DirectoryEntry[], purpose: string): DirectoryEntry[] {
  if (entries.length < 2 || new Set(entries.map(({ dn }) => dn)).size === entries.length) return entries;
  throw new SourceError('bad-answer', `The search for ${purpose} returned an entry twice.`);
}
