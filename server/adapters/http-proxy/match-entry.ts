// Matches the entries of an upstream with the requested user.
import { SourceError } from '../user-source.ts';
import { type JsonPath, JsonPathFault } from './json-path.ts';
import type { Page } from './walk-pages.ts';

/**
 * Finds the only entry whose identity is `userid`.
 *
 * Most APIs ignore letter case; some ignore normalization forms or outer blanks. An entry that differs only in these belongs to another user and is
 * skipped. With `caseInsensitive`, letter case is ignored here too. Any other entry shows that the filter did not work.
 *
 * @returns `other-spelling`: no such entry, but one that differs only in letter case, normalization form or blanks.
 * @throws {SourceError} `bad-answer`: there are several entries, one without an identity, or one that was not requested.
 */
export function matchEntry(
  pages: readonly Page[],
  userid: string,
  identity: JsonPath | null,
  caseInsensitive: boolean,
): { page: Page; entry: unknown } | 'none' | 'other-spelling' {
  let hasOtherSpelling = false;
  let own: { page: Page; entry: unknown } | null = null;
  for (const page of pages) {
    for (const entry of page.items) {
      if (identity !== null && !isAskedFor(entry, userid, identity, caseInsensitive)) {
        hasOtherSpelling = true;
        continue;
      }
      if (own !== null) throw new SourceError('bad-answer', 'The upstream has more than one entry for this user.');
      own = { page, entry };
    }
  }
  return own ?? (hasOtherSpelling ? 'other-spelling' : 'none');
}

function isAskedFor(entry: unknown, userid: string, identity: JsonPath, caseInsensitive: boolean): boolean {
  const found = findIdentity(entry, identity);
  if (found === userid || (caseInsensitive && found.toLowerCase() === userid.toLowerCase())) return true;
  if (fold(found) === fold(userid)) return false;
  throw new SourceError(
    'bad-answer',
    `The upstream sent an entry that was not requested: its value at ${identity.text} (mapping.identity) is a different userid. Either the upstream ignores the filter, or user.path filters by a different attribute than mapping.identity compares. Set both to the same attribute.`,
  );
}

function findIdentity(entry: unknown, identity: JsonPath): string {
  let found: unknown;
  try {
    found = identity.find(entry);
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error;
  }
  if (typeof found === 'string' && found !== '') return found;
  throw new SourceError(
    'bad-answer',
    `The upstream sent an entry without a non-empty string at ${identity.text} (mapping.identity).`,
  );
}

/** Returns what an upstream may treat as equal in a search. */
function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}
