// Clauses of the rule set “contract”: a violation means that the endpoint does not conform.
import { type ClauseText, platformPage, rfc } from './clause.ts';

/** By id. Ids are permanent. */
export const contractClauses = {
  'C-1': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The platform sends `GET <URL>?userid=<user name>` for one user at a time, with the declared credentials. For a user who exists, the endpoint responds with status 200.',
    references: [platformPage],
  },
  'C-2': {
    level: 'MAY',
    basis: 'documented',
    sentence: 'The owner of the endpoint chooses its path. It does not have to be `/user-info`.',
    references: [platformPage],
    notTestable: 'Any path is allowed. Every check uses the path of the URL under test.',
  },
  'C-3': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The endpoint accepts the declared credentials: a Basic `Authorization` header, a client certificate, or both. If either one is declared to be sufficient, it accepts either one alone.',
    references: [platformPage],
  },
  'C-4': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The body of a 200 is a JSON object with `groups` and `authorizations`. `groups` is a list of objects with a `name`; `authorizations` is an object whose values are lists of strings. A user without groups or attributes gets `[]` and `{}`. The documentation does not mention other keys; the kit ignores them unless `--strict-keys` is given.',
    references: [platformPage],
  },
  'C-5': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The body of a 200 is one JSON text in UTF-8. The sample in the platform documentation has trailing commas: it is not JSON, and a strict parser rejects it.',
    references: [platformPage, rfc(8259, '2'), rfc(8259, '8.1')],
  },
  'C-6': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The platform receives the whole body of a 200 and can decode it. A truncated body, or one that is not compressed as its headers say, is not valid user info.',
    references: [platformPage, rfc(9110, '8.4'), rfc(9112, '8')],
  },
  'C-7': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'A 200 contains the groups and attributes of the requested user: all of them, and no others. The same request gets the same groups and attributes while the data does not change. This also applies during parallel requests for other users, on a reused connection, and while a data source is unavailable.',
    references: [platformPage],
  },
  'C-8': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'Any status other than 200 means that the user info could not be retrieved. The endpoint therefore does not respond with 200 for a user whom it does not know.',
    references: [platformPage],
  },
  'C-9': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      '`userid` is the user name on the platform, and it identifies one user. The endpoint does not return the data of one user for a longer, shorter or differently written name.',
    references: [platformPage],
  },
  'C-10': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'Every character of `userid` is data. No character has a special meaning for a database, an LDAP directory, a path or an interpreter behind the endpoint.',
    references: [platformPage],
  },
  'C-11': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The endpoint percent-decodes `userid` exactly once, so that every user name arrives as the platform sent it.',
    references: [platformPage, rfc(3986, '2.4')],
  },
  'C-12': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The endpoint compares user names as declared with `--userid-case` and `--userid-spaces`. The platform documentation does not say whether letter case and surrounding spaces matter.',
    references: [platformPage],
  },
  'C-13': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The endpoint returns no user info to a client without credentials, or with only one of two required kinds.',
    references: [platformPage],
  },
  'C-14': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The endpoint does not return user info to a client with Basic credentials other than the declared ones. It compares the whole user name and the whole password.',
    references: [platformPage, rfc(7617, '2')],
  },
  'C-15': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'Where a client certificate is required, the endpoint does not return user info to a client without one. The same applies to a client whose certificate was not issued by the trusted CA or is outside its validity period.',
    references: [platformPage, rfc(5280, '6.1.3')],
  },
  'C-16': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'Every other way to reach the endpoint is protected like the documented one: other methods, other spellings of the path, additional headers, reused connections and resumed TLS sessions.',
    references: [platformPage],
  },
  'C-17': {
    level: 'MUST',
    basis: 'documented',
    sentence:
      'The platform requests the user info at login and at each synchronization. It merges the response with the groups and attributes from the identity provider.',
    references: [platformPage],
    notTestable: 'This clause describes the platform, and requires nothing of the endpoint.',
  },
  'C-18': {
    level: 'MAY',
    basis: 'documented',
    sentence:
      'The documentation does not say how a non-200 status, a timeout or a TLS failure affects data on the platform.',
    references: [platformPage],
    notTestable: 'This clause describes the platform, and requires nothing of the endpoint.',
  },
} as const satisfies Readonly<Record<string, ClauseText>>;
