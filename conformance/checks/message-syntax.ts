// Checks of responses that violate the grammar of HTTP: repeated lengths, malformed headers.
import type { Check } from '../check.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms } from '../report/finding.ts';
import { bodyCheck } from './body-check.ts';
import { askErrors, everyError } from './error-cases.ts';

/** Returns what is wrong with the length of a response; null: nothing. */
function findLengthFault({ rawHeaders }: Answer): string | null {
  const valuesOf = (header: string) =>
    rawHeaders.filter(([name]) => name.trim().toLowerCase() === header).map(([, value]) => value);
  const lengths = valuesOf('content-length');
  if (lengths.length > 0 && valuesOf('transfer-encoding').length > 0)
    return 'Content-Length together with Transfer-Encoding';
  if (lengths.length > 1)
    return `${lengths.length} Content-Length headers, with ${new Set(lengths).size === 1 ? 'the same value' : 'different values'}`;
  return lengths.some((length) => !/^\d+$/.test(length)) ? 'a Content-Length that is not a number' : null;
}

/** Returns what Node's parser rejected; null: nothing, or only the length. */
function findSyntaxFault(answer: Answer): string | null {
  const { parserFault } = answer;
  if (parserFault === null || findLengthFault(answer) !== null) return null;
  const named = answer.rawHeaders.some(([name]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name));
  if (named) return 'a header name with a space or another invalid character, or a header on two lines';
  const controls = answer.rawHeaders.some(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value));
  return controls
    ? 'a header value with a control character'
    : `a response that the parser of Node.js rejects (${parserFault})`;
}

const lengthChange = 'let the HTTP server set Content-Length and Transfer-Encoding, in the program and in the proxy';
const lengthOnce = bodyCheck({
  id: 'known-user-one-length',
  title: 'MUST specify the length of a 200 at most once, with one Content-Length or Transfer-Encoding',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-5'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Clients disagree about where the response ends. Node.js rejects such a response. Behind a proxy, the bytes between the two possible ends can become the response to another client.',
  expected: 'one numeric Content-Length, or Transfer-Encoding, or neither',
  change: lengthChange,
  fix: [
    {
      stack: 'express',
      text: 'Do not copy the headers of an upstream: its Transfer-Encoding would be sent together with the Content-Length of Express.',
    },
    { stack: 'flask', text: 'Do not set Transfer-Encoding: the server in front of the application does.' },
    { stack: 'spring', text: 'Do not return the headers of an upstream in a ResponseEntity, except Content-Type.' },
  ],
  takesTruncated: true,
  findFault(answer) {
    const seen = findLengthFault(answer);
    return seen === null ? null : { seen };
  },
});

const syntaxChange = 'write headers with the API of the HTTP server, each on one line as Name: value';
const syntax = bodyCheck({
  id: 'known-user-http-syntax',
  title: 'MUST send a 200 that follows the grammar of HTTP/1.1',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-6'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Strict clients, such as Node.js, reject the response. Lenient clients may interpret it differently.',
  expected: 'a response that the HTTP client of Node.js accepts',
  change: syntaxChange,
  fix: [{ stack: 'nginx', text: 'Check whether add_header puts a variable with a line break into a header.' }],
  takesTruncated: true,
  findFault(answer) {
    const seen = findSyntaxFault(answer);
    return seen === null ? null : { seen };
  },
});

/** For 200s. After the first response that Node.js rejects, the kit no longer uses Node's parser. */
export const messageSyntaxChecks: readonly Check[] = [lengthOnce, syntax];

export const errorSyntax: Check = {
  id: 'errors-http-syntax',
  title: 'MUST send errors that follow the grammar of HTTP/1.1 and specify their length at most once',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-5', 'S-6'],
  impact: 'cosmetic',
  why: 'A client logs a parser error instead of the status. A proxy may send the rest of the error to another client.',
  fix: [
    { stack: 'any', text: 'Let the HTTP server set Content-Length and Transfer-Encoding for errors.' },
    { stack: 'nginx', text: 'Let nginx write error pages, or pass those of the upstream unchanged.' },
  ],
  needs: ['control'],
  async run(context) {
    for (const { asked, answer } of await askErrors(everyError(context), context)) {
      const seen = findLengthFault(answer) ?? findSyntaxFault(answer);
      assertConforms(seen === null, {
        asked,
        expected: 'a response that the HTTP client of Node.js accepts',
        seen: seen ?? '',
        change: findLengthFault(answer) === null ? syntaxChange : lengthChange,
        answers: [answer],
      });
    }
  },
};
