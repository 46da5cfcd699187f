// Faults in finding a user by name: lookups that mistake another name for a known one. Faults of queries are in query-faults.ts.
import { decodeQuery, type EndpointOptions } from './conformant-endpoint.ts';
import type { Fault } from './fault.ts';

/** Returns the fault of a lookup that converts the requested name to another one if no user has the requested name. */
function reads(name: string, trips: readonly string[], change: (userid: string) => string): Fault {
  return {
    name,
    auth: 'none',
    trips,
    alter: (good) => ({ findUser: async (userid) => (await good.findUser(userid)) ?? good.findUser(change(userid)) }),
  };
}

/** Returns the fault of a lookup that returns the first known user whose name matches. */
function searches(name: string, trips: readonly string[], fits: (known: string, userid: string) => boolean): Fault {
  const search = ({ users }: EndpointOptions, userid: string) =>
    users.get(userid) ?? users.get([...users.keys()].find((known) => fits(known, userid)) ?? '') ?? null;
  return { name, auth: 'none', trips, alter: (_good, options) => ({ findUser: (userid) => search(options, userid) }) };
}

/** Options for generated inputs with a fixed seed. */
const generated = { explore: 60, seed: 271828 } as const;

const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Returns whether a name matches a pattern in which `signs` are wildcards, each of which is replaced by its regular expression. */
function matches(known: string, pattern: string, signs: Readonly<Record<string, string>>): boolean {
  if (![...pattern].some((letter) => letter in signs)) return false;
  const expression = [...pattern].map((letter) => signs[letter] ?? quote(letter)).join('');
  return new RegExp(`^${expression}$`, 's').test(known);
}

/** Returns whether a name, used as a regular expression, matches; an invalid one matches nothing. */
function isMatched(known: string, expression: string): boolean {
  try {
    return new RegExp(`^(?:${expression})$`).test(known);
  } catch {
    return false;
  }
}

const withoutMarks = (name: string) => name.normalize('NFD').replace(/\p{M}/gu, '');
/** Returns the name that a URL parser finds when a name was inserted into a path without encoding. */
const asPath = (userid: string) =>
  decodeURIComponent(new URL(`/users/${encodeURI(userid)}`, 'http://x').pathname.replace(/^\/users\/|\/$/g, ''));

/** Faults of endpoints that accept a name that nearly equals a known one. */
const nearlyFaults: readonly Fault[] = [
  searches('found-by-beginning', ['userid-part-refused', 'userid-local-part'], (known, userid) =>
    known.startsWith(userid),
  ),
  searches('found-by-ending', ['userid-part-refused'], (known, userid) => known.endsWith(userid)),
  searches('found-within', ['userid-part-refused', 'userid-local-part'], (known, userid) => known.includes(userid)),
  reads('more-behind-ignored', ['userid-extended-refused'], (userid) => userid.replace(/-kit-other$/, '')),
  reads('more-before-ignored', ['userid-extended-refused'], (userid) => userid.replace(/^kit-other-/, '')),
  reads('list-split', ['userid-list-refused'], (userid) => userid.split(',')[0] ?? ''),
  reads('quotes-stripped', ['userid-quoted-refused'], (userid) => userid.replace(/^"(.*)"$/, '$1')),
  reads('angle-brackets-stripped', ['userid-quoted-refused'], (userid) => userid.replace(/^<(.*)>$/, '$1')),
  reads('mail-domain-ignored', ['userid-other-domain-refused'], (userid) =>
    userid.replace(/@.*\.invalid$/, '@example.test'),
  ),
  reads('windows-domain-ignored', ['userid-other-domain-refused'], (userid) => userid.replace(/^[\w-]+\\(?!\.)/, '')),
  reads('local-part-enough', ['userid-local-part'], (userid) =>
    userid.includes('@') ? userid : `${userid}@example.test`,
  ),
  reads('mail-tag-ignored', ['userid-tag-refused'], (userid) => userid.replace(/\+[^@ ]*@/, '@')),
  reads('spaces-trimmed', ['userid-spaces-refused'], (userid) => userid.trim()),
  reads('end-spaces-skipped', ['userid-spaces-refused'], (userid) => userid.replace(/ +$/, '')),
  searches(
    'accents-ignored',
    ['userid-accents-refused', 'userid-unicode-form'],
    (known, userid) => withoutMarks(known) === withoutMarks(userid),
  ),
  reads('soft-hyphens-skipped', ['userid-invisible-refused'], (userid) => userid.replaceAll('\u00ad', '')),
  reads('zero-width-skipped', ['userid-invisible-refused'], (userid) => userid.replaceAll('\u200b', '')),
  reads('compatibility-form', ['userid-wide-letter-refused'], (userid) =>
    userid.replace(/[\uff01-\uff5e]/g, (letter) => letter.normalize('NFKC')),
  ),
  reads('letter-case-ignored', ['userid-letter-case'], (userid) => userid.toLowerCase()),
  {
    ...reads('letter-case-ignored-against-declaration', ['userid-case-as-declared'], (userid) => userid.toLowerCase()),
    options: { useridCase: 'sensitive' },
  },
  {
    ...reads('letter-case-kept-against-declaration', ['userid-case-as-declared'], (userid) => userid),
    options: { useridCase: 'insensitive' },
  },
  {
    ...reads('beginning-spaces-trimmed-against-declaration', ['userid-spaces-as-declared'], (userid) =>
      userid.trimStart(),
    ),
    options: { useridSpaces: 'kept' },
  },
  {
    ...reads('end-spaces-skipped-against-declaration', ['userid-spaces-as-declared'], (userid) => userid.trimEnd()),
    options: { useridSpaces: 'kept' },
  },
  {
    ...reads('beginning-spaces-kept-against-declaration', ['userid-spaces-as-declared'], (userid) => userid.trimEnd()),
    options: { useridSpaces: 'trimmed' },
  },
  {
    ...reads('end-spaces-kept-against-declaration', ['userid-spaces-as-declared'], (userid) => userid.trimStart()),
    options: { useridSpaces: 'trimmed' },
  },
  {
    // Like code that cleans up addresses copied from running text. No fixed request reveals this fault.
    ...reads('punctuation-stripped', ['generated-names-refused'], (userid) => userid.replace(/[`~!=|:]+$/, '')),
    options: generated,
  },
  reads('unicode-form-ignored', ['userid-unicode-form'], (userid) => userid.normalize('NFC')),
];

/** Faults of names with special characters. */
const metaCharacterFaults: readonly Fault[] = [
  searches('file-wildcards', ['userid-wildcard-refused'], (known, userid) => matches(known, userid, { '?': '.' })),
  searches('regular-expression', ['userid-regular-expression-refused', 'userid-escape-refused'], isMatched),
  reads('regular-expression-anchored', ['userid-regular-expression-refused'], (userid) =>
    userid.replace(/^\^(.*)\$$/, '$1'),
  ),
  // Only MySQL accepts a string in double quotes; SQLite rejects it here.
  reads('sql-in-double-quotes', ['userid-sql-refused'], (userid) => userid.replace(/" and "1"="1$/, '')),
  reads('scim-filter-open', ['userid-filter-refused'], (userid) => userid.replace(/" and userName eq ".*$/, '')),
  reads('odata-filter-open', ['userid-filter-refused'], (userid) =>
    userid.replace(/' and userPrincipalName eq '.*$/, ''),
  ),
  reads('json-escapes-undone', ['userid-escape-refused'], (userid) =>
    userid.replace(/\\u([0-9a-f]{4})/g, (_escape, code) => String.fromCharCode(Number.parseInt(code, 16))),
  ),
  reads('html-escapes-undone', ['userid-escape-refused'], (userid) =>
    userid.replace(/&#(\d+);/g, (_escape, code) => String.fromCharCode(Number(code))),
  ),
  reads('decoded-twice', ['userid-decoded-twice-refused'], (userid) => {
    try {
      return decodeURIComponent(userid);
    } catch {
      return userid;
    }
  }),
  reads('put-into-a-path', ['userid-path-refused'], (userid) => (/[?#]/.test(userid) ? userid : asPath(userid))),
  reads('back-slashes-are-slashes', ['userid-path-refused'], (userid) => userid.replace(/^.*\\\.\.\\/, '')),
  reads('put-into-a-query', ['userid-url-part-refused'], (userid) => userid.replace(/[&#].*$/, '')),
  reads('put-before-a-query', ['userid-url-part-refused'], (userid) => userid.replace(/\?.*$/, '')),
  reads('path-parameters', ['userid-url-part-refused'], (userid) => userid.replace(/;.*$/, '')),
];

/** Returns the fault of an endpoint that parses a query differently. */
function decodes(name: string, trips: readonly string[], change: (query: string) => string): Fault {
  return { name, auth: 'none', trips, alter: () => ({ decodeQuery: (query) => decodeQuery(change(query)) }) };
}

/** Faults of the spelling of a name. */
const spellingFaults: readonly Fault[] = [
  decodes('plus-decoded-twice', ['known-user-200', 'userid-plus-escaped', 'expected-user-200'], (query) =>
    query.replaceAll('%2B', '+'),
  ),
  searches(
    'plus-and-space-alike',
    ['userid-plus-not-space'],
    (known, userid) => known.replace(/[+ ]/g, '+') === userid.replace(/[+ ]/g, '+'),
  ),
  decodes('plus-kept', ['userid-plus-as-space'], (query) => query.replaceAll('+', '%2B')),
  decodes('at-sign-not-taken', ['userid-at-unescaped'], (query) => query.replaceAll('@', '%41')),
  decodes('needless-escapes-kept', ['userid-needless-escapes'], (query) => query.replaceAll('%63', '%2563')),
  {
    ...decodes('lower-case-hex-kept', ['userid-needless-escapes', 'generated-encodings-decoded'], (query) =>
      query.replace(/%(?=[0-9][a-f]|[a-f][0-9a-f])/g, '%25'),
    ),
    options: generated,
  },
];

/** An error leaves the connection to the source in a state in which the next query finds no groups. */
const spoiledConnection: Fault = {
  name: 'next-query-after-an-error-is-empty',
  auth: 'none',
  trips: ['known-user-stable-after-generated-names'],
  options: generated,
  alter(good) {
    let isSpoiled = false;
    return {
      async findUser(userid) {
        const user = await good.findUser(userid);
        const found = isSpoiled && user ? { ...user, groups: [] } : user;
        isSpoiled = /[`~|]/.test(userid);
        return found;
      },
    };
  },
};

export const identityFaults: readonly Fault[] = [
  spoiledConnection,
  ...nearlyFaults,
  ...metaCharacterFaults,
  ...spellingFaults,
];
