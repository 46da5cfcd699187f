// Clauses of the rule set “standards”: an RFC requires, recommends or allows them, and a violation is a warning or, for MAY, an info.
import { type ClauseText, rfc } from './clause.ts';

/** By id. Ids are permanent. */
export const standardClauses = {
  'S-1': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A response has at most one `Content-Type` header.',
    references: [rfc(9110, '5.3')],
  },
  'S-2': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'A response with a body declares its media type. The media type of JSON is `application/json`.',
    references: [rfc(9110, '8.3'), rfc(8259, '11')],
  },
  'S-3': {
    level: 'SHOULD',
    basis: 'standard',
    sentence:
      'JSON is UTF-8, and its media type has no `charset` parameter. A parameter that names another encoding misleads clients.',
    references: [rfc(8259, '8.1'), rfc(8259, '11')],
  },
  'S-4': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'JSON strings do not contain unpaired surrogates, because parsers treat them differently.',
    references: [rfc(8259, '8.2'), rfc(7493, '2.1')],
  },
  'S-5': {
    level: 'MUST',
    basis: 'standard',
    sentence:
      'The length of a message is declared once and correctly: one numeric `Content-Length`, or `Transfer-Encoding`. No bytes follow the end of the message.',
    references: [rfc(9110, '8.6'), rfc(9112, '6.2'), rfc(9112, '6.3')],
  },
  'S-6': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'Header lines follow the grammar of HTTP/1.1.',
    references: [rfc(9112, '5'), rfc(9110, '5.5')],
  },
  'S-7': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'A response is not compressed if the request accepts only `identity`.',
    references: [rfc(9110, '12.5.3')],
  },
  'S-8': {
    level: 'SHOULD',
    basis: 'standard',
    sentence:
      '`Accept: */*` accepts every media type. The response to such a request has the same media type as the response to `Accept: application/json`.',
    references: [rfc(9110, '12.5.1')],
  },
  'S-9': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A UTF-8 decoder rejects invalid byte sequences.',
    references: [rfc(3629, '3')],
  },
  'S-10': {
    level: 'MAY',
    basis: 'standard',
    sentence: 'A character that is percent-encoded unnecessarily is equivalent to the unencoded character.',
    references: [rfc(3986, '6.2.2.2')],
  },
  'S-11': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'A query may contain `@` without percent-encoding.',
    references: [rfc(3986, '3.4')],
  },
  'S-12': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: '`HEAD` gets the status and the headers of `GET`.',
    references: [rfc(9110, '9.3.2')],
  },
  'S-13': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'The response to `HEAD` has no content.',
    references: [rfc(9110, '9.3.2')],
  },
  'S-14': {
    level: 'MUST',
    basis: 'standard',
    sentence: '`Content-Length` in the response to `HEAD` equals that of `GET`, or is absent.',
    references: [rfc(9110, '8.6')],
  },
  'S-15': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'A method that is not allowed gets status 405, and an unknown method gets status 501.',
    references: [rfc(9110, '9.1'), rfc(9110, '15.5.6')],
  },
  'S-16': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A 405 carries an `Allow` header.',
    references: [rfc(9110, '15.5.6')],
  },
  'S-17': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'A server does not reveal needlessly detailed information about its software.',
    references: [rfc(9110, '10.2.4')],
  },
  'S-18': {
    level: 'SHOULD',
    basis: 'standard',
    sentence:
      'A request with missing, malformed or wrong credentials gets status 401. A server may also refuse it with 403.',
    references: [rfc(9110, '11.4'), rfc(9110, '15.5.4')],
  },
  'S-19': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A 401 carries a `WWW-Authenticate` header with at least one challenge. A Basic challenge has a realm.',
    references: [rfc(9110, '11.6.1'), rfc(7617, '2')],
  },
  'S-20': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'The realm of a challenge is a quoted string.',
    references: [rfc(9110, '11.5')],
  },
  'S-21': {
    level: 'MAY',
    basis: 'standard',
    sentence: 'A Basic challenge can declare that credentials are encoded in UTF-8.',
    references: [rfc(7617, '2.1')],
  },
  'S-22': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'The name of an authentication scheme is case-insensitive.',
    references: [rfc(9110, '11.1')],
  },
  'S-23': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'One or more spaces separate the authentication scheme from the credentials.',
    references: [rfc(9110, '11.4')],
  },
  'S-24': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A Base64 decoder rejects characters outside the alphabet.',
    references: [rfc(4648, '3.3')],
  },
  'S-25': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'Responses to pipelined requests are sent in the order of the requests.',
    references: [rfc(9112, '9.3.2')],
  },
  'S-26': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A server parses a request from a stream of bytes, however the network splits it.',
    references: [rfc(9112, '2.2')],
  },
  'S-27': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A header that is larger than the server accepts gets a 4xx status.',
    references: [rfc(9110, '5.4')],
  },
  'S-28': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'TLS 1.1 and earlier versions are not negotiated.',
    references: [rfc(8996, '4'), rfc(8996, '5')],
  },
  'S-29': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'Ciphers without encryption or authentication, export ciphers, DES and RC4 are not negotiated.',
    references: [rfc(9325, '4.1'), rfc(7465, '2')],
  },
  'S-30': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'Ciphers with fewer than 128 bits of security, such as 3DES, are not negotiated.',
    references: [rfc(9325, '4.1')],
  },
  'S-31': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'TLS compression is not used.',
    references: [rfc(9325, '3.3')],
  },
  'S-32': { level: 'SHOULD', basis: 'standard', sentence: 'TLS 1.3 is supported.', references: [rfc(9325, '3.1.1')] },
  'S-33': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'The key exchange provides forward secrecy.',
    references: [rfc(9325, '4.1')],
  },
  'S-34': {
    level: 'MUST',
    basis: 'standard',
    sentence:
      'The server sends its certificate with every intermediate certificate. It may omit only the trust anchor.',
    references: [rfc(8446, '4.4.2')],
  },
  'S-35': {
    level: 'MUST',
    basis: 'standard',
    sentence:
      'The server certificate contains the host of the URL as a subject alternative name. Clients ignore the common name.',
    references: [rfc(9110, '4.3.4'), rfc(9525, '2')],
  },
  'S-36': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'The key of the server certificate has at least 2,048 bits (RSA) or 224 bits (elliptic curves).',
    references: [rfc(9325, '4.5')],
  },
  'S-37': {
    level: 'MUST',
    basis: 'standard',
    sentence: 'A certificate is used only for the purposes that its extended key usage names.',
    references: [rfc(5280, '4.2.1.12')],
  },
  'S-38': {
    level: 'MAY',
    basis: 'standard',
    sentence: 'A 503 can carry `Retry-After`.',
    references: [rfc(9110, '15.6.4'), rfc(9110, '10.2.3')],
  },
  'S-39': {
    level: 'SHOULD',
    basis: 'standard',
    sentence: 'A client that sends too many requests gets status 429.',
    references: [rfc(6585, '4')],
    notTestable:
      'The kit does not provoke this status. When it receives a 429, it waits, or stops sending such requests.',
  },
} as const satisfies Readonly<Record<string, ClauseText>>;
