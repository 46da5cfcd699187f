// Owns the checks of names whose signs mean something to a database, a directory, a path or an interpreter, and nothing in a name.
import type { Topic } from '../check.ts';
import { around, type NobodysName, nobodysNameCheck, withLast, withLetter } from './nobodys-name.ts';

const asParameter = 'pass the userid to the source as a parameter, and never as a part of the text of a query';

const wildcard: NobodysName = {
  id: 'userid-wildcard-refused',
  request: 'an asterisk, or a known user’s name with an asterisk or a question mark in it',
  why: 'A search filter of a directory takes the asterisk for any text: somebody else is found, or whoever comes first.',
  change:
    'escape * ( ) \\ and NUL as RFC 4515 has it before the userid goes into a filter, and compare what was found with what was asked',
  mend: [
    { stack: 'spring', text: 'Use LdapQueryBuilder, or LdapEncoder.filterEncode.' },
    { stack: 'flask', text: 'Use ldap3.utils.conv.escape_filter_chars.' },
    { stack: 'go', text: 'Use ldap.EscapeFilter.' },
    { stack: 'aspnet', text: 'Escape the value by hand: DirectorySearcher.Filter takes it as it is.' },
  ],
  questions: (knownUser) => [{ userids: ['*'], shown: '*' }, withLast(knownUser, '*'), withLast(knownUser, '?')],
};

const like: NobodysName = {
  id: 'userid-like-refused',
  request: 'a percent sign, or a known user’s name with a percent sign or an underscore for one of its letters',
  why: 'LIKE takes them for any text and any letter: somebody else is found, or whoever comes first.',
  change: 'compare with =, not with LIKE',
  mend: [
    { stack: 'spring', text: 'In a derived query Like and Containing become LIKE: use the plain name of the field.' },
    { stack: 'aspnet', text: 'EF.Functions.Like is LIKE: use ==.' },
  ],
  questions: (knownUser) => [{ userids: ['%'], shown: '%' }, withLast(knownUser, '%'), withLast(knownUser, '_')],
};

const expression: NobodysName = {
  id: 'userid-regular-expression-refused',
  request: 'a regular expression that matches a known user’s name',
  why: 'A name that is used as an expression finds other users; one that takes long to match stops the endpoint.',
  change: 'compare texts, and make no regular expression of the userid',
  mend: [
    { stack: 'express', text: 'Do not put the userid into new RegExp(…) or into $regex of a document database.' },
    { stack: 'flask', text: 'Use ==, or re.escape(userid).' },
  ],
  questions: (knownUser) => [around('^', knownUser, '$'), withLast(knownUser, '.')],
};

const sql: NobodysName = {
  id: 'userid-sql-refused',
  request: 'a known user’s name with SQL behind it that changes nothing',
  why: 'What reads the userid as SQL reads also the SQL that gives all users, or that deletes them.',
  change: asParameter,
  mend: [
    { stack: 'express', text: 'With pg: client.query(sql, [userid]); with mysql2: execute(sql, [userid]).' },
    { stack: 'flask', text: 'Use cursor.execute(sql, (userid,)), not an f-string.' },
    { stack: 'spring', text: 'Use a PreparedStatement, or @Param in @Query.' },
    { stack: 'go', text: 'Use db.QueryContext(ctx, sql, userid), not fmt.Sprintf.' },
    {
      stack: 'aspnet',
      text: 'Use SqlParameter or FromSqlInterpolated, not FromSqlRaw with a string that was put together.',
    },
  ],
  // Each only narrows what is found, so that a statement which writes does no harm with it.
  questions: (knownUser) => [
    around('', knownUser, "' and '1'='1"),
    around('', knownUser, '" and "1"="1'),
    around('', knownUser, "') and ('1'='1"),
  ],
};

const filter: NobodysName = {
  id: 'userid-filter-refused',
  request: 'a known user’s name with a piece of a search filter behind it',
  why: 'What reads the userid as a part of a filter reads also one that finds everybody.',
  change: 'escape the userid for the language of the filter, or pass it as a parameter',
  mend: [
    {
      stack: 'any',
      text: 'For LDAP escape as RFC 4515, 3, has it; for SCIM write the value as a JSON string; for OData double its quotes.',
    },
    { stack: 'spring', text: 'Use LdapQueryBuilder, or LdapEncoder.filterEncode.' },
  ],
  // LDAP, SCIM, OData; each only narrows what is found.
  questions: (knownUser) => [
    around('', knownUser, ')(objectClass=*'),
    {
      userids: [`${knownUser}" and userName eq "${knownUser}`],
      shown: `\${KNOWN_USER}\\" and userName eq \\"\${KNOWN_USER}`,
    },
    {
      userids: [`${knownUser}' and userPrincipalName eq '${knownUser}`],
      shown: `\${KNOWN_USER}' and userPrincipalName eq '\${KNOWN_USER}`,
    },
  ],
};

const anyLetter = 'a letter from a to z, or a digit';

const escapes: NobodysName = {
  id: 'userid-escape-refused',
  request: 'a known user’s name with one letter in an escape of LDAP, JSON or HTML',
  why: 'What undoes an escape that is none of HTTP hands the userid to an interpreter as it is.',
  change: 'escape the userid for what it is handed to, and undo nothing but the percent-encoding, once',
  questions: (knownUser) => {
    const write = (replace: (code: number) => string) => ({
      userids: [withLetter(knownUser, /[a-z0-9]/i, anyLetter, (letter) => replace(letter.charCodeAt(0)))],
    });
    return [
      write((code) => `\\${code.toString(16)}`),
      write((code) => `\\u00${code.toString(16)}`),
      write((code) => `&#${code};`),
    ];
  },
};

const twice: NobodysName = {
  id: 'userid-decoded-twice-refused',
  request: 'a known user’s name that is percent-encoded twice',
  source: 'User info contract, the call: userid names that user and no other; RFC 3986, 2.4: never decode twice',
  why: 'Decoded twice, a%2540b is a@b: two names are one, and a user with a plus sign in the name is not found.',
  change: 'decode the query once, by the framework or by hand, not both',
  mend: [
    { stack: 'express', text: 'request.query is decoded already: no decodeURIComponent on it.' },
    { stack: 'flask', text: 'request.args is decoded already: no unquote on it.' },
    { stack: 'spring', text: '@RequestParam is decoded already: no URLDecoder on it.' },
    { stack: 'go', text: 'r.URL.Query() is decoded already: no url.QueryUnescape on it.' },
    { stack: 'nginx', text: 'A variable in proxy_pass is passed on as it is; see that only one of the two decodes.' },
  ],
  questions: (knownUser) => [
    {
      userids: [withLetter(knownUser, /[a-z0-9@]/i, anyLetter, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
    },
  ],
};

const path: NobodysName = {
  id: 'userid-path-refused',
  request: 'a path that ends at a known user’s name, as x/../name',
  why: 'Where the userid becomes a part of a path, of a file or of a URL, dots and slashes lead to others, and out of the folder.',
  change: 'percent-encode the userid before it goes into a path, and refuse . and .. where it names a file',
  mend: [
    { stack: 'express', text: 'Use encodeURIComponent(userid) in the URL of the next service.' },
    { stack: 'flask', text: "Use quote(userid, safe='')." },
    { stack: 'spring', text: 'Use UriComponentsBuilder with encode(), or a template variable.' },
    { stack: 'go', text: 'Use url.PathEscape(userid).' },
    { stack: 'aspnet', text: 'Use Uri.EscapeDataString(userid).' },
  ],
  questions: (knownUser) => [
    around('./', knownUser, ''),
    around('kit-other/../', knownUser, ''),
    around('kit-other\\..\\', knownUser, ''),
    around('', knownUser, '/.'),
  ],
};

const urlPart: NobodysName = {
  id: 'userid-url-part-refused',
  request: 'a known user’s name with a query, a fragment or a parameter of a URL behind it',
  why: 'Where the userid goes into the URL of another service as it is, these signs end it: another name is looked up.',
  change: 'percent-encode the userid before it goes into a URL',
  mend: [
    { stack: 'express', text: 'Use encodeURIComponent(userid), or URLSearchParams.' },
    { stack: 'flask', text: "Use quote(userid, safe=''), or params= of requests." },
    { stack: 'spring', text: 'Use UriComponentsBuilder with encode(), or a template variable.' },
    { stack: 'go', text: 'Use url.PathEscape, or url.Values.' },
    { stack: 'aspnet', text: 'Use Uri.EscapeDataString, or QueryHelpers.AddQueryString.' },
  ],
  questions: (knownUser) => ['?kit=1', '#kit', '&kit=1', ';kit=1'].map((after) => around('', knownUser, after)),
};

export const identityMetaCharacters: Topic = {
  title: 'A name with signs of another language',
  checks: [wildcard, like, expression, sql, filter, escapes, twice, path, urlPart].map(nobodysNameCheck),
};
