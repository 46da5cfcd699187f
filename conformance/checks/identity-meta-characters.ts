// Checks of user names with characters that are special in a database, an LDAP directory, a path or an interpreter.
import type { Topic } from '../check.ts';
import { around, type NobodysName, nobodysNameCheck, withLast, withLetter } from './nobodys-name.ts';

const asParameter = 'pass the userid to the database as a parameter, not as part of the query text';

const wildcard: NobodysName = {
  id: 'userid-wildcard-refused',
  title: 'MUST NOT respond with 200 to * alone, or to a wildcard (* or ?) in a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'an asterisk, or a known user name that ends in an asterisk or a question mark',
  why: 'In an LDAP search filter, an asterisk matches any text: the endpoint finds another user.',
  change:
    'escape * ( ) \\ and NUL (RFC 4515) before the userid becomes part of a filter. Compare the found name with the requested one',
  fix: [
    { stack: 'spring', text: 'Use LdapQueryBuilder, or LdapEncoder.filterEncode.' },
    { stack: 'flask', text: 'Use ldap3.utils.conv.escape_filter_chars.' },
    { stack: 'go', text: 'Use ldap.EscapeFilter.' },
    { stack: 'aspnet', text: 'Escape the value yourself: DirectorySearcher.Filter does not escape it.' },
  ],
  requests: (knownUser) => [{ userids: ['*'], shown: '*' }, withLast(knownUser, '*'), withLast(knownUser, '?')],
};

const like: NobodysName = {
  id: 'userid-like-refused',
  title: 'MUST NOT respond with 200 to % alone, or to a SQL LIKE wildcard (% or _) in a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a percent sign, or a known user name with a percent sign or an underscore in place of its last letter',
  why: 'In SQL LIKE, % matches any text and _ any single character: the endpoint finds another user.',
  change: 'compare with = instead of LIKE',
  fix: [
    { stack: 'spring', text: 'In a derived query, Like and Containing become LIKE: use the plain field name.' },
    { stack: 'aspnet', text: 'EF.Functions.Like is translated to LIKE: use ==.' },
  ],
  requests: (knownUser) => [{ userids: ['%'], shown: '%' }, withLast(knownUser, '%'), withLast(knownUser, '_')],
};

const expression: NobodysName = {
  id: 'userid-regular-expression-refused',
  title: 'MUST NOT respond with 200 to a regular expression that matches a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a regular expression that matches a known user name',
  why: 'A name used as a regular expression finds other users, and an expensive one blocks the endpoint.',
  change: 'compare strings, and do not build a regular expression from the userid',
  fix: [
    { stack: 'express', text: 'Do not put the userid into new RegExp(…) or into $regex of a document database.' },
    { stack: 'flask', text: 'Use ==, or re.escape(userid).' },
  ],
  requests: (knownUser) => [around('^', knownUser, '$'), withLast(knownUser, '.')],
};

const sql: NobodysName = {
  id: 'userid-sql-refused',
  title: 'MUST NOT respond with 200 when a SQL condition is appended to a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with a SQL condition appended',
  why: 'An endpoint that executes the userid as SQL also executes SQL that returns or deletes all users.',
  change: asParameter,
  fix: [
    { stack: 'express', text: 'With pg, use client.query(sql, [userid]). With mysql2, use execute(sql, [userid]).' },
    { stack: 'flask', text: 'Use cursor.execute(sql, (userid,)), not an f-string.' },
    { stack: 'spring', text: 'Use a PreparedStatement, or @Param in @Query.' },
    { stack: 'go', text: 'Use db.QueryContext(ctx, sql, userid), not fmt.Sprintf.' },
    {
      stack: 'aspnet',
      text: 'Use SqlParameter or FromSqlInterpolated, not FromSqlRaw with a concatenated string.',
    },
  ],
  // Each one only narrows the result, so it is harmless in a statement that writes.
  requests: (knownUser) => [
    around('', knownUser, "' and '1'='1"),
    around('', knownUser, '" and "1"="1'),
    around('', knownUser, "') and ('1'='1"),
  ],
};

const filter: NobodysName = {
  id: 'userid-filter-refused',
  title: 'MUST NOT respond with 200 when a search filter is appended to a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with a part of a search filter appended',
  why: 'An endpoint that inserts the userid into a filter also accepts a filter that matches every user.',
  change: 'escape the userid for the filter language, or pass it as a parameter',
  fix: [
    {
      stack: 'any',
      text: 'For LDAP, escape the value as in RFC 4515, section 3. For SCIM, write the value as a JSON string. For OData, double each single quote.',
    },
    { stack: 'spring', text: 'Use LdapQueryBuilder, or LdapEncoder.filterEncode.' },
  ],
  // For LDAP, SCIM and OData; each one only narrows the result.
  requests: (knownUser) => [
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
  title: 'MUST NOT respond with 200 to a known user name with a letter written as an LDAP, JSON or HTML escape',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with one letter written as an LDAP, JSON or HTML escape',
  why: 'An endpoint that decodes such an escape passes the userid to an interpreter without escaping it.',
  change: 'escape the userid for its destination, and decode nothing but the percent-encoding, and only once',
  requests: (knownUser) => {
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
  title: 'MUST NOT respond with 200 to a known user name that is percent-encoded twice',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-11'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name that is percent-encoded twice',
  why: 'Decoding twice maps a%2540b to a@b, so two names become one. A user with a plus sign in the name is not found.',
  change: 'decode the query once, either in the framework or in your own code',
  fix: [
    { stack: 'express', text: 'Do not use decodeURIComponent on request.query, which is already decoded.' },
    { stack: 'flask', text: 'Do not use unquote on request.args, which is already decoded.' },
    { stack: 'spring', text: 'Do not use URLDecoder on @RequestParam, which is already decoded.' },
    { stack: 'go', text: 'Do not use url.QueryUnescape on r.URL.Query(), which is already decoded.' },
    {
      stack: 'nginx',
      text: 'Decode the query either in nginx or in the endpoint, not in both: proxy_pass passes the value of a variable unchanged.',
    },
  ],
  requests: (knownUser) => [
    {
      userids: [withLetter(knownUser, /[a-z0-9@]/i, anyLetter, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
    },
  ],
};

const path: NobodysName = {
  id: 'userid-path-refused',
  title: 'MUST NOT respond with 200 to a userid that is a path to a known user name, such as x/../name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a path to a known user name, such as x/../name or name/.',
  why: 'If the userid becomes part of a file path or URL, dots and slashes lead to other users and directories.',
  change: 'percent-encode the userid before it becomes part of a path, and reject . and .. in file names',
  fix: [
    { stack: 'express', text: 'Use encodeURIComponent(userid) in the URL of the downstream service.' },
    { stack: 'flask', text: "Use quote(userid, safe='')." },
    { stack: 'spring', text: 'Use UriComponentsBuilder with encode(), or a template variable.' },
    { stack: 'go', text: 'Use url.PathEscape(userid).' },
    { stack: 'aspnet', text: 'Use Uri.EscapeDataString(userid).' },
  ],
  requests: (knownUser) => [
    around('./', knownUser, ''),
    around('kit-other/../', knownUser, ''),
    around('kit-other\\..\\', knownUser, ''),
    around('', knownUser, '/.'),
  ],
};

const urlPart: NobodysName = {
  id: 'userid-url-part-refused',
  title: 'MUST NOT respond with 200 when a URL query, fragment or parameter is appended to a known user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  request: 'a known user name with a URL query, fragment or parameter appended',
  why: 'An unescaped userid in the URL of another service ends at characters such as ? and #. The service then looks up another name.',
  change: 'percent-encode the userid before it becomes part of a URL',
  fix: [
    { stack: 'express', text: 'Use encodeURIComponent(userid), or URLSearchParams.' },
    { stack: 'flask', text: "Use quote(userid, safe=''), or the params argument of requests." },
    { stack: 'spring', text: 'Use UriComponentsBuilder with encode(), or a template variable.' },
    { stack: 'go', text: 'Use url.PathEscape, or url.Values.' },
    { stack: 'aspnet', text: 'Use Uri.EscapeDataString, or QueryHelpers.AddQueryString.' },
  ],
  requests: (knownUser) => ['?kit=1', '#kit', '&kit=1', ';kit=1'].map((after) => around('', knownUser, after)),
};

export const identityMetaCharacters: Topic = {
  title: 'User names with special characters',
  checks: [wildcard, like, expression, sql, filter, escapes, twice, path, urlPart].map(nobodysNameCheck),
};
