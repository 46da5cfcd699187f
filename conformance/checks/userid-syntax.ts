// Owns the checks of a userid that is there and is still none: over-long, badly encoded, with control characters, under another name.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { quoteForShell } from '../curl-line.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import { type Refusal, refusalChecks, toSentence } from './refusal-checks.ts';

/** The known user's query with `after` behind the user id, byte for byte. */
function knownUserAnd(after: string, { knownUser }: CheckContext): ShortQuestion {
  return {
    userids: [],
    query: `userid=${encodeURIComponent(knownUser)}${after}`,
    shown: `userid=\${KNOWN_USER_ENCODED}${after}`,
  };
}

const shared = {
  source: 'User info contract, semantics: 200 is sent only when the user was found exactly once',
  statusSource:
    'User info contract, statuses: a userid that is over-long, badly encoded or has control characters is 400',
  status: 400,
  // What frameworks that validate parameters answer: RFC 9110, 15.5.21.
  otherStatuses: [422],
  needs: ['control'],
} as const;

/** Statuses of a decoder that keeps what it can not read, or replaces it, where nobody has the name that comes of it. */
const asNobodysName = [422, 404, 410, 204, 403];

/** Below the 8 KiB that servers take for a request line, so that the endpoint itself is asked. */
const overLongBytes = 6000;

const overLong: Refusal = {
  ...shared,
  id: 'userid-over-long',
  request: 'a userid of 6,000 characters that begins with a known one',
  // A longer limit is the endpoint's choice, and then nobody has this name; a server's own limit has other statuses.
  otherStatuses: [...asNobodysName, 414, 431],
  why: 'A name that is cut to the width of a column or of a buffer is another user’s name.',
  change: 'answer 400 when the userid is longer than any that you give out, before the source is asked',
  mayClose: true,
  questions: ({ knownUser }) => [
    {
      userids: [knownUser.padEnd(overLongBytes, 'x')],
      // So many zeros, made into the letter.
      shown: `\${KNOWN_USER}$(printf "%0$((6000 - \${#KNOWN_USER}))d" 0 | tr 0 x)`,
    },
  ],
};

const badPercent: Refusal = {
  ...shared,
  id: 'userid-bad-percent',
  otherStatuses: asNobodysName,
  request: 'a known user followed by a percent sign that escapes nothing',
  why: 'A decoder that drops what it can not read makes two names one: the answer is that of somebody who was not asked for.',
  change: 'answer 400 when a percent sign is not followed by two hexadecimal digits',
  mend: [
    {
      stack: 'express',
      text: 'Decode with decodeURIComponent and catch its URIError: the usual query parsers keep such text.',
    },
    { stack: 'flask', text: 'Look at request.query_string: request.args keeps such text as it is.' },
    { stack: 'go', text: 'Use url.ParseQuery(r.URL.RawQuery) and look at its error: r.URL.Query() drops it.' },
  ],
  mayClose: true,
  questions: (context) => [knownUserAnd('%', context), knownUserAnd('%zz', context)],
};

const notUtf8: Refusal = {
  ...shared,
  id: 'userid-not-utf-8',
  otherStatuses: asNobodysName,
  request: 'a known user with bytes that are no UTF-8',
  why: 'A decoder that drops or repairs such bytes makes two names one: the answer is that of somebody who was not asked for.',
  change: 'decode strictly, and answer 400 when the bytes are no UTF-8',
  mend: [
    {
      stack: 'flask',
      text: "Use urllib.parse.unquote_to_bytes and .decode('utf-8', 'strict'): request.args replaces bytes.",
    },
    { stack: 'spring', text: 'Decode with a CharsetDecoder that reports: the default replaces bytes.' },
    { stack: 'go', text: 'Check utf8.ValidString: strings may hold any bytes.' },
    { stack: 'aspnet', text: 'Decode with new UTF8Encoding(false, true), which throws.' },
  ],
  mayClose: true,
  questions: (context) => [knownUserAnd('%FF', context), ...askOverlong(context)],
};

/** The known user with its first ASCII character in two bytes, a form that UTF-8 forbids and careless decoders read. */
function askOverlong({ knownUser }: CheckContext): ShortQuestion[] {
  const index = knownUser.search(/[\x21-\x7e]/);
  if (index < 0) return [];
  const code = knownUser.charCodeAt(index);
  const bytes = [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
  const overlong = bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join('');
  const [before, after] = [knownUser.slice(0, index), knownUser.slice(index + 1)].map(encodeURIComponent);
  return [{ userids: [], query: `userid=${before}${overlong}${after}` }];
}

const controlCharacter: Refusal = {
  ...shared,
  id: 'userid-control-character',
  otherStatuses: asNobodysName,
  request: 'a known user with a control character',
  why: 'What stops reading at NUL, or trims line ends and tabs, takes another name for the known one.',
  change: 'answer 400 when the decoded userid has a control character, before the source is asked',
  mayClose: true,
  questions: (context) => [
    knownUserAnd('%00', context),
    knownUserAnd('%00x', context),
    knownUserAnd('%0D%0A', context),
    knownUserAnd('%09', context),
    knownUserAnd('%7F', context),
  ],
};

const bracketed: Refusal = {
  ...shared,
  id: 'userid-bracketed',
  request: 'userid[]= or userid[$ne]= in place of userid=',
  statusSource: 'User info contract, statuses: a userid that is missing is 400',
  why: 'Query parsers make lists and objects of them: {"$ne": "x"} in a look-up finds the first user who is not x.',
  change: 'take the parameter whose name is userid, and only as one text',
  mend: [
    {
      stack: 'express',
      text: "Set app.set('query parser', 'simple'), and refuse when typeof req.query.userid is not 'string'.",
    },
  ],
  questions: ({ knownUser }) => [
    { userids: [], query: `userid[]=${encodeURIComponent(knownUser)}`, shown: `userid[]=\${KNOWN_USER_ENCODED}` },
    { userids: [], query: 'userid[$ne]=x', shown: 'userid[\\$ne]=x' },
  ],
};

const escapedName: Check = {
  id: 'userid-escaped-name',
  level: 'SHOULD',
  platformVerdict: 'silently-wrong-access',
  title: 'SHOULD see a second userid also when its name is percent-encoded',
  source: 'User info contract, statuses: a userid that is repeated is 400; WHATWG URL, 5.1; RFC 3986, 6.2.2.2',
  why: 'For whoever decodes names, user%69d is userid. A proxy may check one of the two, and the endpoint answer for the other.',
  mend: [
    {
      stack: 'any',
      text: 'Decode the names of parameters too before they are compared, and refuse when userid is there twice.',
    },
    { stack: 'nginx', text: '$arg_userid sees neither repeats nor escapes: match $args as a whole.' },
  ],
  needs: ['control'],
  async run(context) {
    const { knownUser, unknownUser } = context;
    const answer = await context.askOnce({
      userids: [],
      query: `userid=${encodeURIComponent(knownUser)}&user%69d=${encodeURIComponent(unknownUser)}`,
      shown: `userid=\${KNOWN_USER_ENCODED}&user%69d=\${UNKNOWN_USER_ENCODED}`,
    });
    assertConforms(answer.status !== 200, {
      asked: 'a known user and, under a percent-encoded name, an unknown one',
      expected: 'any status but 200',
      seen: describeAnswer(answer),
      change: 'decode the names of parameters before they are compared, and refuse when userid is there twice',
      answers: [answer],
    });
  },
};

const builtIn: Refusal = {
  id: 'userid-built-in-name',
  request: 'constructor, __proto__ or toString as userid',
  source: shared.source,
  statusSource: 'User info contract, statuses: an unknown user is 404',
  status: 404,
  otherStatuses: [410, 204, 403, 400, 422],
  needs: ['control'],
  why: 'Where users are kept in a plain object, constructor and __proto__ are found in it: a user who is not there is answered.',
  change: 'keep users in a map, or ask whether the object itself has the key',
  mend: [{ stack: 'express', text: 'Use a Map, or Object.hasOwn(users, userid), instead of users[userid].' }],
  questions: () => ['constructor', '__proto__', 'toString'].map((userid) => ({ userids: [userid], shown: userid })),
};

/** Names that some user may have, and that trouble programs which put texts together. No one of them is a user's by chance. */
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

const oddChange = 'pass the userid to the source as a parameter, or escaped for it, and answer 404 when nobody has it';

const noServerError: Check = {
  id: 'userid-odd-no-5xx',
  level: 'SHOULD',
  platformVerdict: 'refused',
  title: 'SHOULD NOT answer a userid that is merely odd with a server error',
  source: 'User info contract, statuses: an unknown user is 404; RFC 9110, 15.6: 5xx says that the server has failed',
  why: 'A 500 for a quote or an emoji says that the name went into a query or a path as it was; users with such names get no user info.',
  mend: [
    { stack: 'any', text: toSentence(oddChange) },
    { stack: 'flask', text: 'Let the database driver fill in the parameters: cursor.execute(sql, (userid,)).' },
    { stack: 'spring', text: 'Use a PreparedStatement, and LdapEncoder.filterEncode for LDAP.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const userid of oddUserids) {
      const answer = await context.askOnce({ userids: [userid], shown: quoteForShell(userid) });
      assertConforms(answer.status < 500, {
        asked: 'an unknown user whose name has quotes, signs, letters of many scripts, or 256 characters',
        expected: 'status 404, or another that is no server error',
        seen: describeAnswer(answer),
        change: oddChange,
        answers: [answer],
      });
    }
  },
};

export const useridSyntax: Topic = {
  title: 'A userid that is none',
  checks: [
    ...[overLong, badPercent, notUtf8, controlCharacter, bracketed].flatMap(refusalChecks),
    escapedName,
    ...refusalChecks(builtIn),
    noServerError,
  ],
};
