// Owns the checks of answers that break the grammar of HTTP so that Node's own client takes none of them: lengths told twice, malformed headers.
import type { Check } from '../check.ts';
import { assertConforms } from '../finding.ts';
import type { Answer } from '../question.ts';
import { bodyCheck } from './body-check.ts';
import { askErrors, everyError } from './error-cases.ts';

/** What is wrong with how the end of an answer is told; null: nothing. */
function findLengthFault({ rawHeaders }: Answer): string | null {
  const valuesOf = (header: string) =>
    rawHeaders.filter(([name]) => name.trim().toLowerCase() === header).map(([, value]) => value);
  const lengths = valuesOf('content-length');
  if (lengths.length > 0 && valuesOf('transfer-encoding').length > 0) return 'Content-Length beside Transfer-Encoding';
  if (lengths.length > 1) return `${lengths.length} headers Content-Length, ${new Set(lengths).size} values`;
  return lengths.some((length) => !/^\d+$/.test(length)) ? 'a Content-Length that is no number' : null;
}

/** What Node's parser complained of; null: nothing, or nothing but the length. */
function findSyntaxFault(answer: Answer): string | null {
  const { parserFault } = answer;
  if (parserFault === null || findLengthFault(answer) !== null) return null;
  const named = answer.rawHeaders.some(([name]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name));
  if (named) return 'a header name with a space or another sign that no name has, or a header on two lines';
  const controls = answer.rawHeaders.some(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value));
  return controls ? 'a header value with a control character' : `an answer that Node's parser refuses (${parserFault})`;
}

const lengthChange = 'leave both headers to the HTTP server, in the program and in the proxy, and set neither by hand';
const lengthOnce = bodyCheck({
  id: 'known-user-one-length',
  level: 'MUST',
  title: 'MUST tell the length of a 200 in one way: one Content-Length, or Transfer-Encoding',
  platformVerdict: 'refused',
  source: 'RFC 9112, 6.2 and 6.3; RFC 9110, 8.6',
  why: 'Two clients see two ends of the same answer. Node, and others that are careful, take none of it; behind a proxy what lies between the two ends can become the answer for somebody else.',
  expected: 'one Content-Length that is a number, or Transfer-Encoding, or neither',
  change: lengthChange,
  mend: [
    { stack: 'express', text: 'Do not copy the headers of an upstream: its Content-Length comes beside Node’s own.' },
    { stack: 'flask', text: 'Do not set Transfer-Encoding: the server in front of the application does.' },
    { stack: 'spring', text: 'Do not return the headers of an upstream in a ResponseEntity: take Content-Type alone.' },
  ],
  takesTruncated: true,
  findFault(answer) {
    const seen = findLengthFault(answer);
    return seen === null ? null : { seen };
  },
});

const syntaxChange = 'write headers with the means of the HTTP server, each on one line, as Name: value';
const syntax = bodyCheck({
  id: 'known-user-http-syntax',
  level: 'MUST',
  title: 'MUST send a 200 that holds the grammar of HTTP/1.1',
  platformVerdict: 'refused',
  source: 'RFC 9112, 5 and 7.1; RFC 9110, 5.1 and 5.5',
  why: 'Careful clients, Node among them, take nothing of such an answer; forgiving ones read different things in it.',
  expected: 'an answer that Node’s HTTP client takes',
  change: syntaxChange,
  mend: [{ stack: 'nginx', text: 'See whether add_header puts a variable with a line break into a header.' }],
  takesTruncated: true,
  findFault(answer) {
    const seen = findSyntaxFault(answer);
    return seen === null ? null : { seen };
  },
});

/** Of 200s. The first answer that Node refuses is found whatever is wrong with it; of later ones it is not asked any more. */
export const messageSyntaxChecks: readonly Check[] = [lengthOnce, syntax];

export const errorSyntax: Check = {
  id: 'errors-http-syntax',
  level: 'MUST',
  platformVerdict: 'cosmetic',
  title: 'MUST send errors that hold the grammar of HTTP/1.1, their length told in one way',
  source: 'RFC 9112, 5, 6.2 and 6.3; RFC 9110, 8.6',
  why: 'The platform logs a parser’s complaint in place of the status, and a proxy may hand the rest of the error to somebody else as an answer.',
  mend: [
    { stack: 'any', text: 'Leave Content-Length and Transfer-Encoding of errors to the HTTP server.' },
    { stack: 'nginx', text: 'Let nginx write error pages itself, or pass on those of the upstream as they are.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const { asked, answer } of await askErrors(everyError(context), context)) {
      const seen = findLengthFault(answer) ?? findSyntaxFault(answer);
      assertConforms(seen === null, {
        asked,
        expected: 'an answer that Node’s HTTP client takes',
        seen: seen ?? '',
        change: findLengthFault(answer) === null ? syntaxChange : lengthChange,
        answers: [answer],
      });
    }
  },
};
