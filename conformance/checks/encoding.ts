// Owns the checks of how a 200 is packed: its declared type, charset and coding, and whether all of it came, and no more.

import { exceededLimits } from '../answer-limits.ts';
import type { Check, Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import type { Answer } from '../question.ts';
import { decodeBody, isJson, isUtf8, isWideUnicode } from '../user-info-body.ts';
import { bodyCheck } from './body-check.ts';
import { messageSyntaxChecks } from './message-syntax.ts';
import { toSentence } from './refusal-checks.ts';

const contentType = bodyCheck({
  id: 'known-user-content-type',
  level: 'SHOULD',
  title: 'SHOULD send a 200 as application/json',
  platformVerdict: 'refused',
  source: 'RFC 9110, 8.3; RFC 8259, 11',
  why: 'Many HTTP clients parse a body as JSON only when it is declared as such.',
  expected: 'Content-Type: application/json',
  change: 'set the header Content-Type to application/json',
  mend: [
    { stack: 'express', text: 'Use res.json instead of res.send with a string.' },
    { stack: 'flask', text: 'Return jsonify(…) instead of json.dumps(…).' },
    { stack: 'go', text: 'Set the header before the first byte is written: Go guesses text/plain from the content.' },
  ],
  takesTruncated: true,
  findFault: (answer) => (findMediaType(answer) === 'application/json' ? null : { seen: describeAnswer(answer) }),
});

const contentTypeOnce = bodyCheck({
  id: 'known-user-content-type-once',
  level: 'MUST',
  title: 'MUST NOT send two Content-Type headers with a 200',
  platformVerdict: 'refused',
  source: 'RFC 9110, 5.3: a header that is no list is sent once',
  why: 'Which of the two counts differs from client to client: one reads JSON, the other a page.',
  expected: 'at most one header Content-Type',
  change: 'set the header instead of adding to it, in the program or in the proxy, and not in both',
  mend: [
    { stack: 'go', text: 'Use w.Header().Set, not Add.' },
    { stack: 'nginx', text: 'Set the type with types or default_type: add_header Content-Type adds a second one.' },
  ],
  takesTruncated: true,
  findFault({ rawHeaders }) {
    const count = rawHeaders.filter(([name]) => name.toLowerCase() === 'content-type').length;
    return count > 1 ? { seen: `${count} of them` } : null;
  },
});

/** The charset that a content type declares, in lower case; null: none. */
function findCharset(answer: Answer): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(answer.header('content-type') ?? '')?.[1]?.toLowerCase() ?? null;
}

const charset = bodyCheck({
  id: 'known-user-charset',
  level: 'SHOULD',
  title: 'SHOULD NOT declare another charset than UTF-8 for a 200',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 8259, 8.1 and 11: JSON is UTF-8, and has no parameter charset',
  why: 'A client that believes the header reads Zürich as ZÃ¼rich, and such a name matches no group and no policy.',
  expected: 'no charset, or charset=utf-8',
  change: 'leave the charset out, or name utf-8',
  mend: [{ stack: 'spring', text: 'Set server.servlet.encoding.charset=UTF-8, with force=true.' }],
  takesTruncated: true,
  findFault(answer) {
    const name = findCharset(answer);
    return name === null || name === 'utf-8' || name === 'utf8' ? null : { seen: 'another charset' };
  },
});

const utf8 = bodyCheck({
  id: 'known-user-utf-8',
  level: 'MUST',
  title: 'MUST send a 200 in UTF-8',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 8259, 8.1',
  why: 'Names with other than ASCII letters arrive broken, and then match no group and no policy.',
  expected: 'a body in UTF-8',
  change: 'encode the body as UTF-8, and read the source in the encoding that it has',
  mend: [
    { stack: 'flask', text: 'Encode with .encode("utf-8") where bytes are written by hand.' },
    { stack: 'spring', text: 'Write with StandardCharsets.UTF_8: the default of the platform differs.' },
  ],
  findFault({ body }) {
    if (isWideUnicode(body)) return { seen: 'a body in UTF-16 or UTF-32' };
    return isUtf8(body) ? null : { seen: 'bytes that are no UTF-8, as Latin-1 would be' };
  },
});

const byteOrderMark = bodyCheck({
  id: 'known-user-byte-order-mark',
  level: 'MUST',
  title: 'MUST NOT begin a 200 with a byte order mark',
  platformVerdict: 'refused',
  source: 'RFC 8259, 8.1',
  why: 'Most JSON parsers refuse it, and an editor shows nothing of it.',
  expected: 'a body that begins with its first bracket',
  change: 'write the body without a byte order mark',
  mend: [{ stack: 'aspnet', text: 'Use new UTF8Encoding(false): Encoding.UTF8 writes the mark.' }],
  findFault: ({ body }) =>
    decodeBody(body).startsWith('\uFEFF') && isUtf8(body) ? { seen: 'a byte order mark' } : null,
});

/** A user's data has a few kilobytes, so the URL may well be another one. */
const tooLongChange =
  'check that the URL is the endpoint, and send nothing but the groups and authorizations of the one user';

const whole = bodyCheck({
  id: 'known-user-whole',
  level: 'MUST',
  title: 'MUST send as many bytes of a 200 as it announces',
  platformVerdict: 'refused',
  source: 'RFC 9110, 8.6; RFC 9112, 8',
  why: 'A client waits for the rest, or takes the part for the whole: the groups at its end are gone.',
  expected: 'as many bytes as Content-Length or the chunks announce',
  change: 'count Content-Length in bytes, not in characters, and do not set it by hand',
  mend: [
    { stack: 'express', text: 'Use Buffer.byteLength(text) where it is set by hand, not text.length.' },
    { stack: 'nginx', text: 'See whether the upstream breaks off, in the error log; raise proxy_read_timeout.' },
  ],
  takesTruncated: true,
  findFault({ isTruncated, exceeded }) {
    if (exceeded !== undefined) return { seen: exceededLimits[exceeded], change: tooLongChange };
    return isTruncated ? { seen: 'fewer bytes, then the end of the connection' } : null;
  },
});

const surplusChange = 'count Content-Length in bytes, and write nothing after the body';
const noSurplus: Check = {
  id: 'known-user-no-surplus',
  level: 'MUST',
  title: 'MUST NOT send more bytes of a 200 than it announces',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 9110, 8.6; RFC 9112, 6.3',
  why: 'On a kept-alive connection the next answer would begin in the midst of these bytes: one user gets what was meant for another.',
  mend: [{ stack: 'any', text: toSentence(surplusChange) }],
  needs: ['known-user'],
  async run(context) {
    const answer = await context.askOnce({ userids: [context.knownUser], isRaw: true });
    if (answer.status !== 200) throw new Untestable('The known user was not answered with 200: see known-user-200.');
    const surplus = answer.surplusBytes ?? 0;
    assertConforms(surplus === 0, {
      asked: 'a known user, every byte of the answer looked at',
      expected: 'the end of the answer where its length says',
      seen: `${surplus} bytes after the end`,
      change: surplusChange,
      answers: [answer],
    });
  },
};

const decodable: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br']);

/** The declared content coding in lower case; null when there is none. */
function findCoding(answer: Answer): string | null {
  const coding = answer.header('content-encoding')?.trim().toLowerCase() ?? '';
  return coding === '' || coding === 'identity' ? null : coding;
}

/** Whether the bytes do not have the coding that is declared. Of a coding that the kit does not know it can't tell. */
function isFalselyCoded(answer: Answer): boolean {
  // Decoding gives the very same bytes back where it failed.
  return decodable.has(findCoding(answer) ?? '') && answer.body.length > 0 && answer.body.equals(answer.wireBody);
}

const codingChange = 'compress what Content-Encoding says is compressed, once, and leave the header out else';
const codingTrue = bodyCheck({
  id: 'known-user-content-encoding-true',
  level: 'MUST',
  title: 'MUST NOT declare a content coding that the body does not have',
  platformVerdict: 'refused',
  source: 'RFC 9110, 8.4',
  why: 'A client that undoes the coding finds garbage, and has no user info.',
  expected: 'a body that the declared Content-Encoding undoes',
  change: codingChange,
  mend: [{ stack: 'nginx', text: 'Pass on what the upstream compressed as it is, or let nginx alone compress.' }],
  findFault: (answer) => (isFalselyCoded(answer) ? { seen: 'a body that has another coding, or none' } : null),
});

const notCoded = bodyCheck({
  id: 'known-user-content-coding',
  level: 'SHOULD',
  title: 'SHOULD NOT compress a 200 when identity was asked for',
  platformVerdict: 'refused',
  source: 'RFC 9110, 12.5.3; User info contract, what is not known: gzip',
  why: 'Whether the platform undoes compression is documented nowhere; what was not asked for may be read as garbage.',
  expected: 'no Content-Encoding, as Accept-Encoding: identity asks',
  change: 'compress only when Accept-Encoding offers it',
  mend: [{ stack: 'nginx', text: 'Set gzip_static on, not always, and no gunzip off for this path.' }],
  findFault(answer) {
    if (isFalselyCoded(answer)) {
      throw new Untestable('The declared coding is not that of the body: see known-user-content-encoding-true.');
    }
    return findCoding(answer) === null ? null : { seen: 'a Content-Encoding' };
  },
});

const gzipOffered: Check = {
  id: 'gzip-offered-readable',
  level: 'MUST',
  title: 'MUST send a 200 that can be read also when gzip is offered',
  platformVerdict: 'refused',
  source: 'RFC 9110, 8.4 and 12.5.3',
  why: 'Most HTTP clients offer gzip unasked. Where the answer is then packed twice or wrongly, they have no user info.',
  mend: [
    { stack: 'any', text: toSentence(codingChange) },
    { stack: 'nginx', text: 'Pass on what the upstream compressed as it is, or let nginx alone compress.' },
  ],
  needs: ['control'],
  async run(context) {
    const plain = await context.askOnce({ userids: [context.knownUser] });
    if (!isJson(decodeBody(plain.body))) throw new Untestable('The body is no JSON without it: see known-user-json.');
    const answer = await context.askOnce({ userids: [context.knownUser], headers: [['Accept-Encoding', 'gzip']] });
    const coding = findCoding(answer);
    const isReadable = (coding === null || decodable.has(coding)) && !isFalselyCoded(answer);
    assertConforms(answer.status === 200 && isReadable && isJson(decodeBody(answer.body)), {
      asked: 'a known user, with Accept-Encoding: gzip',
      expected: 'status 200 and JSON, as it is or compressed with gzip',
      seen: `${describeAnswer(answer)}, ${coding === null ? 'without' : 'with'} Content-Encoding, and no JSON in it`,
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
