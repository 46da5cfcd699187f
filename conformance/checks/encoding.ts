// Checks of how a 200 is encoded: media type, charset, content coding and length.

import type { Check, Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import { exceededLimits } from '../http/answer-limits.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, describeAnswer, findMediaType } from '../report/finding.ts';
import { decodeBody, isJson, isUtf8, isWideUnicode } from '../user-info-body.ts';
import { askAnsweredUsers, bodyCheck } from './body-check.ts';
import { messageSyntaxChecks } from './message-syntax.ts';
import { toSentence } from './refusal-checks.ts';

const contentType = bodyCheck({
  id: 'known-user-content-type',
  title: 'SHOULD send a 200 as application/json',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-2'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Many HTTP clients parse a body as JSON only if it is declared as JSON.',
  expected: 'Content-Type: application/json',
  change: 'set the header Content-Type to application/json',
  fix: [
    { stack: 'express', text: 'Use res.json instead of res.send with a string.' },
    { stack: 'flask', text: 'Return jsonify(…) instead of json.dumps(…).' },
    { stack: 'go', text: 'Set the header before writing the first byte: otherwise Go guesses text/plain.' },
  ],
  takesTruncated: true,
  findFault: (answer) => (findMediaType(answer) === 'application/json' ? null : { seen: describeAnswer(answer) }),
});

const contentTypeOnce = bodyCheck({
  id: 'known-user-content-type-once',
  title: 'MUST NOT send more than one Content-Type header with a 200',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-1'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Clients differ in which of the two headers they use: one reads JSON, another reads HTML.',
  expected: 'at most one Content-Type header',
  change: 'set the header once, in either the program or the proxy, instead of adding a second one',
  fix: [
    { stack: 'go', text: 'Use w.Header().Set, not Add.' },
    { stack: 'nginx', text: 'Set the type with types or default_type: add_header Content-Type adds a second header.' },
  ],
  takesTruncated: true,
  findFault({ rawHeaders }) {
    const count = rawHeaders.filter(([name]) => name.toLowerCase() === 'content-type').length;
    return count > 1 ? { seen: `${count} of them` } : null;
  },
});

/** Returns the charset that a content type declares, in lower case; null: none. */
function findCharset(answer: Answer): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(answer.header('content-type') ?? '')?.[1]?.toLowerCase() ?? null;
}

const charset = bodyCheck({
  id: 'known-user-charset',
  title: 'SHOULD NOT declare a charset other than UTF-8 for a 200',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-3'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A client that follows the header reads Zürich as ZÃ¼rich, which matches no group and no policy.',
  expected: 'no charset, or charset=utf-8',
  change: 'omit the charset, or set it to utf-8',
  fix: [{ stack: 'spring', text: 'Set server.servlet.encoding.charset=UTF-8, with force=true.' }],
  takesTruncated: true,
  findFault(answer) {
    const name = findCharset(answer);
    return name === null || name === 'utf-8' || name === 'utf8' ? null : { seen: 'another charset' };
  },
});

const utf8 = bodyCheck({
  id: 'known-user-utf-8',
  title: 'MUST encode the body of a 200 in UTF-8',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-5'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'Names with non-ASCII letters arrive garbled, and match no group and no policy.',
  expected: 'a body in UTF-8',
  change: 'encode the body in UTF-8, and read the data source in its encoding',
  fix: [
    { stack: 'flask', text: 'Encode with .encode("utf-8") if you write bytes yourself.' },
    { stack: 'spring', text: 'Write with StandardCharsets.UTF_8: before Java 18, the default depends on the system.' },
  ],
  findFault({ body }) {
    if (isWideUnicode(body)) return { seen: 'a body in UTF-16 or UTF-32' };
    return isUtf8(body) ? null : { seen: 'bytes that are not UTF-8, e.g. Latin-1' };
  },
});

const byteOrderMark = bodyCheck({
  id: 'known-user-byte-order-mark',
  title: 'MUST NOT begin the body of a 200 with a byte order mark',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-5'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Most JSON parsers reject a byte order mark, and editors do not show it.',
  expected: 'a body without a byte order mark',
  change: 'write the body without a byte order mark',
  fix: [{ stack: 'aspnet', text: 'Use new UTF8Encoding(false): Encoding.UTF8 writes the mark.' }],
  findFault: ({ body }) =>
    decodeBody(body).startsWith('\uFEFF') && isUtf8(body) ? { seen: 'a byte order mark' } : null,
});

/** The data of a user is a few kilobytes, so the URL is probably wrong. */
const tooLongChange =
  'check that the URL is that of the endpoint, and send only the groups and authorizations of the requested user';

const whole = bodyCheck({
  id: 'known-user-whole',
  title: 'MUST send as many bytes in a 200 as its headers announce',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-6'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A client waits for the missing bytes, or accepts the truncated body, without the groups at the end.',
  expected: 'as many bytes as Content-Length or the chunks announce',
  change: 'count Content-Length in bytes instead of characters, or let the server set it',
  fix: [
    {
      stack: 'express',
      text: 'Use Buffer.byteLength(text) instead of text.length if you set Content-Length yourself.',
    },
    { stack: 'nginx', text: 'Check the error log for upstream errors, and increase proxy_read_timeout.' },
  ],
  takesTruncated: true,
  findFault({ isTruncated, exceeded }) {
    if (exceeded !== undefined) return { seen: exceededLimits[exceeded], change: tooLongChange };
    return isTruncated ? { seen: 'fewer bytes before the connection was closed' } : null;
  },
});

const surplusChange = 'count Content-Length in bytes, and write nothing after the body';
const noSurplus: Check = {
  id: 'known-user-no-surplus',
  title: 'MUST NOT send more bytes in a 200 than its headers announce',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-5'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'On a persistent connection, a client reads the surplus bytes as the next response. One user can then get the data of another.',
  fix: [{ stack: 'any', text: toSentence(surplusChange) }],
  needs: ['known-user'],
  async run(context) {
    const answered = await askAnsweredUsers(context);
    // The length is wrong either in every response, or, if characters are counted instead of bytes, only in those with non-ASCII characters.
    const asked = answered.filter(({ answer }, index) => index === 0 || answer.wireBody.some((byte) => byte > 0x7f));
    for (const { userid } of asked) {
      const answer = await context.askOnce({ userids: [userid], isRaw: true });
      if (answer.status !== 200) throw new Untestable('The known user did not get a 200: see known-user-200.');
      const surplus = answer.surplusBytes ?? 0;
      assertConforms(surplus === 0, {
        asked: 'a known user, with every byte of the response examined',
        expected: 'a response that ends where its headers announce',
        seen: `${surplus} bytes after the end`,
        change: surplusChange,
        answers: [answer],
      });
    }
  },
};

const decodable: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br']);

/** Returns the declared content coding in lower case; null if there is none. */
function findCoding(answer: Answer): string | null {
  const coding = answer.header('content-encoding')?.trim().toLowerCase() ?? '';
  return coding === '' || coding === 'identity' ? null : coding;
}

/** Returns whether the bytes are not in the declared coding. Codings that the kit does not know are accepted. */
function isFalselyCoded(answer: Answer): boolean {
  // Decoding returns the same bytes if it fails.
  return decodable.has(findCoding(answer) ?? '') && answer.body.length > 0 && answer.body.equals(answer.wireBody);
}

const codingChange = 'compress the body once, and only if Content-Encoding declares it';
const codingTrue = bodyCheck({
  id: 'known-user-content-encoding-true',
  title: 'MUST NOT declare a content coding that the body of a 200 does not have',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-6'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A client that decodes the body gets garbage.',
  expected: 'a body with the declared Content-Encoding',
  change: codingChange,
  fix: [{ stack: 'nginx', text: 'Let either the upstream or nginx compress, not both.' }],
  findFault: (answer) => (isFalselyCoded(answer) ? { seen: 'a body with a different coding, or none' } : null),
});

const notCoded = bodyCheck({
  id: 'known-user-content-coding',
  title: 'SHOULD NOT compress a 200 if the request accepts only identity',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-7'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'The documentation does not say whether the platform decompresses responses.',
  expected: 'no Content-Encoding, as requested by Accept-Encoding: identity',
  change: 'compress only if Accept-Encoding allows it',
  fix: [{ stack: 'nginx', text: 'Set gzip_static to on instead of always for this path.' }],
  findFault(answer) {
    if (isFalselyCoded(answer)) {
      throw new Untestable('The body does not have the declared coding: see known-user-content-encoding-true.');
    }
    return findCoding(answer) === null ? null : { seen: 'a Content-Encoding' };
  },
});

const gzipOffered: Check = {
  id: 'gzip-offered-readable',
  title: 'MUST send a 200 that can be decoded if the request accepts gzip',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-6'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Most HTTP clients accept gzip by default. If the response is compressed twice or incorrectly, they get no user info.',
  fix: [
    { stack: 'any', text: toSentence(codingChange) },
    { stack: 'nginx', text: 'Let either the upstream or nginx compress, not both.' },
  ],
  needs: ['control'],
  async run(context) {
    const plain = await context.askOnce({ userids: [context.knownUser] });
    if (!isJson(decodeBody(plain.body)))
      throw new Untestable(
        'Without compression, the body cannot be read as JSON: see known-user-json and known-user-byte-order-mark.',
      );
    const answer = await context.askOnce({ userids: [context.knownUser], headers: [['Accept-Encoding', 'gzip']] });
    const coding = findCoding(answer);
    const isReadable = (coding === null || decodable.has(coding)) && !isFalselyCoded(answer);
    assertConforms(answer.status === 200 && isReadable && isJson(decodeBody(answer.body)), {
      asked: 'a known user, with Accept-Encoding: gzip',
      expected: 'status 200 and JSON, uncompressed or compressed with gzip',
      seen: `${describeAnswer(answer)}, ${coding === null ? 'without' : 'with'} Content-Encoding; not a 200 with a body that can be read as JSON`,
      change: codingChange,
      answers: [answer],
    });
  },
};

export const encoding: Topic = {
  title: 'The encoding of a 200',
  checks: [
    ...[contentType, contentTypeOnce, charset, utf8, byteOrderMark, whole, noSurplus],
    ...messageSyntaxChecks,
    ...[codingTrue, notCoded, gzipOffered],
  ],
};
