// Clauses of the rule set “hardening”: advice from this kit; a violation is a warning or, for MAY, an info.
import { type ClauseText, rfc } from './clause.ts';

/** By id. Ids are permanent. */
export const hardeningClauses = {
  'H-1': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'HTTP caches neither store nor serve responses, because a response is private to one user and can change.',
    references: [rfc(9111, '5.2.2.5'), rfc(9111, '3.5')],
  },
  'H-2': {
    level: 'MAY',
    basis: 'decision',
    sentence: 'Caches may store a 404, 410 or 204 by default. `Cache-Control: no-store` prevents this.',
    references: [rfc(9111, '4.2.2'), rfc(9110, '15.1')],
  },
  'H-3': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'Each name and value is sent once, exactly as policies spell it. It has no surrounding white space, invisible characters, HTML escapes or encoding errors, and no attribute is named `__proto__`.',
    references: [],
  },
  'H-4': {
    level: 'MAY',
    basis: 'decision',
    sentence: 'Names and values are in the composed Unicode form (NFC).',
    references: [rfc(8259, '8.3')],
  },
  'H-5': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'The body is not nested deeper than parsers accept.',
    references: [rfc(8259, '9')],
  },
  'H-6': {
    level: 'MAY',
    basis: 'decision',
    sentence: 'The body is at most 1 MiB long. The documentation does not mention a size limit for the platform.',
    references: [],
  },
  'H-7': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'The endpoint responds with 200 only to a request with exactly one non-empty, correctly encoded `userid`. The platform sends no other request.',
    references: [],
  },
  'H-8': {
    level: 'MAY',
    basis: 'decision',
    sentence:
      'A malformed request gets status 400. The endpoint detects a second `userid` even if the parameter name is percent-encoded.',
    references: [rfc(9110, '15.5.1')],
  },
  'H-9': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'An unknown user gets status 404, or another status that indicates that the user does not exist.',
    references: [rfc(9110, '15.5.5')],
  },
  'H-10': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'A user name with unusual characters does not cause a server error.',
    references: [rfc(9110, '15.6')],
  },
  'H-11': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'Surrounding white space is part of a user name, unless `--userid-spaces trimmed` is declared.',
    references: [rfc(4518, '2.6.1')],
  },
  'H-12': {
    level: 'MAY',
    basis: 'decision',
    sentence:
      'The documentation does not say which similar names identify one user. Such names differ only in letter case, in Unicode form, in the part from `@` onward, or in a plus sign for a space. The kit reports what the endpoint does.',
    references: [rfc(8265, '3.3')],
  },
  'H-13': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'Methods other than `GET` and `HEAD` do not return user info, even with the declared credentials.',
    references: [rfc(9110, '9.3.8')],
  },
  'H-14': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'The endpoint responds with 200 only on its own path.',
    references: [rfc(9110, '15.5.5')],
  },
  'H-15': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'The body of an error does not contain `groups` or `authorizations`. A client that ignores the status would use them.',
    references: [],
  },
  'H-16': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'An error is not a redirect. A client that follows the redirect may receive the 200 of a login page.',
    references: [rfc(9110, '15.4')],
  },
  'H-17': { level: 'MAY', basis: 'decision', sentence: 'Errors are problem documents.', references: [rfc(9457, '3')] },
  'H-18': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'Errors do not reveal stack traces, messages of data sources, or file paths.',
    references: [rfc(9457, '5')],
  },
  'H-19': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'A `userid` is escaped before it becomes part of an HTML page.',
    references: [rfc(9110, '17')],
  },
  'H-20': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'A request without an acceptable client certificate is rejected in the TLS handshake, or with 400, 401 or 403.',
    references: [rfc(9110, '15.5.4')],
  },
  'H-21': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'The endpoint accepts Basic credentials only after the scheme `Basic`.',
    references: [rfc(9110, '11.4')],
  },
  'H-22': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'The endpoint checks credentials before anything else. An unauthenticated client cannot find out which users exist.',
    references: [],
  },
  'H-23': {
    level: 'MAY',
    basis: 'decision',
    sentence: 'An unauthenticated client cannot find out from the response time which users exist.',
    references: [],
  },
  'H-24': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'While a data source is unavailable, the endpoint responds in time with a 5xx status.',
    references: [rfc(9110, '15.6.4')],
  },
  'H-25': {
    level: 'MAY',
    basis: 'decision',
    sentence: 'Groups and values have the same order in every response.',
    references: [],
  },
  'H-26': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'The endpoint works with additional headers, unfinished requests from other clients and parallel requests. It responds within the declared time.',
    references: [rfc(9112, '9.5')],
  },
  'H-27': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'The server certificate is renewed in time.',
    references: [rfc(5280, '4.1.2.5')],
  },
  'H-28': {
    level: 'SHOULD',
    basis: 'decision',
    sentence:
      'A data source that sends malformed, ambiguous or partial data leads to a 502. A data source that exceeds its deadline leads to a 504.',
    references: [rfc(9110, '15.6.3'), rfc(9110, '15.6.5')],
    notTestable:
      'The kit cannot choose the kind of failure from outside. With `--break`, the kit verifies that a failure leads to an error.',
  },
  'H-29': {
    level: 'MAY',
    basis: 'decision',
    sentence: 'Problem documents carry a stable code and a request id.',
    references: [rfc(9457, '3.2')],
    notTestable:
      'The platform does not read the bodies of errors, and the endpoint chooses the names of these members.',
  },
  'H-30': {
    level: 'SHOULD',
    basis: 'decision',
    sentence: 'An endpoint without authentication listens only on a loopback address.',
    references: [],
    notTestable: 'From outside, a loopback listener behind a forwarded port looks like any other listener.',
  },
} as const satisfies Readonly<Record<string, ClauseText>>;
