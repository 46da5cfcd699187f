// Checks of a malformed userid: too long, badly encoded, with control characters, or under another parameter name.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { quoteForShell } from '../http/curl-line.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { askOrClosed, type Refusal, refusalChecks, toSentence } from './refusal-checks.ts';

/** Returns the known user's query with text around the name, byte for byte. */
function aroundKnownUser(before: string, after: string, { knownUser }: CheckContext): ShortRequest {
  return {
    userids: [],
    query: `userid=${before}${encodeURIComponent(knownUser)}${after}`,
    shown: `userid=${before}\${KNOWN_USER_ENCODED}${after}`,
  };
}

/** Returns the known user's query with `after` appended, byte for byte. */
const knownUserAnd = (after: string, context: CheckContext): ShortRequest => aroundKnownUser('', after, context);

const shared = {
  // 422 is the response of frameworks that validate parameters (RFC 9110, 15.5.21).
  statuses: [400, 422],
  needs: ['control'],
} as const;

/** Statuses that are suitable if a decoder keeps or replaces what it cannot decode, because no user has the resulting name. */
const asUnknownName = [400, 422, 404, 410, 204, 403];

/** Below the 8 KiB that servers accept for a request line, so that the request reaches the endpoint. */
const overLongBytes = 6000;

const overLong: Refusal = {
  ...shared,
  refused: {
    id: 'userid-over-long-refused',
    title: 'MUST respond with a non-200 status to a userid of 6,000 characters that begins with a known user name',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-9'],
    impact: 'silently-wrong-access',
    sentByPlatform: true,
  },
  status: {
    id: 'userid-over-long-400',
    title: 'MAY respond with 400, 422, 404, 410, 204, 403, 414 or 431 to a userid of 6,000 characters',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
    sentByPlatform: true,
  },
  request: 'a userid of 6,000 characters that begins with a known user name',
  // The endpoint may choose a higher limit; servers have separate statuses for their own limits.
  statuses: [...asUnknownName, 414, 431],
  why: 'A name that is truncated to the width of a column or buffer can be the name of another user.',
  change: 'before the lookup, respond with 400 when the userid is longer than any real userid',
  requests: ({ knownUser }) => [
    {
      userids: [knownUser.padEnd(overLongBytes, 'x')],
      // printf writes this number of zeros, and tr replaces them with x.
      shown: `\${KNOWN_USER}$(printf "%0$((6000 - \${#KNOWN_USER}))d" 0 | tr 0 x)`,
    },
  ],
};

const badPercent: Refusal = {
  ...shared,
  refused: {
    id: 'userid-bad-percent-refused',
    title: 'SHOULD respond with a non-200 status to a known user name followed by a malformed percent-encoding',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-7'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'userid-bad-percent-400',
    title: 'MAY respond with 400, 422, 404, 410, 204 or 403 to a malformed percent-encoding',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
  },
  statuses: asUnknownName,
  request: 'a known user followed by a malformed percent-encoding',
  why: 'A decoder that drops what it cannot decode maps two names to one. The response is then for a user who was not requested.',
  change: 'respond with 400 when a percent sign is not followed by two hexadecimal digits',
  fix: [
    {
      stack: 'express',
      text: 'Decode with decodeURIComponent and catch its URIError: common query parsers keep malformed percent-encodings.',
    },
    { stack: 'flask', text: 'Parse request.query_string: request.args keeps malformed percent-encodings unchanged.' },
    { stack: 'go', text: 'Use url.ParseQuery(r.URL.RawQuery) and check its error: r.URL.Query() ignores the error.' },
  ],
  requests: (context) => [knownUserAnd('%', context), knownUserAnd('%zz', context)],
};

const notUtf8: Refusal = {
  ...shared,
  refused: {
    id: 'userid-not-utf-8-refused',
    title: 'MUST respond with a non-200 status to a known user name with bytes that are not UTF-8',
    ruleSet: 'standards',
    level: 'MUST',
    clauses: ['S-9'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'userid-not-utf-8-400',
    title: 'MAY respond with 400, 422, 404, 410, 204 or 403 to a userid that is not UTF-8',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
  },
  statuses: asUnknownName,
  request: 'a known user with bytes that are not UTF-8',
  why: 'A decoder that drops or replaces such bytes maps two names to one. The response is then for a user who was not requested.',
  change: 'decode strictly, and respond with 400 when the bytes are not UTF-8',
  fix: [
    {
      stack: 'flask',
      text: "Use urllib.parse.unquote_to_bytes and .decode('utf-8', 'strict'): request.args does not reject invalid bytes.",
    },
    { stack: 'spring', text: 'Decode with a CharsetDecoder that reports errors: the default replaces invalid bytes.' },
    { stack: 'go', text: 'Check utf8.ValidString: strings may contain any bytes.' },
    { stack: 'aspnet', text: 'Decode with new UTF8Encoding(false, true), which throws.' },
  ],
  requests: (context) => [knownUserAnd('%FF', context), ...askOverlong(context)],
};

/**
 * Returns a request for a known user with the first ASCII character of the name encoded in two bytes. Returns an empty list if no name has such a
 * character. UTF-8 forbids this form, but some decoders accept it.
 */
function askOverlong({ options }: CheckContext): ShortRequest[] {
  const ascii = /[\x21-\x7e]/;
  const knownUser = options.knownUsers.find((userid) => ascii.test(userid));
  if (knownUser === undefined) return [];
  const index = knownUser.search(ascii);
  const code = knownUser.charCodeAt(index);
  const bytes = [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
  const overlong = bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join('');
  const [before, after] = [knownUser.slice(0, index), knownUser.slice(index + 1)].map(encodeURIComponent);
  return [{ userids: [], query: `userid=${before}${overlong}${after}` }];
}

const controlCharacter: Refusal = {
  ...shared,
  refused: {
    id: 'userid-control-character-refused',
    title: 'MUST respond with a non-200 status to a known user name with a control character',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-9'],
    impact: 'silently-wrong-access',
    sentByPlatform: true,
  },
  status: {
    id: 'userid-control-character-400',
    title: 'MAY respond with 400, 422, 404, 410, 204 or 403 to a userid with a control character',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
    sentByPlatform: true,
  },
  statuses: asUnknownName,
  request: 'a known user with a control character',
  why: 'Some endpoints stop at NUL, trim line breaks and tabs, or use a regular expression whose ^ and $ match at line breaks. Such an endpoint mistakes another name for the known user name.',
  change: 'before the lookup, respond with 400 when the decoded userid contains a control character',
  fix: [
    {
      stack: 'flask',
      text: 'Use re.fullmatch, or \\Z in place of $: in Python, $ also matches before a line feed at the end.',
    },
    {
      stack: 'spring',
      text: 'Use String.equals or Matcher.matches: with find, $ also matches before a line break at the end.',
    },
    { stack: 'go', text: 'Use ==, and do not use (?m) in a regular expression.' },
  ],
  requests: (context) => [
    knownUserAnd('%00', context),
    knownUserAnd('%00x', context),
    knownUserAnd('%7F', context),
    // A name on its own line, to test regular expressions in which ^ and $ match at line breaks.
    aroundKnownUser('kit%0A', '%0Akit', context),
    // If surrounding white space is declared insignificant, it may include these characters.
    ...(context.options.useridSpaces === 'trimmed'
      ? []
      : [
          knownUserAnd('%0D%0A', context),
          knownUserAnd('%09', context),
          knownUserAnd('%0A', context),
          aroundKnownUser('%0A', '', context),
        ]),
  ],
};

const bracketed: Refusal = {
  ...shared,
  refused: {
    id: 'userid-bracketed-refused',
    title: 'SHOULD respond with a non-200 status to userid[]= or userid[$ne]= in place of userid=',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-7'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'userid-bracketed-400',
    title: 'MAY respond with 400 or 422 to userid[]= or userid[$ne]= in place of userid=',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
  },
  request: 'userid[]= or userid[$ne]= in place of userid=',
  why: 'Query parsers convert such parameters to lists and objects. In a lookup, {"$ne": "x"} finds the first user who is not x.',
  change: 'accept only the parameter whose name is exactly userid, as one string',
  fix: [
    {
      stack: 'express',
      text: "Call app.set('query parser', 'simple'), and reject the request if typeof req.query.userid is not 'string'.",
    },
  ],
  requests: ({ knownUser }) => [
    { userids: [], query: `userid[]=${encodeURIComponent(knownUser)}`, shown: `userid[]=\${KNOWN_USER_ENCODED}` },
    { userids: [], query: 'userid[$ne]=x', shown: 'userid[\\$ne]=x' },
  ],
};

const escapedName: Check = {
  id: 'userid-escaped-name',
  title: 'MAY detect a second userid whose parameter name is percent-encoded',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-8'],
  impact: 'silently-wrong-access',
  why: 'After decoding, user%69d is userid. A proxy may check one of the two values while the endpoint responds for the other.',
  fix: [
    {
      stack: 'any',
      text: 'Decode parameter names before comparing them, and respond with 400 when userid is repeated.',
    },
    { stack: 'nginx', text: '$arg_userid detects neither repeats nor escapes: match the whole $args.' },
  ],
  needs: ['control'],
  async run(context) {
    const { knownUser, unknownUser } = context;
    const answer = await askOrClosed(context, {
      userids: [],
      query: `userid=${encodeURIComponent(knownUser)}&user%69d=${encodeURIComponent(unknownUser)}`,
      shown: `userid=\${KNOWN_USER_ENCODED}&user%69d=\${UNKNOWN_USER_ENCODED}`,
    });
    if (answer === null) return;
    assertConforms(answer.status !== 200, {
      asked: 'a known user, and an unknown user under a percent-encoded parameter name',
      expected: 'any status other than 200',
      seen: describeAnswer(answer),
      change: 'decode parameter names before comparing them, and respond with 400 when userid is repeated',
      answers: [answer],
    });
  },
};

const builtIn: Refusal = {
  refused: {
    id: 'userid-built-in-name-refused',
    title: 'MUST respond with a non-200 status to constructor, __proto__ or toString as userid',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-8'],
    impact: 'silently-wrong-access',
    sentByPlatform: true,
  },
  status: {
    id: 'userid-built-in-name-404',
    title: 'SHOULD respond with 404, 410, 204, 403, 400 or 422 to constructor, __proto__ or toString as userid',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-9'],
    impact: 'cosmetic',
    sentByPlatform: true,
  },
  request: 'constructor, __proto__ or toString as userid',
  statuses: [404, 410, 204, 403, 400, 422],
  needs: ['control'],
  why: 'A lookup in a plain JavaScript object finds these names, so the endpoint responds for a user who does not exist.',
  change: 'keep users in a Map, or test whether the object itself has the key',
  fix: [{ stack: 'express', text: 'Use a Map, or Object.hasOwn(users, userid), instead of users[userid].' }],
  requests: () => ['constructor', '__proto__', 'toString'].map((userid) => ({ userids: [userid], shown: userid })),
};

/** Possible user names that break programs that concatenate strings. None of them is a real user name by chance. */
const oddUserids = [
  "kit'quote",
  'kit"quote',
  'kit\\slash',
  'kit%percent',
  'kit(paren)*',
  'kit;semicolon--',
  'kit{{7*7}}',
  'kit 😀 ü ß ﷽',
  'kit-'.padEnd(256, 'x'),
];

const oddChange =
  'pass the userid to the data source as a parameter or escaped, and respond with 404 when the user is unknown';

const noServerError: Check = {
  id: 'userid-odd-no-5xx',
  title: 'SHOULD NOT respond with a server error to a userid with unusual characters',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-10'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A 500 for a quote or an emoji suggests that a query or path contains the name unescaped or unencoded. Users with such names get no user info.',
  fix: [
    { stack: 'any', text: toSentence(oddChange) },
    { stack: 'flask', text: 'Let the database driver bind the parameters: cursor.execute(sql, (userid,)).' },
    { stack: 'spring', text: 'Use a PreparedStatement, and LdapEncoder.filterEncode for LDAP.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const userid of oddUserids) {
      const answer = await askOrClosed(context, { userids: [userid], shown: quoteForShell(userid) });
      if (answer === null) continue;
      assertConforms(answer.status < 500, {
        asked:
          'an unknown user whose name contains quotes, punctuation, an emoji or non-ASCII letters, or has 256 characters',
        expected: 'status 404, or any other status below 500',
        seen: describeAnswer(answer),
        change: oddChange,
        answers: [answer],
      });
    }
  },
};

export const useridSyntax: Topic = {
  title: 'Malformed userid',
  checks: [
    ...[overLong, badPercent, notUtf8, controlCharacter, bracketed].flatMap(refusalChecks),
    escapedName,
    ...refusalChecks(builtIn),
    noServerError,
  ],
};
